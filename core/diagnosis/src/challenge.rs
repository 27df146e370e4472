//! Whether an answer is a challenge page: a bot protection that wants proof of a human first.
//!
//! Asked by whatever meets such a page outside a diagnosis: a page visit, a browser's refused socket. It must never say
//! how to pass one: Towpath reports a challenge with what its operator can change, and neither solves it nor waits for it.

use crate::catalogue::{self, Remedy};
use crate::markers;
use crate::observation::Response;

/// Id of the cause in the catalogue.
pub const CAUSE: &str = "http-403-cdn-challenge";

/// A challenge and the mark by which it was known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Who asks, in words: a product's name, or `a bot protection`.
    pub vendor: &'static str,
    /// What in the answer shows it.
    pub mark: String,
}

impl Challenge {
    /// The challenge in an answer to a handshake or to a request of this program, if it is one.
    pub fn in_answer(response: &Response) -> Option<Self> {
        let (vendor, mark) = markers::challenge(response)?;
        Some(Self { vendor, mark })
    }

    /// The challenge that a browser got for a page, if it is one.
    ///
    /// Stricter than [`Challenge::in_answer`]: the pages of a protected site bear its protection's scripts and headers
    /// also where they are let through, and a page that is only missing is no challenge.
    pub fn in_page(response: &Response) -> Option<Self> {
        let refused = response.status >= 400 && !matches!(response.status, 404 | 410);
        let says_so = ["cf-mitigated", "x-vercel-mitigated", "x-amzn-waf-action"]
            .iter()
            .any(|name| response.has(name));
        let known_by_script_alone = markers::challenge(response)
            .is_some_and(|(vendor, _)| vendor == SENDS_CHALLENGES_WITH_STATUS_200);
        (refused || says_so || known_by_script_alone)
            .then(|| Self::in_answer(response))
            .flatten()
    }

    /// What happened, as one sentence about the page or address named first in it.
    pub fn sentence(&self, place: &str) -> String {
        format!(
            "{place} is behind {}, which asks for proof of a human: {}",
            self.vendor, self.mark
        )
    }

    /// Who must change what, for a target at this host and path.
    pub fn remedy(host: &str, path: &str) -> Remedy {
        let cause = catalogue::find(CAUSE).expect("a test looks it up in the catalogue");
        let fill = |text: &str| text.replace("{host}", host).replace("{path}", path);
        Remedy {
            user: fill(&cause.remedy.user),
            it: fill(&cause.remedy.it),
            operator: fill(&cause.remedy.operator),
        }
    }
}

/// Its script stands on no page that was let through, unlike those of content delivery networks.
const SENDS_CHALLENGES_WITH_STATUS_200: &str = "Anubis";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Body, Header};

    fn page(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
        let header = |&(name, value): &(&str, &str)| Header {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        Response {
            status,
            headers: headers
                .iter()
                .chain(&[("content-type", "text/html")])
                .map(header)
                .collect(),
            body: Body {
                text: body.to_owned(),
                ..Body::default()
            },
            ..Response::default()
        }
    }

    #[test]
    fn a_mark_of_the_product_makes_a_challenge_whatever_the_status() {
        for (status, header) in [
            (403, ("cf-mitigated", "challenge")),
            (429, ("x-vercel-mitigated", "challenge")),
            (202, ("x-amzn-waf-action", "challenge")),
            (405, ("x-amzn-waf-action", "captcha")),
            (403, ("x-datadome", "protected")),
        ] {
            let page = page(status, &[header], "");
            assert!(Challenge::in_page(&page).is_some(), "{header:?}");
        }
    }

    #[test]
    fn a_title_counts_on_a_refusal_only() {
        let text = "<title>Just a moment...</title>";
        let challenge = Challenge::in_page(&page(403, &[], text)).expect("challenge");
        assert_eq!(challenge.vendor, "Cloudflare");
        assert_eq!(Challenge::in_page(&page(200, &[], text)), None);
    }

    #[test]
    fn a_protected_page_that_was_let_through_is_none() {
        let script = "<script src=\"/_Incapsula_Resource?SWJIYLWA=1\"></script><p>welcome</p>";
        assert_eq!(Challenge::in_page(&page(200, &[], script)), None);
        let missing = page(404, &[("x-datadome", "protected")], "not here");
        assert_eq!(Challenge::in_page(&missing), None);
        let plain = page(403, &[("server", "cloudflare")], "forbidden");
        assert_eq!(Challenge::in_page(&plain), None);
    }

    #[test]
    fn a_challenge_that_comes_with_200_is_known_by_its_script() {
        let text = "<script src=\"/.within.website/x/cmd/anubis/static/js/main.mjs\"></script>";
        let challenge = Challenge::in_page(&page(200, &[], text)).expect("challenge");
        assert_eq!(challenge.vendor, "Anubis");
    }

    #[test]
    fn the_remedy_is_the_catalogues_with_the_place_filled_in() {
        let remedy = Challenge::remedy("chat.example", "/socket");
        assert!(remedy.operator.contains("/socket"), "{remedy:?}");
        assert!(remedy.user.contains("chat.example"), "{remedy:?}");
    }
}
