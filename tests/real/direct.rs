//! Straight to servers that nobody here wrote: healthy ones, and each ill in one way.

use std::net::TcpListener;

use towpath_tests::support::{Authority, Check, port};

use crate::expect::Expect::{self, Healthy};
use crate::expect::{certain, likely, possible};
use towpath_tests::boxes::{node, python};

/// A server's script with its arguments, the path asked for, the options, and what must come out.
struct Case(
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Expect,
);

fn play(Case(script, arguments, path, options, expect): Case) {
    let server = if script.contains(".py") {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        python::start(script, &arguments)
    } else {
        node::start(script, arguments)
    };
    expect.hold(&Check::of(&server.ws(path)).words(options).run());
}

const WS: &str = "ws-echo.mjs";
const ILL: &str = "ws-faulty.mjs";
const PY: &str = "websockets_echo.py";

cases! { play;
    ws => Case(WS, "", "/", "", Healthy);
    ws_that_echoes => Case(WS, "", "/", "--echo", Healthy);
    ws_with_deflate => Case(WS, "--deflate", "/", "--echo", Healthy);
    ws_that_speaks_first => Case(WS, "--greet welcome", "/", "", Healthy);
    ws_that_speaks_first_and_echoes => Case(WS, "--greet welcome", "/", "--echo", Healthy);
    ws_with_a_message => Case(WS, "", "/", "--send ping-me --expect ping-me", Healthy);
    ws_with_a_message_unanswered => Case(ILL, "--mute", "/", "--send hello", Healthy);
    ws_with_a_subprotocol => Case(WS, "--subprotocol chat", "/", "--subprotocol chat", Healthy);
    ws_with_an_origin => Case(WS, "--origin https://a.example", "/", "--origin https://a.example", Healthy);
    ws_with_a_token => Case(WS, "--token abc", "/", "--token abc", Healthy);
    ws_left_quiet => Case(WS, "", "/", "--idle 3", Healthy);
    ws_left_quiet_that_echoes => Case(WS, "", "/", "--echo --idle 3", Healthy);
    websockets => Case("websockets_echo.py", "", "/", "--echo", Healthy);
    aiohttp => Case("aiohttp_echo.py", "", "/chat", "--echo", Healthy);
    tornado => Case("tornado_echo.py", "", "/", "--echo", Healthy);
    asgi => Case("asgi_echo.py", "", "/ws", "--echo", Healthy);
    graphql => Case("graphql-ws.mjs", "", "/graphql", "--subprotocol graphql-transport-ws", Healthy);
    graphql_legacy => Case("graphql-legacy.mjs", "", "/graphql", "--subprotocol graphql-ws", Healthy);
    socket_io => Case("socket-io.mjs", "", "/socket.io/?EIO=4&transport=websocket", "", Healthy);

    refuses_every_origin_known => Case(
        WS, "--origin https://a.example", "/", "--origin https://b.example", possible("http-403-origin"),
    );
    refuses_foreign_origins => Case(ILL, "--same-site", "/", "--origin https://b.example", certain("http-403-origin"));
    wants_an_origin => Case(ILL, "--same-site", "/", "", certain("http-403-origin"));
    wants_a_subprotocol => Case(WS, "--subprotocol graphql-transport-ws", "/", "--subprotocol graphql-ws", certain("http-403-subproto"));
    wants_some_subprotocol => Case(WS, "--subprotocol graphql-transport-ws", "/", "", certain("http-403-subproto"));
    wants_a_token => Case(WS, "--token abc", "/", "", certain("http-401"));
    refuses_the_token => Case(WS, "--token abc", "/", "--token wrong", likely("http-401"));
    refuses_tools => Case(ILL, "--user-agent Mozilla", "/", "", certain("http-403-ua"));
    wants_a_cookie => Case(ILL, "--cookie session", "/", "", likely("http-401"));
    asgi_refuses => Case("asgi_echo.py", "", "/elsewhere", "", likely("http-403-connect-refused"));
    tornado_refuses_the_origin => Case("tornado_echo.py", "", "/", "--origin https://b.example", certain("http-403-origin"));
    wrong_path => Case(WS, "--path /socket", "/", "", likely("http-400-generic"));
    slow_to_answer => Case(ILL, "--delay 4500", "/", "", likely("time-handshake-slow"));
    takes_text_only => Case(ILL, "--text-only", "/", "--echo", likely("frame-binary-blocked"));
    counts_messages_only => Case(ILL, "--data-idle 3000", "/", "--echo --idle 10", likely("time-ping-not-activity"));
    cuts_what_sends_nothing => Case(ILL, "--data-idle 3000", "/", "--idle 10", likely("time-max-life"));
    wants_a_browser_header => Case(ILL, "--need-header accept-language", "/", "", certain("http-403-ua"));
    says_goodbye => Case(ILL, "--close 1000 --reason bye", "/", "", Healthy);
    goes_away => Case(ILL, "--close 1001", "/", "", Healthy);
    ends_after_the_first_message => Case(ILL, "--close 1000 --close-on-message", "/", "--send hello", Healthy);
    fails_at_the_first_message => Case(ILL, "--close 1011 --close-on-message", "/", "--send hello", likely("app-error-1011"));
    protests_at_the_first_message => Case(ILL, "--close 1008 --close-on-message", "/", "--send hello", likely("app-policy-1008"));
    two_subprotocols => Case("graphql-ws.mjs", "", "/graphql", "--subprotocol graphql-transport-ws,graphql-ws", Healthy);
    // It chooses the first that is offered and then does not speak it.
    two_subprotocols_legacy => Case(
        "graphql-legacy.mjs", "", "/graphql", "--subprotocol graphql-transport-ws --subprotocol graphql-ws",
        certain("app-subproto-generation"),
    );
    with_headers_and_cookies => Case(WS, "", "/", "-H X-Client:test --cookie a=b --user-agent Tester/1", Healthy);
    websockets_with_origin => Case(PY, "--origin https://a.example", "/", "--origin https://a.example", Healthy);
    websockets_refuse_the_origin => Case(PY, "--origin https://a.example", "/", "--origin https://b.example", likely("http-403-origin"));
    websockets_want_an_origin => Case(PY, "--origin https://a.example", "/", "", likely("http-403-origin"));
    websockets_with_subprotocol => Case(PY, "--subprotocol chat", "/", "--subprotocol chat", Healthy);
    websockets_know_no_subprotocol => Case(PY, "", "/", "--subprotocol chat", certain("http-subproto-none"));
    websockets_small_only => Case(PY, "--max-size 1024", "/", "--echo", likely("frame-too-big"));
    websockets_that_ping => Case(PY, "--ping 0.5", "/", "--idle 3", Healthy);
    websockets_that_ping_and_echo => Case(PY, "--ping 0.2", "/", "--echo", Healthy);
    socket_io_without_parameters => Case("socket-io.mjs", "", "/socket.io/", "", certain("http-400-socketio"));
    socket_io_elsewhere => Case("socket-io.mjs", "", "/", "", possible("http-200-app"));
    hangs => Case(ILL, "--hang", "/", "", likely("http-504-hang"));
    status_429 => Case(ILL, "--status 429", "/", "", likely("http-429"));
    status_500 => Case(ILL, "--status 500", "/", "", likely("http-500"));
    status_503 => Case(ILL, "--status 503", "/", "", likely("http-503"));

    small_messages_only => Case(WS, "--max-payload 1024", "/", "--echo", likely("frame-too-big"));
    small_messages_only_64k => Case(WS, "--max-payload 65536", "/", "--echo", likely("frame-too-big"));
    no_pong => Case(ILL, "--no-ping", "/", "", likely("frame-ping-ignored"));
    answer_missing => Case(ILL, "--mute", "/", "--send hello --expect hello", possible("proxy-101-mute"));
    policy => Case(ILL, "--close 1008 --reason no", "/", "", likely("app-policy-1008"));
    broken => Case(ILL, "--close 1011 --reason oops", "/", "", likely("app-error-1011"));
    restarting => Case(ILL, "--close 1012", "/", "", likely("app-restart-1012-1013"));
    try_later => Case(ILL, "--close 1013", "/", "", likely("app-restart-1012-1013"));
    unauthorised_after_open => Case(ILL, "--close 4401 --reason Unauthorized", "/", "", likely("app-auth-after-open"));
    forbidden_after_open => Case(ILL, "--close 4403 --reason Forbidden", "/", "", likely("app-auth-after-open"));
    private_code => Case(ILL, "--close 4001 --reason why", "/", "", likely("app-private-code"));
    dropped_at_once => Case(ILL, "--destroy", "/", "", likely("proxy-101-mute"));
    graphql_wants_a_token => Case(
        "graphql-ws.mjs", "--token abc", "/graphql", "--subprotocol graphql-transport-ws", likely("app-auth-after-open"),
    );
    graphql_legacy_wants_a_token => Case(
        "graphql-legacy.mjs", "--token abc", "/graphql", "--subprotocol graphql-ws", likely("app-auth-after-open"),
    );
    graphql_older_client => Case(
        "graphql-ws.mjs", "", "/graphql", "--subprotocol graphql-ws", likely("app-subproto-generation"),
    );
    graphql_newer_client => Case(
        "graphql-legacy.mjs", "", "/graphql", "--subprotocol graphql-transport-ws", likely("app-subproto-generation"),
    );
    sockets_age => Case(ILL, "--max-age 4000", "/", "--idle 10", likely("time-max-life"));
    sockets_age_with_echo => Case(ILL, "--max-age 4000", "/", "--echo --idle 10", likely("time-max-life"));

    ssh => Case("banner.py", "SSH-2.0-OpenSSH_9.2p1", "/", "", likely("http-wrong-service"));
    smtp => Case("banner.py", "220_mail.example_ESMTP", "/", "", likely("http-wrong-service"));
}

#[test]
fn localhost_on_ipv4_only() {
    let server = node::echo();
    let url = format!("ws://localhost:{}/", server.port);
    Healthy.hold(&Check::of(&url).run());
}

#[test]
fn nothing_listens() {
    let url = format!("ws://127.0.0.1:{}/", port::free());
    likely("tcp-refused").hold(&Check::of(&url).run());
}

#[test]
fn a_fixed_address() {
    let server = node::echo();
    let url = format!("ws://echo.example:{}/", server.port);
    let resolve = format!("echo.example:{}:127.0.0.1", server.port);
    Healthy.hold(&Check::of(&url).args(["--resolve", &resolve]).run());
}

#[test]
fn a_large_cookie() {
    let server = node::echo();
    let cookie = format!("big={}", "x".repeat(20_000));
    certain("http-431-414").hold(&Check::of(&server.ws("/")).args(["--cookie", &cookie]).run());
}

#[test]
fn graphql_with_its_token() {
    let server = node::start("graphql-ws.mjs", "--token abc");
    let check = Check::of(&server.ws("/graphql"));
    Healthy.hold(
        &check
            .words("--subprotocol graphql-transport-ws --token abc --token-in init")
            .run(),
    );
}

/// An expired JSON Web Token: its `exp` is in 2001.
#[test]
fn an_expired_token() {
    let server = node::start("ws-echo.mjs", "--token another");
    let token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIiwiZXhwIjoxMDAwMDAwMDAwfQ.c2ln";
    certain("time-token-expiry").hold(&Check::of(&server.ws("/")).args(["--token", token]).run());
}

/// A port that takes connections and never says a word.
/// The page sets the cookie that the handshake needs.
#[test]
fn a_cookie_of_the_page() {
    let server = node::start(ILL, "--cookie session --set-cookie session");
    let page = format!("http://127.0.0.1:{}/", server.port);
    certain("http-cookie-missing").hold(&Check::of(&server.ws("/")).args(["--page", &page]).run());
}

#[test]
fn a_silent_port() {
    let port = port::free();
    let _listener = TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
    let url = format!("ws://127.0.0.1:{port}/");
    likely("http-504-hang").hold(&Check::of(&url).run());
}

#[test]
fn noise_behind_websockify() {
    let service = python::start("banner.py", &["SSH-2.0-OpenSSH_9.2p1"]);
    let bridge = python::websockify(service.port);
    Healthy.hold(
        &Check::of(&bridge.ws("/"))
            .words("--subprotocol binary")
            .run(),
    );
}

#[test]
fn tls_asked_of_a_banner() {
    let service = python::start("banner.py", &["SSH-2.0-OpenSSH_9.2p1"]);
    likely("tls-wrong-port").hold(&Check::of(&service.wss("/")).run());
}

#[test]
fn plain_asked_of_tls() {
    let authority = Authority::new("Test");
    let server = node::start_tls("ws-echo.mjs", "", &authority.issue(&["localhost"]));
    likely("tls-wrong-port").hold(&Check::of(&server.ws("/")).run());
}

#[test]
fn tls_asked_of_plain() {
    let server = node::echo();
    certain("tls-wrong-port").hold(&Check::of(&server.wss("/")).run());
}
