//! Something stands before the application and answers by its own page: challenge, firewall, portal, filter.

use super::flip;
use crate::challenge::Challenge;
use crate::evidence::{Evidence, Seen};
use crate::finding::Confidence;
use crate::markers;
use crate::observation::{BrowserOutcome, ControlPath, Response};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support};

pub(super) const CHALLENGE: Rule = Rule {
    cause: "http-403-cdn-challenge",
    explains: &[
        "http-403-waf-rule",
        "http-403-connect-refused",
        "http-block-page",
        "http-429",
        "http-503",
        "http-405-501",
        "http-403-ip-reputation",
        "http-cdn-ws-off",
        "http-403-ua",
    ],
    judge: challenge,
};

fn challenge(evidence: &Evidence<'_>) -> Judgement {
    let marked = evidence
        .refusal()
        .and_then(|refusal| Some((refusal, Challenge::in_answer(refusal.fact)?)));
    let Some((refusal, Challenge { vendor, mark })) = marked else {
        return challenged_page(evidence);
    };
    let mut case = Support::certain(
        format!(
            "{} asks for proof of a human before it lets a handshake in; a WebSocket cannot show that page.",
            capital(vendor)
        ),
        refusal.shows(format!(
            "The answer is {}; {mark}.",
            flip::status(refusal.fact)
        )),
    );
    if let Some(ray) = refusal.fact.header("cf-ray") {
        case = case.and(refusal.shows(format!(
            "The number its operator can search for: cf-ray {ray}."
        )));
    }
    case.into()
}

/// This program's own refusal bears no mark or there is none, but the browser met the challenge.
fn challenged_page(evidence: &Evidence<'_>) -> Judgement {
    if evidence.switched().is_some() {
        return Judgement::nothing();
    }
    let challenged = evidence
        .browsers()
        .filter(|seen| matches!(seen.fact.outcome, BrowserOutcome::Failed { .. }))
        .find_map(|seen| {
            let of_page = || {
                let page = seen.fact.document.as_deref()?;
                Some(("visits the page", page, Challenge::in_page(page)?))
            };
            let answer = seen.fact.response.as_ref();
            let found = answer
                .and_then(|answer| {
                    Some(("opens the WebSocket", answer, Challenge::in_answer(answer)?))
                })
                .or_else(of_page);
            found.map(|found| (seen, found))
        });
    let Some((seen, (deed, answer, Challenge { vendor, mark }))) = challenged else {
        return Judgement::nothing();
    };
    Support::likely(
        format!(
            "{} asks even a browser for proof of a human first, and lets no WebSocket in before.",
            capital(vendor)
        ),
        seen.shows(format!(
            "{} {deed} and gets {}; {mark}.",
            seen.fact.browser,
            flip::status(answer)
        )),
    )
    .untested("the same in a browser whose user has passed the check")
    .into()
}

pub(super) const FIREWALL: Rule = Rule {
    cause: "http-403-waf-rule",
    explains: &[
        "http-403-connect-refused",
        "http-400-generic",
        "http-block-page",
        "http-404",
        "http-200-app",
    ],
    judge: firewall,
};

fn firewall(evidence: &Evidence<'_>) -> Judgement {
    let Some(refusal) = evidence.refusal() else {
        return Judgement::nothing();
    };
    match markers::firewall_rule(refusal.fact) {
        Some((product, mark)) => Support::certain(
            format!("A rule of {product} refuses the handshake."),
            refusal.shows(format!(
                "The answer is {}; {mark}.",
                flip::status(refusal.fact)
            )),
        )
        .into(),
        None => Judgement::nothing(),
    }
}

pub(super) const ADDRESS: Rule = Rule {
    cause: "http-403-ip-reputation",
    explains: &[
        "http-403-connect-refused",
        "http-403-waf-rule",
        "http-block-page",
    ],
    judge: address,
};

fn address(evidence: &Evidence<'_>) -> Judgement {
    let Some(refusal) = evidence.refusal() else {
        return Judgement::nothing();
    };
    if let Some(mark) = markers::address_refused(refusal.fact) {
        return Support::likely(
            "The server refuses this machine's address, network or country.",
            refusal.shows(format!(
                "The answer is {}; {mark}.",
                flip::status(refusal.fact)
            )),
        )
        .untested("the same request from another network, for example a phone's hotspot")
        .weighing(60)
        .into();
    }
    if refusal.fact.status != 403 || !flip::unexplained(evidence) || flip::intermittent(evidence) {
        return Judgement::nothing();
    }
    refused_like_everything(evidence, &refusal)
}

/// Ordinary requests get the very same refusal, so it is not about the WebSocket.
fn refused_like_everything(evidence: &Evidence<'_>, refusal: &Seen<'_, Response>) -> Judgement {
    // A refusal that the application wrote, or that names what it objects to, is not about the address.
    if super::gate::from_application(refusal.fact)
        || markers::origin_refused(refusal.fact).is_some()
    {
        return Judgement::nothing();
    }
    let alike = |path| {
        evidence
            .control(path)
            .filter(|control| markers::same_answer(control.fact, refusal.fact))
    };
    let Some(same) = alike(ControlPath::Same) else {
        return Judgement::nothing();
    };
    let root = alike(ControlPath::Root);
    let confidence = if root.is_some() {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    Judgement::from(
        Support::new(
            confidence,
            "The server refuses this machine's address, or everybody, before it looks at the WebSocket: ordinary requests get the same refusal.",
            refusal.shows(format!("The handshake is answered {}.", flip::status(refusal.fact))),
        )
        .and(same.shows("An ordinary request for the same path gets the very same answer."))
        .and_all(root.map(|root| root.shows("So does one for the front page.")))
        .untested("the same request from another network, for example a phone's hotspot")
        .weighing(60),
    )
    .and_ask([Question::Control { path: ControlPath::Root, plain: false }])
}

pub(super) const CAPTIVE_PORTAL: Rule = Rule {
    cause: "http-captive-portal",
    explains: &[
        "http-redirect",
        "http-block-page",
        "http-200-app",
        "http-403-connect-refused",
        "http-404",
    ],
    judge: captive_portal,
};

fn captive_portal(evidence: &Evidence<'_>) -> Judgement {
    let Some(refusal) = evidence.refusal() else {
        return Judgement::nothing();
    };
    if let Some(mark) = markers::captive_portal(refusal.fact) {
        let case = if refusal.fact.status == 511 || same_everywhere(evidence, refusal.fact) {
            Support::certain(PORTAL, portal_shows(&refusal, &mark))
        } else {
            Support::likely(PORTAL, portal_shows(&refusal, &mark))
        };
        return Judgement::from(case.weighing(60)).and_ask([absent_path()]);
    }
    // A permanent redirect is a site's own; a portal goes away once one has logged in.
    if !matches!(refusal.fact.status, 302 | 303 | 307)
        || markers::block_page(refusal.fact).is_some()
        || signs_in_elsewhere(refusal.fact)
    {
        return Judgement::nothing();
    }
    if leads_elsewhere(evidence, refusal.fact) {
        if same_everywhere(evidence, refusal.fact) {
            return Support::likely(
                PORTAL,
                portal_shows(&refusal, "every path, even one that cannot exist, is sent to the same page of another host"),
            )
            .weighing(60)
            .untested("whether the same happens to other hosts on this network")
            .into();
        }
        return Judgement::ask([absent_path()]);
    }
    Judgement::nothing()
}

const PORTAL: &str = "The network answers in the server's place with its log-in page.";

fn portal_shows(refusal: &Seen<'_, Response>, mark: &str) -> crate::finding::Evidence {
    refusal.shows(format!(
        "The answer is {}; {mark}.",
        flip::status(refusal.fact)
    ))
}

fn absent_path() -> Question {
    Question::Control {
        path: ControlPath::Absent,
        plain: false,
    }
}

/// Whether a redirect names another host and has nothing of the path asked for.
pub(super) fn leads_elsewhere(evidence: &Evidence<'_>, response: &Response) -> bool {
    let Some(location) = response.header("location") else {
        return false;
    };
    let Some((_, rest)) = location.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host);
    let path = evidence.target().path.trim_start_matches('/');
    let path = path.split('?').next().unwrap_or("");
    let keeps_path = !path.is_empty() && rest.contains(path);
    !host
        .trim_matches(['[', ']'])
        .eq_ignore_ascii_case(&evidence.target().host)
        && !keeps_path
        || host.is_empty()
}

/// Whether a redirect leads to a sign-in service that the site itself uses.
fn signs_in_elsewhere(response: &Response) -> bool {
    let location = response.header("location").unwrap_or("");
    let lower = location.to_ascii_lowercase();
    [
        "oauth",
        "openid",
        "saml",
        "sso",
        "/cdn-cgi/access",
        "redirect_uri",
    ]
    .iter()
    .any(|mark| lower.contains(mark))
}

/// Whether a path that cannot exist gets the very same answer.
fn same_everywhere(evidence: &Evidence<'_>, response: &Response) -> bool {
    evidence
        .control(ControlPath::Absent)
        .is_some_and(|absent| markers::same_answer(absent.fact, response))
}

pub(super) const BLOCK_PAGE: Rule = Rule {
    cause: "http-block-page",
    explains: &[
        "http-redirect",
        "http-200-app",
        "http-403-connect-refused",
        "http-404",
        "http-400-generic",
        "http-middleware-200",
    ],
    judge: block_page,
};

/// Whether a page that a filter titles as its own answers, whatever status it chose.
pub(super) fn filter_answers(response: &Response) -> bool {
    let title = markers::title(response).to_ascii_lowercase();
    ["blocked", "denied", "filter", "violation"]
        .iter()
        .any(|word| title.contains(word))
        && markers::block_page(response).is_some()
}

fn block_page(evidence: &Evidence<'_>) -> Judgement {
    let Some(refusal) = evidence.refusal() else {
        return Judgement::nothing();
    };
    let Some(mark) = markers::block_page(refusal.fact) else {
        return Judgement::nothing();
    };
    let titled = match markers::title(refusal.fact) {
        "" => String::new(),
        title => format!(" with a page titled \"{title}\""),
    };
    let shows = refusal.shows(format!(
        "The answer is {}{titled}; {mark}.",
        flip::status(refusal.fact)
    ));
    let summary = "A filter answers with its block page in the server's place.";
    if let Some(root) = evidence.control(ControlPath::Root)
        && markers::block_page(root.fact).is_some()
    {
        return Support::certain(summary, shows)
            .and(root.shows("The host's front page gets the filter's page too."))
            .into();
    }
    let case = Support::likely(summary, shows).untested("the same request from another network");
    Judgement::from(case.weighing(60)).and_ask([
        Question::Control {
            path: ControlPath::Same,
            plain: false,
        },
        Question::Control {
            path: ControlPath::Root,
            plain: false,
        },
    ])
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}
