//! Servers that have no certificate for the name: they refuse every hello, or show one that can hold no names.
//!
//! Caddy and other programs in Go answer `internal_error` then. The alert alone proves nothing, so that a
//! rule that knows a change which helps comes first.

use crate::evidence::Evidence;
use crate::observation::{Failure, TlsVariation};
use crate::rules::{Judgement, Rule, Support, reach};
use crate::words;

pub(super) const NO_CERTIFICATE: Rule = Rule {
    cause: "tls-name-mismatch",
    explains: &[],
    judge: no_certificate,
};

fn no_certificate(evidence: &Evidence<'_>) -> Judgement {
    let Some((first, failure @ Failure::Alert { code: 49 | 80, .. })) = reach::tls_failed(evidence)
    else {
        return Judgement::nothing();
    };
    if first.fact.client_certificate_requested {
        return Judgement::nothing();
    }
    let others: Vec<_> = [
        TlsVariation::OpenSsl,
        TlsVariation::Only12,
        TlsVariation::WithoutPostQuantum,
    ]
    .iter()
    .filter_map(|variation| evidence.tls(variation))
    .collect();
    let alike = others.iter().all(|seen| {
        matches!(reach::failure(seen), Some(Failure::Alert { code, .. }) if matches!(code, 40 | 49 | 80))
    });
    let Some(other) = others.first().filter(|_| alike) else {
        return Judgement::nothing();
    };
    let host = &evidence.target().host;
    Support::possible(
        format!(
            "The server answers in TLS and refuses every hello: it may have no certificate for `{host}`, or not serve that name."
        ),
        first.shows(format!("To the ordinary TLS hello: {}.", words::failure(failure))),
    )
    .and(other.shows("Another TLS library, or an older version of TLS, is refused as well."))
    .untested("the same with a name that the server is known to serve")
    .weighing(30)
    .into()
}

pub(super) const VERSION_1: Rule = Rule {
    cause: "tls-name-mismatch",
    explains: &[],
    judge: |evidence| {
        match reach::tls_failed(evidence) {
        Some((seen, Failure::Other { detail })) if detail.contains("UnsupportedCertVersion") => {
            Support::likely(
                "The server shows a certificate of X.509 version 1, which has no place for the names of hosts.",
                seen.shows(format!("The TLS library says: {detail}.")),
            )
            .into()
        }
        _ => Judgement::nothing(),
    }
    },
};

#[cfg(test)]
mod tests {
    use crate::Confidence;
    use crate::observation::{Failure, TlsOutcome, TlsVariation};
    use crate::rules::scene::{Scene, alert, public, trusted};

    #[test]
    fn a_server_that_refuses_every_hello_may_not_serve_the_name() {
        for code in [49, 80] {
            let mut scene = Scene::secure().tls(move |_| TlsOutcome::Failed(alert(code)));
            let found = &scene.check().findings[0];
            assert_eq!(found.cause, "tls-name-mismatch");
            assert_eq!(found.confidence, Confidence::Possible);
        }
    }

    #[test]
    fn an_old_kind_of_certificate_names_no_host() {
        let mut scene = Scene::secure().tls(|_| {
            TlsOutcome::Failed(Failure::Other {
                detail:
                    "rustls: invalid peer certificate: Other(OtherError(UnsupportedCertVersion))"
                        .into(),
            })
        });
        let found = &scene.check().findings[0];
        assert_eq!(found.cause, "tls-name-mismatch");
        assert_eq!(found.confidence, Confidence::Likely);
    }

    #[test]
    fn a_change_that_helps_is_a_better_reason() {
        let mut scene = Scene::secure().tls(|variation| {
            if *variation == TlsVariation::Only12 {
                trusted(public())
            } else {
                TlsOutcome::Failed(alert(80))
            }
        });
        assert_ne!(scene.faults()[0], "tls-name-mismatch");
    }
}
