//! Requests and their changes.

use super::*;
use crate::settings::{ProxyChoice, Token};
use towpath_diagnosis::observation::OriginKind;

fn settings() -> ProbeSettings {
    let mut settings = ProbeSettings::new(Scheme::Wss, "h.example", 443, "/ws?a=1");
    settings.proxy = ProxyChoice::Never;
    settings.subprotocols = vec!["one".to_owned(), "two".to_owned()];
    settings
}

fn header(name: &str, value: &str) -> Header {
    Header {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

async fn drafted(settings: ProbeSettings, changes: &[Change]) -> Draft {
    let mut probe = Probe::new(settings);
    handshake(&mut probe, changes).await.unwrap()
}

fn names(draft: &Draft) -> Vec<&str> {
    draft
        .head
        .headers
        .iter()
        .map(|header| header.name.as_str())
        .collect()
}

#[tokio::test]
async fn the_first_handshake_is_as_documented() {
    let draft = drafted(settings(), &[]).await;
    assert_eq!(
        names(&draft),
        [
            "Host",
            "User-Agent",
            "Upgrade",
            "Connection",
            "Sec-WebSocket-Key",
            "Sec-WebSocket-Version",
            "Sec-WebSocket-Extensions",
            "Sec-WebSocket-Protocol",
        ]
    );
    assert_eq!(draft.value("host"), Some("h.example"));
    assert_eq!(draft.subprotocols(), ["one", "two"]);
    assert_eq!(draft.head.target, "/ws?a=1");
}

#[tokio::test]
async fn keys_are_never_repeated() {
    let one = drafted(settings(), &[]).await;
    let two = drafted(settings(), &[]).await;
    assert_ne!(
        one.value("Sec-WebSocket-Key"),
        two.value("Sec-WebSocket-Key")
    );
}

#[tokio::test]
async fn given_headers_replace_remove_and_repeat() {
    let mut given = settings();
    given.headers = vec![
        header("user-agent", "mine"),
        header("Sec-WebSocket-Extensions", ""),
        header("X-Room", "1"),
        header("X-Room", "2"),
    ];
    let draft = drafted(given, &[]).await;
    assert_eq!(draft.value("User-Agent"), Some("mine"));
    assert_eq!(draft.value("Sec-WebSocket-Extensions"), None);
    assert_eq!(names(&draft).iter().filter(|n| **n == "X-Room").count(), 2);
}

#[tokio::test]
async fn each_change_alters_what_it_names() {
    let mut given = settings();
    given.origin = Some("https://given.example".to_owned());
    given.headers = vec![header("Cookie", "a=1")];
    let value = |change: Change, name: &'static str| {
        let given = given.clone();
        async move {
            let draft = drafted(given, &[change]).await;
            draft.value(name).map(str::to_owned)
        }
    };
    let origin = |origin| value(Change::Origin { origin }, "Origin");
    assert_eq!(origin(OriginKind::None).await, None);
    assert_eq!(
        origin(OriginKind::Site).await.as_deref(),
        Some("https://h.example")
    );
    assert_eq!(
        origin(OriginKind::Given).await.as_deref(),
        Some("https://given.example")
    );
    assert_eq!(value(Change::WithoutCookies, "Cookie").await, None);
    assert_eq!(
        value(Change::HostWithPort, "Host").await.as_deref(),
        Some("h.example:443")
    );
    assert_eq!(
        value(Change::Port { port: 8443 }, "Host").await.as_deref(),
        Some("h.example:8443")
    );
    assert_eq!(
        value(Change::WithoutSubprotocol, "Sec-WebSocket-Protocol").await,
        None
    );
}

#[tokio::test]
async fn browser_headers_stand_in_the_browsers_order() {
    let site = Change::Origin {
        origin: OriginKind::Site,
    };
    let draft = drafted(settings(), &[site, Change::BrowserHeaders]).await;
    assert_eq!(
        names(&draft),
        [
            "Host",
            "Connection",
            "Pragma",
            "Cache-Control",
            "User-Agent",
            "Upgrade",
            "Origin",
            "Sec-WebSocket-Version",
            "Accept-Encoding",
            "Accept-Language",
            "Sec-WebSocket-Key",
            "Sec-WebSocket-Extensions",
            "Sec-WebSocket-Protocol",
        ]
    );
    assert_eq!(draft.value("User-Agent"), Some(USER_AGENT));
}

#[tokio::test]
async fn a_token_moves_and_goes() {
    let mut given = settings();
    let query = TokenPlacement::Query {
        name: "t".to_owned(),
    };
    given.token = Some(Token {
        value: "se cret".to_owned(),
        placement: query,
    });
    let first = drafted(given.clone(), &[]).await;
    assert_eq!(first.head.target, "/ws?a=1&t=se+cret");
    let moved = Change::Token {
        placement: TokenPlacement::Header,
    };
    let moved = drafted(given.clone(), &[moved]).await;
    assert_eq!(moved.head.target, "/ws?a=1");
    assert_eq!(moved.value("Authorization"), Some("Bearer se cret"));
    let without = drafted(given, &[Change::WithoutToken]).await;
    assert_eq!(without.head.target, "/ws?a=1");
    assert_eq!(without.value("Authorization"), None);
}

#[tokio::test]
async fn the_working_request_is_replayed_with_a_new_key() {
    let mut given = settings();
    given.like = Some(RequestHead {
        method: "GET".to_owned(),
        target: "/other?b=2".to_owned(),
        version: "HTTP/1.1".to_owned(),
        headers: vec![
            header("Host", "h.example"),
            header("User-Agent", "Browser"),
            header("Sec-WebSocket-Key", "old"),
        ],
    });
    let draft = drafted(given.clone(), &[Change::Like]).await;
    assert_eq!(draft.head.target, "/other?b=2");
    assert_eq!(draft.value("User-Agent"), Some("Browser"));
    assert_ne!(draft.value("Sec-WebSocket-Key"), Some("old"));
    assert_eq!(draft.value("Upgrade"), Some("websocket"));
    let from = Change::HeaderFrom {
        name: "user-agent".to_owned(),
    };
    let one = drafted(given, &[from, Change::PathOf]).await;
    assert_eq!(one.value("User-Agent"), Some("Browser"));
    assert_eq!(one.head.target, "/other?b=2");
}

#[tokio::test]
async fn a_redirect_is_followed_relative_to_the_target() {
    let mut probe = Probe::new(settings());
    let changes = [Change::Redirected {
        location: String::new(),
    }];
    let mut check = async |location: &str, expected: (Scheme, &str, u16, &str)| {
        probe.location = Some(location.to_owned());
        let draft = handshake(&mut probe, &changes).await.unwrap();
        let found = (draft.scheme, &*draft.host, draft.port, &*draft.head.target);
        assert_eq!(found, expected, "{location}");
    };
    check("/ws/", (Scheme::Wss, "h.example", 443, "/ws/")).await;
    check(
        "http://other.example:81/x?y=1",
        (Scheme::Ws, "other.example", 81, "/x?y=1"),
    )
    .await;
    check("wss://o.example/", (Scheme::Wss, "o.example", 443, "/")).await;
}

#[test]
fn a_control_request_has_nothing_of_the_handshake() {
    let mut given = settings();
    given.headers = vec![header("Sec-WebSocket-Protocol", "x"), header("X-Own", "1")];
    let draft = control(&Probe::new(given), ControlPath::Root);
    assert_eq!(
        names(&draft),
        ["Host", "User-Agent", "Accept", "Connection", "X-Own"]
    );
    assert_eq!(draft.head.target, "/");
}
