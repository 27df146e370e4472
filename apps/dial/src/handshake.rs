//! From a request that was let in to what it asks of the remote.
//!
//! It must never change what is the application's: subprotocols, extensions, headers and their order stay as they came.

use bytes::Bytes;
use towpath_reach::{LocalHandshake, Request};
use towpath_websocket::deviation::Severity;
use towpath_websocket::{HandshakeDeviation, RequestHead, check_request};
use url::Url;

use crate::answer::Answer;
use crate::head::Head;
use crate::target;

/// What a request asks for.
pub(crate) enum Asked {
    /// The status page.
    Page,
    /// A connection to the remote.
    Socket(Box<Wanted>),
}

/// A connection that a client wants.
pub(crate) struct Wanted {
    pub(crate) request: Request,
    /// The client's key, also where the way does not carry it.
    pub(crate) key: String,
    /// The subprotocol that carried the access token, where it was the only one offered: a client that offered one
    /// fails where none is chosen.
    pub(crate) token: Option<String>,
    /// What came behind the handshake.
    pub(crate) rest: Bytes,
}

/// Reads a request. `token` is the subprotocol that the access token came by.
pub(crate) fn read(base: &Url, mut head: Head, token: Option<String>) -> Result<Asked, Answer> {
    if !head.asks_for_websocket() {
        return plain(&head);
    }
    let review = check_request(&RequestHead {
        method: &head.method,
        http_version: head.version,
        headers: &head.headers,
    });
    let faults = review.deviations.into_iter().filter(is_ours_to_judge);
    let faults: Vec<HandshakeDeviation> = faults.collect();
    if !faults.is_empty() {
        return Err(refused(&faults));
    }
    let Some(url) = target::remote(base, &head.target) else {
        return Err(Answer::own(400, "the request target is not a path"));
    };
    let extensions: Vec<&str> = head.values("sec-websocket-extensions").collect();
    let key = review.key.unwrap_or_default();
    let local = LocalHandshake {
        key: key.clone(),
        extensions: extensions.join(", "),
    };
    let subprotocols = head.elements("sec-websocket-protocol");
    let subprotocols: Vec<String> = subprotocols.map(str::to_owned).collect();
    head.headers.retain(|(name, _)| is_of_application(name));
    Ok(Asked::Socket(Box::new(Wanted {
        key,
        token: token.filter(|_| subprotocols.is_empty()),
        rest: head.rest,
        request: Request {
            url,
            subprotocols,
            headers: head.headers,
            local: Some(local),
        },
    })))
}

/// Whether a deviation makes the request none that could be carried. What it offers is for the remote to judge.
fn is_ours_to_judge(deviation: &HandshakeDeviation) -> bool {
    use HandshakeDeviation as Deviation;
    let is_about_an_offer = matches!(
        deviation,
        Deviation::ExtensionsEmpty
            | Deviation::ExtensionsMalformed { .. }
            | Deviation::ExtensionParameters { .. }
            | Deviation::SubprotocolMalformed { .. }
            | Deviation::SubprotocolRepeated { .. }
    );
    deviation.severity() == Severity::MustFail && !is_about_an_offer
}

fn plain(head: &Head) -> Result<Asked, Answer> {
    match (head.method.as_str(), head.target.as_str()) {
        ("GET" | "HEAD", "/") => Ok(Asked::Page),
        ("CONNECT", _) => {
            Err(Answer::own(405, "this is a WebSocket endpoint and no proxy").with("Allow", "GET"))
        }
        ("GET" | "HEAD", _) => Err(Answer::own(
            426,
            "this is a WebSocket endpoint; the request asks for no WebSocket",
        )
        .with("Upgrade", "websocket")),
        _ => Err(
            Answer::own(405, "this is a WebSocket endpoint; it takes GET alone")
                .with("Allow", "GET"),
        ),
    }
}

fn refused(deviations: &[HandshakeDeviation]) -> Answer {
    let all: Vec<String> = deviations.iter().map(ToString::to_string).collect();
    let text = format!("this is no WebSocket handshake: {}", all.join("; "));
    let version = |deviation: &HandshakeDeviation| {
        matches!(deviation, HandshakeDeviation::VersionUnsupported { .. })
    };
    if deviations.iter().any(version) {
        return Answer::own(426, &text).with("Sec-WebSocket-Version", "13");
    }
    Answer::own(400, &text)
}

/// Whether a header is the application's, and not of this hop (RFC 9110 section 7.6.1) or the handshake's own.
fn is_of_application(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !OWN.contains(&name.as_str()) && !name.starts_with("sec-websocket-")
}

const OWN: [&str; 11] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn head(method: &str, target: &str, headers: &[(&str, &str)]) -> Head {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Head {
            method: method.to_owned(),
            target: target.to_owned(),
            version: (1, 1),
            headers: headers.iter().map(own).collect(),
            ..Head::default()
        }
    }

    const SOCKET: [(&str, &str); 5] = [
        ("Host", "localhost"),
        ("Upgrade", "websocket"),
        ("Connection", "keep-alive, Upgrade"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Version", "13"),
    ];

    fn wanted(headers: &[(&str, &str)], token: Option<&str>) -> Wanted {
        let base = Url::parse("wss://remote.example/socket").unwrap();
        let all = [&SOCKET[..], headers].concat();
        match read(&base, head("GET", "/", &all), token.map(str::to_owned)) {
            Ok(Asked::Socket(wanted)) => *wanted,
            Ok(Asked::Page) => panic!("the page"),
            Err(answer) => panic!("{answer:?}"),
        }
    }

    #[test]
    fn what_is_the_applications_stays() {
        let wanted = wanted(
            &[
                ("Sec-WebSocket-Protocol", "b, a"),
                ("X-Room", "blue"),
                ("cookie", "a=b"),
                ("Sec-WebSocket-Extensions", "permessage-deflate; x=1"),
                ("TE", "trailers"),
            ],
            None,
        );
        let request = wanted.request;
        assert_eq!(request.subprotocols, ["b", "a"]);
        let names: Vec<&str> = request
            .headers
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(names, ["X-Room", "cookie"]);
        let local = request.local.unwrap();
        assert_eq!(local.extensions, "permessage-deflate; x=1");
        assert_eq!(local.key, wanted.key);
        assert_eq!(wanted.token, None);
    }

    #[test]
    fn a_token_alone_is_confirmed() {
        assert_eq!(wanted(&[], Some("t")).token.as_deref(), Some("t"));
        let others = [("Sec-WebSocket-Protocol", "chat")];
        assert_eq!(wanted(&others, Some("t")).token, None);
    }

    #[test]
    fn other_requests_are_told_what_this_is() {
        let base = Url::parse("wss://remote.example/").unwrap();
        let status = |head: Head| match read(&base, head, None) {
            Ok(Asked::Page) => 200,
            Ok(Asked::Socket(_)) => 101,
            Err(answer) => answer.status,
        };
        let with = |change: &[(&str, &str)]| {
            let mut headers = SOCKET.to_vec();
            for (name, value) in change {
                headers.retain(|(known, _)| known != name);
                headers.push((name, value));
            }
            head("GET", "/", &headers)
        };
        assert_eq!(status(head("GET", "/", &[])), 200);
        assert_eq!(status(head("GET", "/x", &[])), 426);
        assert_eq!(status(head("POST", "/", &[])), 405);
        assert_eq!(status(head("CONNECT", "remote.example:443", &[])), 405);
        assert_eq!(status(with(&[])), 101);
        assert_eq!(status(with(&[("Sec-WebSocket-Version", "8")])), 426);
        assert_eq!(status(with(&[("Sec-WebSocket-Key", "short")])), 400);
        assert_eq!(status(with(&[("Connection", "close")])), 400);
    }
}
