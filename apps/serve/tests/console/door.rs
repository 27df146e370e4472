//! Who gets in.

use towpath_serve::config::TrustedHops;
use towpath_serve::start;

use crate::support::{TOKEN, ask, bearer, console, cookie, get, log_in, settings};

/// Everything but the login and the files.
const CLOSED: [&str; 11] = [
    "/",
    "/api/overview",
    "/api/cases",
    "/api/case/k3m9p2xq",
    "/api/network/192.0.2.0/24",
    "/api/causes",
    "/export.ndjson",
    "/case/k3m9p2xq.har",
    "/live",
    "/live/.towpath/poll",
    "/no-such-page",
];

const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

#[tokio::test]
async fn nothing_is_told_without_the_token() {
    let (_running, address) = console().await;
    for path in CLOSED {
        for headers in ["", "Cookie: towpath-console=x\r\n"] {
            let answer = ask(address, "GET", path, headers, "").await;
            assert_eq!(answer.status, 401, "{path} with {headers:?}");
            assert!(!answer.body.contains(TOKEN));
        }
    }
    for path in &CLOSED[..5] {
        let wrong = bearer("not-the-token-of-these");
        assert_eq!(
            ask(address, "GET", path, &wrong, "").await.status,
            401,
            "{path}"
        );
    }
}

#[tokio::test]
async fn no_websocket_opens_without_the_token() {
    let (_running, address) = console().await;
    for path in ["/live", "/live/.towpath/websocket?4f9k2m"] {
        let answer = ask(address, "GET", path, UPGRADE, "").await;
        assert_eq!(answer.status, 401, "{path}");
    }
}

#[tokio::test]
async fn the_login_page_and_the_files_are_for_everybody_and_hardened() {
    let (_running, address) = console().await;
    for path in [
        "/login",
        "/static/console/login.js",
        "/static/style/base.css",
        "/static/board/board.css",
        "/static/console/views/case.js",
    ] {
        let answer = ask(address, "GET", path, "", "").await;
        assert_eq!(answer.status, 200, "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    let client = ask(address, "GET", "/.towpath/towpath.js", "", "").await;
    assert_eq!(client.status, 200);
    for path in ["/static/../Cargo.toml", "/static/console/", "/static/"] {
        assert_eq!(
            ask(address, "GET", path, "", "").await.status,
            401,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_login_gives_a_cookie_that_opens_until_it_is_ended() {
    let (_running, address) = console().await;
    let login = log_in(address, TOKEN).await;
    assert_eq!(login.status, 204);
    let set = login.header("set-cookie").unwrap();
    for flag in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
        assert!(set.contains(flag), "{flag} in {set}");
    }
    assert!(!set.contains(TOKEN));
    let cookie = cookie(&login);
    for path in ["/", "/api/causes"] {
        assert_eq!(
            ask(address, "GET", path, &cookie, "").await.status,
            200,
            "{path}"
        );
    }
    let left = ask(address, "POST", "/logout", &cookie, "").await;
    assert_eq!(left.status, 204);
    assert!(left.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(ask(address, "GET", "/", &cookie, "").await.status, 401);
}

#[tokio::test]
async fn programs_show_the_token_itself() {
    let (_running, address) = console().await;
    assert_eq!(get(address, "/api/causes").await.status, 200);
    assert_eq!(get(address, "/no-such-page").await.status, 404);
    let changed = ask(address, "DELETE", "/api/causes", &bearer(TOKEN), "").await;
    assert_eq!(changed.status, 405);
}

#[tokio::test]
async fn wrong_tokens_have_to_wait_after_ten() {
    let (_running, address) = console().await;
    for _ in 0..9 {
        assert_eq!(log_in(address, "wrong").await.status, 401);
    }
    let wrong = ask(address, "GET", "/api/causes", &bearer("wrong"), "").await;
    assert_eq!(wrong.status, 401);
    let tenth = log_in(address, TOKEN).await;
    assert_eq!(tenth.status, 429);
    let seconds: u64 = tenth.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=61).contains(&seconds), "{seconds}");
    assert_eq!(get(address, "/api/causes").await.status, 429);
}

#[tokio::test]
async fn a_login_that_is_none_is_refused() {
    let (_running, address) = console().await;
    let huge = format!("{{\"token\":\"{}\"}}", "x".repeat(10_000));
    for body in ["", "{}", "[]", "{\"token\":1}", &huge] {
        let answer = ask(address, "POST", "/login", "", body).await;
        assert_eq!(answer.status, 400, "{}", &body[..body.len().min(40)]);
    }
}

#[tokio::test]
async fn pages_of_others_and_names_of_others_are_refused() {
    let (_running, address) = console().await;
    let port = address.port();
    let ours = [
        format!("Host: {address}\r\nOrigin: http://{address}\r\n"),
        format!("Host: localhost:{port}\r\nOrigin: http://localhost:{port}\r\n"),
        format!("Host: [::1]:{port}\r\n"),
    ];
    for headers in ours {
        let headers = format!("{headers}{}", bearer(TOKEN));
        assert_eq!(
            ask(address, "GET", "/api/causes", &headers, "")
                .await
                .status,
            200,
            "{headers}"
        );
    }
    let theirs = [
        (
            403,
            format!("Host: {address}\r\nOrigin: https://evil.example\r\n"),
        ),
        (403, format!("Host: {address}\r\nOrigin: null\r\n")),
        (
            403,
            format!(
                "Host: {address}\r\nOrigin: http://127.0.0.1:{}\r\n",
                port ^ 1
            ),
        ),
        (
            403,
            format!("Host: localhost:{port}\r\nOrigin: http://{address}\r\n"),
        ),
        (421, format!("Host: evil.example:{port}\r\n")),
        (
            421,
            format!(
                "Host: localhost.evil.example:{port}\r\nOrigin: http://localhost.evil.example:{port}\r\n"
            ),
        ),
    ];
    for (status, headers) in theirs {
        let headers = format!("{headers}{}", bearer(TOKEN));
        for path in ["/api/causes", "/live/.towpath/poll", "/login"] {
            let answer = ask(address, "POST", path, &headers, "{}").await;
            assert_eq!(answer.status, status, "{path} {headers}");
        }
        let socket = ask(address, "GET", "/live", &format!("{headers}{UPGRADE}"), "").await;
        assert_eq!(socket.status, status, "{headers}");
    }
}

#[tokio::test]
async fn a_name_that_is_set_is_ours() {
    let mut settings = settings();
    settings.console.hosts = vec!["console.example.com".to_owned()];
    let running = start(settings).await.unwrap();
    let address = running.console_address().unwrap();
    let headers = format!("Host: Console.Example.com\r\n{}", bearer(TOKEN));
    assert_eq!(
        ask(address, "GET", "/api/causes", &headers, "")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_trusted_hop_may_end_tls_in_front() {
    let mut settings = settings();
    settings.console.hosts = vec!["console.example.com".to_owned()];
    settings.network.trusted_hops = TrustedHops::Networks(vec!["127.0.0.1".parse().unwrap()]);
    let running = start(settings).await.unwrap();
    let address = running.console_address().unwrap();
    let body = format!("{{\"token\":\"{TOKEN}\"}}");
    let hop =
        "Host: console.example.com\r\nX-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n";
    let page = format!("{hop}Origin: https://console.example.com\r\n");
    let login = ask(address, "POST", "/login", &page, &body).await;
    assert_eq!(login.status, 204);
    assert!(login.header("set-cookie").unwrap().ends_with("; Secure"));
    let insecure = format!("{hop}Origin: http://console.example.com\r\n");
    assert_eq!(
        ask(address, "POST", "/login", &insecure, &body)
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn the_token_is_made_in_a_file_for_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings();
    settings.console.token = None;
    settings.console.token_file = folder.path().join("console.token");
    let running = start(settings.clone()).await.unwrap();
    let address = running.console_address().unwrap();
    let token = std::fs::read_to_string(&settings.console.token_file).unwrap();
    assert_eq!(log_in(address, token.trim()).await.status, 204);
    assert_eq!(log_in(address, TOKEN).await.status, 401);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let facts = std::fs::metadata(&settings.console.token_file).unwrap();
        assert_eq!(facts.permissions().mode() & 0o777, 0o600);
    }
    settings.console.token_file = folder.path().join("no-such-folder/console.token");
    let error = start(settings).await.unwrap_err();
    assert!(error.to_string().contains("console.token"), "{error}");
}

#[tokio::test]
async fn there_is_no_console_unless_it_is_asked_for() {
    let mut settings = settings();
    settings.console.listen = None;
    let running = start(settings).await.unwrap();
    assert_eq!(running.console_address(), None);
}
