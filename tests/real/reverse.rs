//! Reverse proxies other than nginx, in front of an echo: settings right and wrong.

use towpath_tests::support::{Check, port};

use crate::boxes::{apache, haproxy, node, python, reverse, varnish};
use crate::expect::Expect::{self, Healthy};
use crate::expect::{certain, likely, possible};

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
    apache_times_out => Apache("proxy_wstunnel", "ProxyTimeout 3\nProxyPass / ws://{up}/", "--idle 8", likely("time-idle"));
}

/// HAProxy with these timeouts and rules in front of an echo.
struct Haproxy(&'static str, &'static str, &'static str, Expect);

fn haproxy(Haproxy(defaults, frontend, options, expect): Haproxy) {
    let echo = node::echo();
    let front = haproxy::start(defaults, "", frontend, echo.port);
    expect.hold(&Check::of(&front.ws("/ws")).words(options).run());
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
    haproxy_limits => Haproxy(
        haproxy::PATIENT, "  http-request deny deny_status 429", "", likely("http-429"),
    );
}

#[test]
fn haproxy_with_nothing_behind() {
    let front = haproxy::start(haproxy::PATIENT, "", "", port::free());
    likely("http-503").hold(&Check::of(&front.ws("/")).run());
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
