//! Browsers before nginx and `HAProxy` with TLS and HTTP/2, and behind a Squid that opens TLS and strips `Upgrade`.

use towpath_tests::boxes::{Running, gateway, haproxy, nginx, node, squid};
use towpath_tests::support::browser::Kind;
use towpath_tests::support::{Authority, Browser};

use crate::carry;

/// The gateway must see the page's own host and scheme, or it would take the page for another site's.
const FORWARDED: &str = "proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto $scheme; \
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;";

/// A gateway that believes the proxy in front of it, with a backend that serves the page.
fn behind() -> (Running, Running) {
    let backend = node::start("conformance.mjs", "");
    let gateway = gateway::configured(backend.port, "[network]\ntrusted_hops = 1\n");
    (gateway, backend)
}

fn chromium(public: &Authority, front: &Running, name: &str) -> String {
    let browser = Browser::start(Kind::Chromium, &[&public.root()]);
    carry::in_browser(&browser, &format!("https://localhost:{}", front.port), name)
}

fn before_nginx(name: &str, directives: &str) -> String {
    let (gateway, _backend) = behind();
    let public = Authority::new("Public Trust");
    let server = format!(
        "proxy_read_timeout 5s; proxy_send_timeout 5s; send_timeout 5s; client_body_timeout 5s; keepalive_timeout 5s;
         location / {{ proxy_pass http://127.0.0.1:{}; {FORWARDED} {directives} }}",
        gateway.port
    );
    let front = nginx::start_tls(&public.issue(&["localhost"]), "http2", &server);
    chromium(&public, &front, name)
}

#[test]
fn browser_before_nginx_that_strips_upgrade() {
    let transport = before_nginx("nginx-h2-5s", "proxy_buffering on;");
    assert_ne!(transport, "websocket");
}

#[test]
fn browser_before_nginx_that_buffers() {
    let directives =
        "proxy_buffering on; proxy_ignore_headers X-Accel-Buffering; proxy_buffers 8 64k;";
    let transport = before_nginx("nginx-h2-5s-buffers-all", directives);
    assert_eq!(transport, "poll");
}

#[test]
fn browser_before_haproxy_that_cuts_all_that_is_quiet() {
    let (gateway, _backend) = behind();
    let public = Authority::new("Public Trust");
    let identity = public.issue(&["localhost"]);
    let bind = format!("ssl crt {} alpn h2,http/1.1", identity.both().display());
    let front = haproxy::start(
        "  timeout connect 5s\n  timeout client 5s\n  timeout server 5s\n  timeout tunnel 5s",
        &bind,
        "  option forwardfor\n  http-request set-header X-Forwarded-Proto https",
        gateway.port,
    );
    chromium(&public, &front, "haproxy-h2-5s");
}

/// Squid opens TLS and lets no upgrade through.
fn behind_squid(kind: Kind) {
    let backend = node::start("conformance.mjs", "");
    let public = Authority::new("Public Trust");
    let company = Authority::new("Example Corp Security");
    let gateway = gateway::start_tls(backend.port, &public.issue(&["localhost"]), "");
    let proxy = squid::inspecting(&company, &public, "");
    let browser = Browser::start_behind(kind, &[&company.root()], proxy.port);
    let address = format!("https://localhost:{}", gateway.port);
    let transport = carry::in_browser(&browser, &address, "squid-bump-strips");
    assert_ne!(transport, "websocket");
}

#[test]
fn browser_chromium_behind_squid_that_strips_upgrade() {
    behind_squid(Kind::Chromium);
}

#[test]
fn browser_firefox_behind_squid_that_strips_upgrade() {
    behind_squid(Kind::Firefox);
}
