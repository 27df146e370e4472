//! Reverse proxies other than nginx, in front of an echo: settings right and wrong.

use towpath_tests::support::{Check, port};

use crate::expect::Expect::{self, Healthy};
use crate::expect::{certain, likely, possible};
use towpath_tests::boxes::{apache, haproxy, node, python, reverse, varnish};

/// Apache with these modules and directives, where `{up}` is the echo's `127.0.0.1:port`.
struct Apache(&'static str, &'static str, &'static str, Expect);

fn apache(Apache(modules, directives, options, expect): Apache) {
    let echo = node::echo();
    let directives = directives.replace("{up}", &format!("127.0.0.1:{}", echo.port));
    let front = apache::start(modules, &directives);
    expect.hold(&Check::of(&front.ws("/ws")).words(options).run());
}

cases! { apache;
    apache_with_wstunnel => Apache("proxy_wstunnel", "ProxyPass / ws://{up}/", "--echo", Healthy);
    apache_with_upgrade => Apache("", "ProxyPass / http://{up}/ upgrade=websocket", "--echo", Healthy);
    apache_without_wstunnel => Apache("", "ProxyPass / http://{up}/", "", likely("http-upgrade-stripped"));
    apache_denies => Apache("", "<Location />\nRequire all denied\n</Location>", "", possible("http-403-ip-reputation"));
    apache_without_the_path => Apache("", "", "", likely("http-404"));
}

/// HAProxy with these timeouts and rules in front of an echo.
struct Haproxy(&'static str, &'static str, &'static str, Expect);

fn haproxy(Haproxy(defaults, frontend, options, expect): Haproxy) {
    let echo = node::echo();
    let front = haproxy::start(defaults, "", frontend, echo.port);
    expect.hold(&Check::of(&front.ws("/ws")).words(options).run());
}

/// HAProxy that passes bytes and knows no HTTP.
#[test]
fn haproxy_passes_bytes() {
    let echo = node::echo();
    let front = haproxy::start(
        &format!("{}\n  mode tcp", haproxy::PATIENT),
        "",
        "",
        echo.port,
    );
    Healthy.hold(&Check::of(&front.ws("/")).words("--echo").run());
}

#[test]
fn haproxy_passes_bytes_and_cuts() {
    let echo = node::echo();
    let front = haproxy::start(&format!("{SHORT}\n  mode tcp"), "", "", echo.port);
    likely("time-idle").hold(&Check::of(&front.ws("/")).words("--idle 8").run());
}

const SHORT: &str = "  timeout connect 5s\n  timeout client 3s\n  timeout server 3s";
const SHORT_TUNNEL: &str =
    "  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n  timeout tunnel 3s";

cases! { haproxy;
    haproxy_passes => Haproxy(haproxy::PATIENT, "", "--echo", Healthy);
    haproxy_keeps_sockets => Haproxy(haproxy::PATIENT, "", "--idle 3", Healthy);
    haproxy_without_tunnel_timeout => Haproxy(SHORT, "", "--idle 8", likely("time-idle"));
    haproxy_without_tunnel_timeout_echo => Haproxy(SHORT, "", "--echo --idle 8", likely("time-idle"));
    haproxy_with_short_tunnel => Haproxy(SHORT_TUNNEL, "", "--idle 8", likely("time-idle"));
    haproxy_denies => Haproxy(haproxy::PATIENT, "  http-request deny", "", possible("http-403-ip-reputation"));
    haproxy_tarpits => Haproxy(haproxy::PATIENT, "  timeout tarpit 2s\n  http-request tarpit", "", possible("http-500"));
    haproxy_strips => Haproxy(
        haproxy::PATIENT, "  http-request del-header Upgrade", "", likely("http-upgrade-stripped"),
    );
    haproxy_redirects => Haproxy(
        haproxy::PATIENT, "  http-request redirect scheme https", "", likely("http-redirect"),
    );
    haproxy_asks_for_a_password => Haproxy(
        haproxy::PATIENT, "  http-request auth realm staff unless FALSE", "", certain("http-401"),
    );
    haproxy_mends_a_lost_accept => Haproxy(
        haproxy::PATIENT, "  http-response del-header Sec-WebSocket-Accept", "", Healthy,
    );
    haproxy_changes_the_accept => Haproxy(
        haproxy::PATIENT, "  http-response set-header Sec-WebSocket-Accept AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "",
        certain("http-accept-wrong"),
    );
    haproxy_shows_a_block_page => Haproxy(
        haproxy::PATIENT,
        "  http-request return status 200 content-type text/html string \"<html><title>Access Denied</title>\
         <h1>Web Page Blocked</h1>Your organisation's policy blocks this page.</html>\"",
        "", likely("http-block-page"),
    );
    haproxy_limits => Haproxy(
        haproxy::PATIENT, "  http-request deny deny_status 429", "", likely("http-429"),
    );
}

#[test]
fn haproxy_with_nothing_behind() {
    let front = haproxy::start(haproxy::PATIENT, "", "", port::free());
    likely("http-503").hold(&Check::of(&front.ws("/")).run());
}

/// Two servers that take turns, of which one refuses.
fn half_refuses(first: &str, second: &str) {
    let servers = [
        node::start("ws-faulty.mjs", first),
        node::start("ws-faulty.mjs", second),
    ];
    let ports = servers.each_ref().map(|server| server.port);
    let front = haproxy::balance(haproxy::PATIENT, "", "", &ports);
    likely("http-sticky").hold(&Check::of(&front.ws("/")).run());
}

#[test]
fn haproxy_before_a_server_that_refuses_and_one_that_does_not() {
    half_refuses("--status 404", "");
}

#[test]
fn haproxy_before_a_server_that_accepts_and_one_that_does_not() {
    half_refuses("", "--status 404");
}

/// Varnish with this VCL in front of an echo.
struct Varnish(&'static str, Expect);

const PIPE: &str = "sub vcl_recv { if (req.http.upgrade ~ \"(?i)websocket\") { return (pipe); } }\n\
    sub vcl_pipe { if (req.http.upgrade) { set bereq.http.upgrade = req.http.upgrade; \
    set bereq.http.connection = req.http.connection; } }";

fn varnish(Varnish(vcl, expect): Varnish) {
    let echo = node::echo();
    let front = varnish::start(echo.port, vcl);
    expect.hold(&Check::of(&front.ws("/ws")).run());
}

cases! { varnish;
    varnish_with_pipe => Varnish(PIPE, Healthy);
    varnish_that_pipes_all => Varnish("sub vcl_recv { return (pipe); }", likely("http-upgrade-stripped"));
    varnish_that_denies => Varnish("sub vcl_recv { return (synth(403)); }", possible("http-403-ip-reputation"));
    varnish_without_pipe => Varnish("", likely("http-upgrade-stripped"));
}

#[test]
fn varnish_with_nothing_behind() {
    let front = varnish::start(port::free(), "");
    likely("http-503").hold(&Check::of(&front.ws("/")).run());
}

#[test]
fn caddy_passes() {
    let echo = node::echo();
    let front = reverse::caddy(&format!("reverse_proxy 127.0.0.1:{}", echo.port));
    Healthy.hold(&Check::of(&front.ws("/")).words("--echo").run());
}

#[test]
fn caddy_with_nothing_behind() {
    let front = reverse::caddy(&format!("reverse_proxy 127.0.0.1:{}", port::free()));
    likely("http-502").hold(&Check::of(&front.ws("/")).run());
}

#[test]
fn caddy_serves_another_site() {
    let front = reverse::caddy("respond \"<html>app</html>\" 200");
    likely("http-200-app").hold(&Check::of(&front.ws("/")).run());
}

#[test]
fn lighttpd_passes() {
    let echo = node::echo();
    let front = reverse::lighttpd(echo.port, true);
    Healthy.hold(&Check::of(&front.ws("/")).words("--echo").run());
}

#[test]
fn lighttpd_strips() {
    let echo = python::start("aiohttp_echo.py", &[]);
    let front = reverse::lighttpd(echo.port, false);
    certain("http-upgrade-stripped").hold(&Check::of(&front.ws("/chat")).run());
}

#[test]
fn caddy_asks_for_a_password() {
    let front = reverse::caddy(
        "basicauth {\nuser $2a$14$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG\n}\nrespond ok",
    );
    certain("http-401").hold(&Check::of(&front.ws("/")).run());
}

#[test]
fn caddy_forbids() {
    let front = reverse::caddy("respond 403");
    possible("http-403-ip-reputation").hold(&Check::of(&front.ws("/")).run());
}

#[test]
fn caddy_loses_the_upgrade() {
    let echo = python::start("websockets_echo.py", &[]);
    let front = reverse::caddy(&format!(
        "reverse_proxy 127.0.0.1:{} {{\nheader_up -Upgrade\n}}",
        echo.port
    ));
    likely("http-upgrade-stripped").hold(&Check::of(&front.ws("/")).run());
}
