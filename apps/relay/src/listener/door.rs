//! Who may see the status: callers that ask by a name of ours, from no page but ours, with the token where one is set.
//!
//! A name that somebody else made to point here must never be answered, since their page would be of that origin.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{self, HeaderMap};
use http::{Method, Request, StatusCode};
use towpath_secret::Secret;
use url::{Host, Url};

/// The rules of one listener.
#[derive(Debug)]
pub(super) struct Door {
    hosts: Vec<String>,
    token: Option<Secret>,
}

/// Why a request is not answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The status.
    pub(super) status: StatusCode,
    /// What the caller is told.
    pub(super) text: &'static str,
}

impl Door {
    pub(super) fn new(hosts: Vec<String>, token: Option<Secret>) -> Self {
        Self { hosts, token }
    }

    /// Judges a request by everything but the token.
    pub(super) fn admit<B>(&self, request: &Request<B>) -> Result<(), Refusal> {
        let no = |status, text| Err(Refusal { status, text });
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return no(StatusCode::METHOD_NOT_ALLOWED, "only GET\n");
        }
        let headers = request.headers();
        let Some(host) = host(headers) else {
            return no(StatusCode::BAD_REQUEST, "Host is missing\n");
        };
        if !self.is_ours(&host) {
            return no(StatusCode::MISDIRECTED_REQUEST, FOREIGN_HOST);
        }
        let of_us = |origin: &header::HeaderValue| {
            let origin = origin.to_str().ok().and_then(|text| Url::parse(text).ok());
            origin.is_some_and(|origin| origin.origin() == host.origin())
        };
        if !headers.get_all(header::ORIGIN).iter().all(of_us) {
            return no(StatusCode::FORBIDDEN, "this Origin is not allowed\n");
        }
        Ok(())
    }

    /// Whether the request shows the token, where one is needed: as a bearer, or as the password that a browser asks for.
    pub(super) fn shows_token(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else {
            return true;
        };
        let Some(given) = headers.get(header::AUTHORIZATION) else {
            return false;
        };
        let given = given.as_bytes();
        if let Some(bearer) = given.strip_prefix(b"Bearer ") {
            return token.is(bearer);
        }
        let basic = given.strip_prefix(b"Basic ");
        let Some(pair) = basic.and_then(|coded| STANDARD.decode(coded).ok()) else {
            return false;
        };
        let password = pair.iter().position(|byte| *byte == b':');
        password.is_some_and(|colon| token.is(&pair[colon + 1..]))
    }

    fn is_ours(&self, host: &Url) -> bool {
        match host.host() {
            Some(Host::Domain(name)) => {
                let listed = |ours: &String| name.eq_ignore_ascii_case(ours);
                name == "localhost" || self.hosts.iter().any(listed)
            }
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
            None => false,
        }
    }
}

fn host(headers: &HeaderMap) -> Option<Url> {
    let mut named = headers.get_all(header::HOST).iter();
    let host = named.next().filter(|_| named.next().is_none())?;
    Url::parse(&format!("http://{}", host.to_str().ok()?)).ok()
}

const FOREIGN_HOST: &str =
    "this name is not the relay's; ask by its address, or add the name to hosts in [status]\n";

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)]) -> Request<()> {
        let mut request = Request::get("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap()
    }

    #[test]
    fn only_our_names_and_our_pages_are_answered() {
        let door = Door::new(vec!["relay.example".to_owned()], None);
        for (headers, status) in [
            (&[("host", "127.0.0.1:9380")][..], None),
            (&[("host", "[::1]:9380")], None),
            (&[("host", "localhost:9380")], None),
            (&[("host", "Relay.Example")], None),
            (&[("host", "evil.example")], Some(421)),
            (&[("host", "localhost.evil.example")], Some(421)),
            (&[], Some(400)),
            (&[("host", "a"), ("host", "b")], Some(400)),
            (
                &[("host", "localhost:1"), ("origin", "http://localhost:1")],
                None,
            ),
            (
                &[("host", "localhost:1"), ("origin", "http://localhost:2")],
                Some(403),
            ),
            (&[("host", "localhost:1"), ("origin", "null")], Some(403)),
            (
                &[("host", "localhost:1"), ("origin", "https://evil.example")],
                Some(403),
            ),
        ] {
            let told = door.admit(&request(headers)).err();
            let told = told.map(|refusal| refusal.status.as_u16());
            assert_eq!(told, status, "{headers:?}");
        }
        let post = Request::post("/")
            .header("host", "localhost")
            .body(())
            .unwrap();
        assert_eq!(door.admit(&post).unwrap_err().status, 405);
    }

    #[test]
    fn the_token_is_shown_by_programs_and_by_browsers() {
        let token = "abcdefghijklmnopqrstuvwxyz";
        let door = Door::new(Vec::new(), Some(Secret::of_text(token).unwrap()));
        let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
        for (given, right) in [
            (format!("Bearer {token}"), true),
            (basic(&format!("x:{token}")), true),
            (basic(&format!(":{token}")), true),
            (basic(token), false),
            (basic("x:wrong"), false),
            ("Bearer ".to_owned(), false),
            (format!("Bearer {token}x"), false),
            (format!("Digest {token}"), false),
            ("Basic ???".to_owned(), false),
        ] {
            let request = request(&[("authorization", &given)]);
            assert_eq!(door.shows_token(request.headers()), right, "{given}");
        }
        assert!(!door.shows_token(&HeaderMap::new()));
        assert!(Door::new(Vec::new(), None).shows_token(&HeaderMap::new()));
    }
}
