//! Reverse proxies in front of the gateway, with their usual settings, their wrong ones, and short timeouts.

use towpath_tests::boxes::nginx::UPGRADE;
use towpath_tests::boxes::{Running, apache, gateway, haproxy, nginx, node, reverse, varnish};
use towpath_tests::support::Authority;

use crate::carry::Carry;

/// A backend and the gateway in front of it.
struct Behind {
    gateway: Running,
    _backend: Running,
}

impl Behind {
    fn start() -> Self {
        let backend = node::start("conformance.mjs", "");
        Self {
            gateway: gateway::start(backend.port),
            _backend: backend,
        }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.gateway.port)
    }
}

/// nginx's defaults but for its timeouts.
const FIVE_SECONDS: &str = "proxy_read_timeout 5s; proxy_send_timeout 5s; send_timeout 5s; \
    client_body_timeout 5s; client_header_timeout 5s; keepalive_timeout 5s;";

/// nginx with TLS, HTTP/2 and these directives beside `proxy_pass`.
fn nginx_tls(name: &str, directives: &str) -> String {
    let behind = Behind::start();
    let public = Authority::new("Public Trust");
    let server = format!(
        "{FIVE_SECONDS} location / {{ proxy_pass {}; {directives} }}",
        behind.url()
    );
    let front = nginx::start_tls(&public.issue(&["localhost"]), "http2", &server);
    Carry::to(&front.wss("/both"))
        .trusting(&public.root())
        .with_http2()
        .run(name)
}

/// The manual's three lines are missing: no upgrade arrives. Buffering is on, and the gateway asks for it to be off.
#[test]
fn nginx_strips_upgrade() {
    let transport = nginx_tls("nginx-h2-5s", "proxy_buffering on;");
    assert_ne!(transport, "websocket");
}

/// vaadin/flow #25751: with buffering on over TLS a stream shows nothing for as long as the buffers last.
#[test]
fn nginx_buffers_whatever_it_is_asked() {
    let transport = nginx_tls(
        "nginx-h2-5s-buffers-all",
        "proxy_buffering on; proxy_ignore_headers X-Accel-Buffering; proxy_buffers 8 64k;",
    );
    assert_eq!(transport, "poll");
}

/// Every quiet WebSocket is cut after five seconds.
#[test]
fn nginx_cuts_quiet_websockets() {
    nginx_tls("nginx-upgrade-5s", UPGRADE);
}

#[test]
fn nginx_refuses_large_bodies() {
    nginx_tls("nginx-h2-5s-body-16k", "client_max_body_size 16k;");
}

#[test]
fn nginx_compresses_everything() {
    let directives = "gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any;";
    nginx_tls("nginx-h2-5s-gzip", directives);
}

#[test]
fn nginx_without_tls() {
    let behind = Behind::start();
    let server = format!(
        "{FIVE_SECONDS} location / {{ proxy_pass {}; }}",
        behind.url()
    );
    let front = nginx::start(&server);
    let transport = Carry::to(&front.ws("/both")).run("nginx-5s");
    assert_ne!(transport, "websocket");
}

/// `HAProxy` with TLS, HTTP/2, five seconds for everything, and these rules.
fn haproxy_tls(name: &str, rules: &str) -> String {
    let behind = Behind::start();
    let public = Authority::new("Public Trust");
    let identity = public.issue(&["localhost"]);
    let bind = format!("ssl crt {} alpn h2,http/1.1", identity.both().display());
    let front = haproxy::start(
        "  timeout connect 5s\n  timeout client 5s\n  timeout server 5s\n  timeout tunnel 5s",
        &bind,
        rules,
        behind.gateway.port,
    );
    Carry::to(&front.wss("/both"))
        .trusting(&public.root())
        .with_http2()
        .run(name)
}

#[test]
fn haproxy_cuts_all_that_is_quiet() {
    haproxy_tls("haproxy-h2-5s", "");
}

#[test]
fn haproxy_refuses_upgrades() {
    let rules = "  http-request deny deny_status 403 if { req.hdr(upgrade) -m found }";
    let transport = haproxy_tls("haproxy-h2-5s-denies-upgrade", rules);
    assert_ne!(transport, "websocket");
}

/// Apache with a timeout of five seconds.
fn apache_plain(name: &str, modules: &str, pass: &str) -> String {
    let behind = Behind::start();
    let up = format!("127.0.0.1:{}", behind.gateway.port);
    let directives = format!("Timeout 5\nProxyTimeout 5\n{}", pass.replace("{up}", &up));
    let front = apache::start(modules, &directives);
    Carry::to(&front.ws("/both")).run(name)
}

#[test]
fn apache_without_wstunnel() {
    let transport = apache_plain("apache-5s", "", "ProxyPass / http://{up}/");
    assert_ne!(transport, "websocket");
}

#[test]
fn apache_with_upgrade() {
    apache_plain(
        "apache-upgrade-5s",
        "",
        "ProxyPass / http://{up}/ upgrade=websocket",
    );
}

#[test]
fn varnish_without_pipe() {
    let behind = Behind::start();
    let front = varnish::start(behind.gateway.port, "");
    let transport = Carry::to(&front.ws("/both")).run("varnish");
    assert_ne!(transport, "websocket");
}

/// lighttpd keeps a whole response before it hands it on, and hands no upgrade on.
#[test]
fn lighttpd_buffers() {
    let behind = Behind::start();
    let front = reverse::lighttpd(behind.gateway.port, false);
    let transport = Carry::to(&front.ws("/both")).run("lighttpd");
    assert_ne!(transport, "websocket");
}

#[test]
fn caddy_passes() {
    let behind = Behind::start();
    let front = reverse::caddy(&format!("reverse_proxy 127.0.0.1:{}", behind.gateway.port));
    let transport = Carry::to(&front.ws("/both")).run("caddy");
    assert_eq!(transport, "websocket");
}

#[test]
fn nghttpx_passes() {
    let behind = Behind::start();
    let public = Authority::new("Public Trust");
    let identity = public.issue(&["localhost"]);
    let front = reverse::nghttpx(&identity, behind.gateway.port, &[]);
    Carry::to(&front.wss("/both"))
        .trusting(&public.root())
        .with_http2()
        .run("nghttpx-h2");
}

#[test]
fn stunnel_cuts_all_that_is_quiet() {
    let behind = Behind::start();
    let public = Authority::new("Public Trust");
    let identity = public.issue(&["localhost"]);
    let front = reverse::stunnel(&identity, behind.gateway.port, "TIMEOUTidle = 5");
    Carry::to(&front.wss("/both"))
        .trusting(&public.root())
        .run("stunnel-5s");
}
