//! The head of a native handshake: the local client's own, with what names the hop or the host replaced.
//!
//! It must never send a header of one hop to the next, and never a User-Agent of a program that does not speak.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use towpath_diagnosis::observation::{Header, RequestHead};
use towpath_probe::request::{EXTENSIONS, USER_AGENT};

use crate::request::Request;
use crate::settings::Settings;
use crate::target::Target;

/// Headers of a single hop (RFC 9110 section 7.6.1), or written anew for each handshake.
const OWN: [&str; 17] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "sec-websocket-accept",
    "sec-websocket-extensions",
    "sec-websocket-key",
    "sec-websocket-protocol",
    "sec-websocket-version",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A handshake's head, and what an answer is checked against.
pub(crate) struct Handshake {
    pub(crate) head: RequestHead,
    pub(crate) key: String,
    pub(crate) extensions: String,
}

/// The handshake for a request. `fresh_key` is used where no local client gave one.
pub(crate) fn handshake(
    settings: &Settings,
    target: &Target,
    request: &Request,
    fresh_key: impl FnOnce() -> String,
) -> Handshake {
    let (key, extensions) = match &request.local {
        Some(local) => (local.key.clone(), local.extensions.clone()),
        None => (fresh_key(), EXTENSIONS.to_owned()),
    };
    let mut headers = vec![
        header("Host", &target.authority),
        header("Upgrade", "websocket"),
        header("Connection", "Upgrade"),
        header("Sec-WebSocket-Key", &key),
        header("Sec-WebSocket-Version", "13"),
    ];
    if !extensions.is_empty() {
        headers.push(header("Sec-WebSocket-Extensions", &extensions));
    }
    if !request.subprotocols.is_empty() {
        let all = request.subprotocols.join(", ");
        headers.push(header("Sec-WebSocket-Protocol", &all));
    }
    headers.extend(application(settings, target, request));
    if request.local.is_none() && !headers.iter().any(|known| is(known, "user-agent")) {
        headers.push(header("User-Agent", USER_AGENT));
    }
    Handshake {
        head: RequestHead {
            method: "GET".to_owned(),
            target: target.path_and_query.clone(),
            version: "HTTP/1.1".to_owned(),
            headers,
        },
        key,
        extensions,
    }
}

/// The headers that the application sends with whatever carries its messages: the request's, then the settings' in their place.
pub(crate) fn application(settings: &Settings, target: &Target, request: &Request) -> Vec<Header> {
    let mut headers: Vec<Header> = request
        .headers
        .iter()
        .filter(|(name, _)| !OWN.contains(&name.to_ascii_lowercase().as_str()))
        .map(|(name, value)| header(name, value))
        .collect();
    let mut given: Vec<&str> = Vec::new();
    let fixed = settings.origin.as_deref().map(|origin| ("Origin", origin));
    let all = settings
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in all.chain(fixed) {
        let repeated = given.iter().any(|known| known.eq_ignore_ascii_case(name));
        if !repeated {
            headers.retain(|known| !is(known, name));
        }
        if !value.is_empty() && !OWN.contains(&name.to_ascii_lowercase().as_str()) {
            headers.push(header(name, value));
        }
        given.push(name);
    }
    if let Some(pair) = &target.credentials
        && !headers.iter().any(|known| is(known, "authorization"))
    {
        headers.push(header(
            "Authorization",
            &format!("Basic {}", STANDARD.encode(pair)),
        ));
    }
    headers
}

pub(crate) fn header(name: &str, value: &str) -> Header {
    Header {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

pub(crate) fn is(header: &Header, name: &str) -> bool {
    header.name.eq_ignore_ascii_case(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::LocalHandshake;
    use url::Url;

    fn made(settings: &Settings, request: &Request) -> Vec<(String, String)> {
        let target = Target::of(&request.url).unwrap();
        let handshake = handshake(settings, &target, request, || "fresh".to_owned());
        let headers = handshake.head.headers.into_iter();
        headers.map(|header| (header.name, header.value)).collect()
    }

    fn request(headers: &[(&str, &str)]) -> Request {
        let mut request = Request::new(Url::parse("ws://a.example:81/x").unwrap());
        request.headers = pairs(headers);
        request
    }

    fn pairs(headers: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        headers.iter().map(owned).collect()
    }

    fn values(made: &[(String, String)], name: &str) -> Vec<String> {
        let same = made
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name));
        same.map(|(_, value)| value.clone()).collect()
    }

    #[test]
    fn a_local_clients_key_and_extensions_pass_and_its_hop_does_not() {
        let mut request = request(&[
            ("Host", "127.0.0.1:9000"),
            ("Connection", "keep-alive, Upgrade"),
            ("Proxy-Authorization", "Basic x"),
            ("User-Agent", "their/1"),
            ("X-Room", "blue"),
        ]);
        request.local = Some(LocalHandshake {
            key: "their key".to_owned(),
            extensions: "x-own; a=1".to_owned(),
        });
        request.subprotocols = vec!["a".to_owned(), "b".to_owned()];
        let made = made(&Settings::default(), &request);
        let expected = pairs(&[
            ("Host", "a.example:81"),
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Key", "their key"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Extensions", "x-own; a=1"),
            ("Sec-WebSocket-Protocol", "a, b"),
            ("User-Agent", "their/1"),
            ("X-Room", "blue"),
        ]);
        assert_eq!(made, expected);
    }

    #[test]
    fn without_a_local_client_this_program_names_itself() {
        let made = made(&Settings::default(), &request(&[]));
        assert_eq!(values(&made, "user-agent"), [USER_AGENT]);
        assert_eq!(values(&made, "sec-websocket-key"), ["fresh"]);
    }

    #[test]
    fn settings_replace_add_and_remove() {
        let settings = Settings {
            headers: pairs(&[
                ("x-room", "red"),
                ("X-Room", "green"),
                ("Cookie", ""),
                ("Host", "evil"),
            ]),
            origin: Some("https://site.example".to_owned()),
            ..Settings::default()
        };
        let made = made(
            &settings,
            &request(&[
                ("X-Room", "blue"),
                ("Cookie", "a=1"),
                ("Origin", "http://localhost"),
            ]),
        );
        assert_eq!(values(&made, "x-room"), ["red", "green"]);
        assert_eq!(values(&made, "cookie"), [""; 0]);
        assert_eq!(values(&made, "origin"), ["https://site.example"]);
        assert_eq!(values(&made, "host"), ["a.example:81"]);
    }

    #[test]
    fn user_and_password_of_the_url_become_a_header() {
        let mut request = request(&[]);
        request.url = Url::parse("ws://u:p@a.example/").unwrap();
        let made = made(&Settings::default(), &request);
        assert_eq!(values(&made, "authorization"), ["Basic dTpw"]);
    }
}
