//! nginx in front of servers that nobody here wrote: settings right and wrong.

use towpath_tests::support::certificates::text;
use towpath_tests::support::{Authority, Check, port};

use crate::expect::Expect::{self, Healthy};
use crate::expect::{certain, likely, possible};
use towpath_tests::boxes::nginx::UPGRADE;
use towpath_tests::boxes::{nginx, node, python};

/// What nginx stands in front of.
enum Behind {
    Ws,
    Websockets,
    Aiohttp,
    Tornado,
    Asgi,
    GraphqlWs,
    SocketIo,
    /// A port on which nothing listens.
    Nothing,
    /// The echo of npm's `ws`, which compresses.
    Deflate,
    /// A server that takes the handshake and never answers.
    Hang,
}

/// nginx with these directives, where `{up}` is the server behind and `{upgrade}` the manual's three lines.
struct Case(Behind, &'static str, &'static str, Expect);

fn play(Case(behind, server, options, expect): Case) {
    let upstream = match behind {
        Behind::Ws => Some(node::echo()),
        Behind::Websockets => Some(python::start("websockets_echo.py", &[])),
        Behind::Aiohttp => Some(python::start("aiohttp_echo.py", &[])),
        Behind::Tornado => Some(python::start("tornado_echo.py", &[])),
        Behind::Asgi => Some(python::start("asgi_echo.py", &[])),
        Behind::GraphqlWs => Some(node::start("graphql-ws.mjs", "")),
        Behind::SocketIo => Some(node::start("socket-io.mjs", "")),
        Behind::Hang => Some(node::start("ws-faulty.mjs", "--hang")),
        Behind::Deflate => Some(node::start("ws-echo.mjs", "--deflate")),
        Behind::Nothing => None,
    };
    let port = upstream
        .as_ref()
        .map_or_else(port::free, |running| running.port);
    let server = server
        .replace("{up}", &format!("http://127.0.0.1:{port}"))
        .replace("{upgrade}", UPGRADE);
    let front = nginx::start(&server);
    let verdict = Check::of(&front.ws("/ws")).words(options).run();
    expect.hold(&verdict);
}

const PASS: &str = "location / { proxy_pass {up}; {upgrade} }";
const DEFAULT: &str = "location / { proxy_pass {up}; }";

cases! { play;
    passes_to_ws => Case(Behind::Ws, PASS, "", Healthy);
    passes_to_ws_that_echoes => Case(Behind::Ws, PASS, "--echo", Healthy);
    passes_to_ws_a_message => Case(Behind::Ws, PASS, "--send hello --expect hello", Healthy);
    passes_to_websockets => Case(Behind::Websockets, PASS, "--echo", Healthy);
    passes_to_aiohttp => Case(Behind::Aiohttp, PASS, "--echo", Healthy);
    passes_to_tornado => Case(Behind::Tornado, PASS, "", Healthy);
    passes_to_asgi => Case(Behind::Asgi, PASS, "--echo", Healthy);
    passes_quiet_sockets => Case(Behind::Ws, PASS, "--idle 3", Healthy);
    passes_with_literal_connection => Case(
        Behind::Ws,
        "location / { proxy_pass {up}; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; \
         proxy_set_header Connection \"Upgrade\"; proxy_set_header Host $host; }",
        "", Healthy,
    );

    default_before_ws => Case(Behind::Ws, DEFAULT, "", likely("http-upgrade-stripped"));
    default_before_websockets => Case(Behind::Websockets, DEFAULT, "", likely("http-upgrade-stripped"));
    default_before_aiohttp => Case(Behind::Aiohttp, DEFAULT, "", likely("http-upgrade-stripped"));
    default_before_tornado => Case(Behind::Tornado, DEFAULT, "", likely("http-upgrade-stripped"));
    default_before_asgi => Case(Behind::Asgi, DEFAULT, "", possible("http-upgrade-stripped"));
    default_before_graphql => Case(
        Behind::GraphqlWs, "location / { proxy_pass {up}/graphql; }",
        "--subprotocol graphql-transport-ws", possible("http-upgrade-stripped"),
    );
    only_version_11 => Case(
        Behind::Ws, "location / { proxy_pass {up}; proxy_http_version 1.1; }",
        "", likely("http-upgrade-stripped"),
    );
    upgrade_without_connection => Case(
        Behind::Websockets,
        "location / { proxy_pass {up}; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; }",
        "", likely("http-conn-close"),
    );
    upgrade_without_connection_before_ws => Case(
        Behind::Ws,
        "location / { proxy_pass {up}; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; }",
        "", possible("http-upgrade-stripped"),
    );
    upgrade_from_the_wrong_variable => Case(
        Behind::Websockets,
        "location / { proxy_pass {up}; proxy_http_version 1.1; proxy_set_header Upgrade $connection_upgrade; \
         proxy_set_header Connection $connection_upgrade; }",
        "", likely("http-upgrade-empty"),
    );
    nothing_behind => Case(Behind::Nothing, PASS, "", likely("http-502"));
    hangs_behind => Case(
        Behind::Hang, "location / { proxy_pass {up}; {upgrade} proxy_read_timeout 2s; }",
        "", likely("http-504-hang"),
    );
    hangs_for_ever => Case(Behind::Hang, PASS, "", likely("http-504-hang"));
    always_unavailable => Case(Behind::Ws, "location / { return 503; }", "", likely("http-503"));
    denied_by_address => Case(
        Behind::Ws, "location / { deny all; proxy_pass {up}; {upgrade} }",
        "", possible("http-403-ip-reputation"),
    );
    asks_for_a_password => Case(
        Behind::Ws, "location / { auth_basic staff; auth_basic_user_file /dev/null; proxy_pass {up}; {upgrade} }",
        "", certain("http-401"),
    );
    redirects_to_https => Case(
        Behind::Ws, "return 301 https://$host$request_uri;", "", likely("http-redirect"),
    );
    redirects_to_a_slash => Case(
        Behind::Ws, "location /ws/ { proxy_pass {up}; {upgrade} }", "", likely("http-redirect"),
    );
    not_found => Case(
        Behind::Ws, "location /socket { proxy_pass {up}; {upgrade} }", "", likely("http-404"),
    );
    serves_the_app => Case(
        Behind::Ws, "location / { default_type text/html; return 200 '<!doctype html><title>App</title><div id=root></div>'; }",
        "", likely("http-200-app"),
    );
    server_error => Case(Behind::Ws, "location / { return 500; }", "", likely("http-500"));
    misdirected => Case(Behind::Ws, "location / { return 421; }", "", likely("http-421"));
    method_not_allowed => Case(Behind::Ws, "location / { return 405; }", "", likely("http-405-501"));
    denies_by_user_agent => Case(
        Behind::Ws, "if ($http_user_agent !~ Mozilla) { return 403; } location / { proxy_pass {up}; {upgrade} }",
        "", certain("http-403-ua"),
    );
    denies_by_origin => Case(
        Behind::Ws, "if ($http_origin !~ ^http://127) { return 403; } location / { proxy_pass {up}; {upgrade} }",
        "--origin https://elsewhere.example", certain("http-403-origin"),
    );
    bad_request => Case(Behind::Ws, "location / { return 400; }", "", likely("http-400-generic"));
    too_many_requests => Case(
        Behind::Ws, "limit_req zone=requests; limit_req_status 429; location / { proxy_pass {up}; {upgrade} }",
        "", certain("http-429"),
    );
    maintenance => Case(
        Behind::Ws, "location / { default_type text/html; add_header Retry-After 600 always; \
         return 503 '<html><title>Maintenance</title><h1>Back soon</h1></html>'; }",
        "", likely("http-503"),
    );
    accept_lost => Case(
        Behind::Ws, "location / { proxy_pass {up}; {upgrade} proxy_hide_header Sec-WebSocket-Accept; }",
        "", certain("http-accept-missing"),
    );
    key_replaced => Case(
        Behind::Ws, "location / { proxy_pass {up}; {upgrade} proxy_set_header Sec-WebSocket-Key dGhlIHNhbXBsZSBub25jZQ==; }",
        "", certain("http-accept-wrong"),
    );
    version_replaced => Case(
        Behind::Ws, "location / { proxy_pass {up}; {upgrade} proxy_set_header Sec-WebSocket-Version 7; }",
        "", certain("http-426"),
    );
    subprotocol_lost => Case(
        Behind::Ws, "location / { proxy_pass {up}; {upgrade} proxy_set_header Sec-WebSocket-Protocol ''; }",
        "--subprotocol chat", certain("http-subproto-none"),
    );
    subprotocol_added => Case(
        Behind::Ws, "location / { proxy_pass {up}; {upgrade} add_header Sec-WebSocket-Protocol soap always; }",
        "", certain("http-subproto-bad"),
    );
    extension_added => Case(
        Behind::Ws, "location / { proxy_pass {up}; {upgrade} add_header Sec-WebSocket-Extensions x-mux always; }",
        "", certain("http-ext-bad"),
    );
    announces_a_body => Case(
        Behind::Ws, "location / { proxy_pass {up}; {upgrade} add_header Content-Length 0 always; }",
        "", certain("http-101-body-headers"),
    );
    compression_forgotten => Case(
        Behind::Deflate, "location / { proxy_pass {up}; {upgrade} proxy_hide_header Sec-WebSocket-Extensions; }",
        "--echo", likely("frame-deflate-path"),
    );
    compression_kept => Case(Behind::Deflate, PASS, "--echo", Healthy);
    version_10_with_upgrade => Case(
        Behind::Ws, "location / { proxy_pass {up}; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }",
        "", Healthy,
    );
    a_portal => Case(
        Behind::Nothing, "return 302 http://login.hotspot.example/start;", "", likely("http-captive-portal"),
    );
    a_portal_by_status => Case(
        Behind::Nothing, "location / { default_type text/html; return 511 '<html><title>Log in</title></html>'; }",
        "", certain("http-captive-portal"),
    );
    gone => Case(Behind::Nothing, "return 410;", "", likely("http-404"));
    a_json_api => Case(
        Behind::Nothing, "location / { default_type application/json; return 200 '{\"status\":\"ok\"}'; }",
        "", likely("http-200-app"),
    );
    unavailable_for_legal_reasons => Case(Behind::Nothing, "return 451;", "", likely("http-403-ip-reputation"));
    too_long => Case(Behind::Nothing, "return 414;", "", likely("http-431-414"));
    gateway_timeout => Case(Behind::Nothing, "return 504;", "", certain("http-504-hang"));
    not_implemented => Case(Behind::Nothing, "return 501;", "", certain("http-405-501"));
    upgrade_required => Case(Behind::Nothing, "return 426;", "", likely("http-upgrade-stripped"));
    extensions_withheld => Case(
        Behind::Ws, "location / { proxy_pass {up}; {upgrade} proxy_set_header Sec-WebSocket-Extensions ''; }",
        "--echo", Healthy,
    );
    prefix_lost => Case(
        Behind::GraphqlWs, "location /ws { proxy_pass {up}/elsewhere; {upgrade} }",
        "--subprotocol graphql-transport-ws", likely("http-400-generic"),
    );
    the_wrong_host => Case(
        Behind::Ws, "if ($http_host != ws.example) { return 421; } location / { proxy_pass {up}; {upgrade} }",
        "", likely("http-421"),
    );
    cuts_idle_sockets_that_echo => Case(
        Behind::Ws, "location / { proxy_pass {up}; {upgrade} proxy_read_timeout 3s; }",
        "--echo --idle 10", likely("time-idle"),
    );
    cuts_idle_sockets => Case(
        Behind::Ws, "location / { proxy_pass {up}; {upgrade} proxy_read_timeout 3s; }",
        "--idle 10", likely("time-idle"),
    );
    socket_io_behind => Case(
        Behind::SocketIo, "location / { proxy_pass {up}/socket.io/; {upgrade} }",
        "", likely("http-400-socketio"),
    );
}

/// A listener without TLS that speaks HTTP/2 and nothing else.
#[test]
fn speaks_http2_only() {
    let front = nginx::start_http2("return 200;");
    likely("http-h2-only").hold(&Check::of(&front.ws("/")).run());
}

#[test]
fn plain_asked_of_tls() {
    let authority = Authority::new("Test");
    let front = nginx::start_tls(&authority.issue(&["localhost"]), "", "return 200;");
    certain("tls-wrong-port").hold(&Check::of(&front.ws("/")).run());
}

#[test]
fn a_large_cookie() {
    let echo = node::echo();
    let pass = format!(
        "location / {{ proxy_pass http://127.0.0.1:{}; {UPGRADE} }}",
        echo.port
    );
    let front = nginx::start(&pass);
    let cookie = format!("big={}", "x".repeat(20_000));
    certain("http-431-414").hold(&Check::of(&front.ws("/")).args(["--cookie", &cookie]).run());
}

#[test]
fn a_long_url() {
    let echo = node::echo();
    let pass = format!(
        "location / {{ proxy_pass http://127.0.0.1:{}; {UPGRADE} }}",
        echo.port
    );
    let front = nginx::start(&pass);
    let path = format!("/ws?state={}", "x".repeat(10_000));
    certain("http-431-414").hold(&Check::of(&front.ws(&path)).run());
}

/// A redirect to where the same server speaks TLS, and the handshake succeeds.
#[test]
fn redirects_to_where_it_works() {
    let authority = Authority::new("Test");
    let secure = node::start_tls("ws-echo.mjs", "", &authority.issue(&["localhost"]));
    let front = nginx::start(&format!(
        "return 301 https://localhost:{}$request_uri;",
        secure.port
    ));
    let check = Check::of(&front.ws("/")).args(["--cacert", &text(&authority.root())]);
    certain("http-redirect").hold(&check.run());
}
