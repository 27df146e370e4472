//! Forward proxies: Squid, Tinyproxy, Dante, Privoxy. Each that works, and each that refuses in its own way.

use towpath_tests::support::certificates::{Identity, text};
use towpath_tests::support::{Authority, Check, Folder, port};

use crate::expect::Expect::{self, Healthy};
use crate::expect::{certain, likely, possible};
use towpath_tests::boxes::{dante, forward, nginx, node, squid};

/// A plain echo behind a proxy of this kind with these rules (`{up}` is the echo's port), and the options.
struct Case(Kind, &'static str, &'static str, Expect);

#[derive(Clone, Copy)]
enum Kind {
    Squid,
    Tinyproxy,
    Dante,
    Privoxy,
}

fn play(Case(kind, rules, options, expect): Case) {
    let echo = node::echo();
    let rules = rules.replace("{up}", &echo.port.to_string());
    let proxy = match kind {
        Squid => squid::forward(&rules),
        Tinyproxy => forward::tinyproxy(&rules),
        Privoxy => forward::privoxy(&rules),
        Dante => dante::start("none", &rules),
    };
    let scheme = if matches!(kind, Dante) {
        "socks5h"
    } else {
        "http"
    };
    let address = format!("{scheme}://127.0.0.1:{}", proxy.port);
    let check = Check::of(&echo.ws("/")).args(["--proxy", &address]);
    expect.hold(&check.words(options).run());
}

use Kind::{Dante, Privoxy, Squid, Tinyproxy};

cases! { play;
    squid_tunnels => Case(Squid, "http_access allow all", "--echo", Healthy);
    squid_denies_connect => Case(Squid, "acl connect method CONNECT\nhttp_access deny connect\nhttp_access allow all", "", likely("proxy-connect-denied"));
    squid_denies_the_port => Case(
        Squid, "acl safe port 443\nacl connect method CONNECT\nhttp_access deny connect !safe\nhttp_access allow all",
        "", likely("proxy-port-denied"),
    );
    squid_denies_the_name => Case(
        Squid, "acl bad dstdomain .example\nhttp_access deny bad\nhttp_access allow all", "", Healthy,
    );
    squid_as_shipped => Case(
        Squid,
        "acl SSL_ports port 443\nacl Safe_ports port 80\nacl Safe_ports port 443\nacl Safe_ports port 1025-65535\n\
         http_access deny !Safe_ports\nhttp_access deny CONNECT !SSL_ports\nhttp_access allow localhost",
        "", likely("proxy-port-denied"),
    );
    squid_denies_the_host => Case(
        Squid, "acl bad dst 127.0.0.0/8\nhttp_access deny bad\nhttp_access allow all", "", likely("proxy-connect-denied"),
    );
    tinyproxy_tunnels => Case(Tinyproxy, "Allow 127.0.0.1", "--echo", Healthy);
    tinyproxy_filters_the_host => Case(
        Tinyproxy, "Allow 127.0.0.1\nFilter \"{folder}/filter\"\nFilterDefaultDeny Yes", "", likely("proxy-connect-denied"),
    );
    tinyproxy_denies_the_port => Case(Tinyproxy, "Allow 127.0.0.1\nConnectPort 443", "", certain("proxy-port-denied"));
    tinyproxy_denies_the_client => Case(Tinyproxy, "Allow 10.9.8.7", "", likely("proxy-connect-denied"));
    tinyproxy_wants_a_password => Case(Tinyproxy, "Allow 127.0.0.1\nBasicAuth user secret", "", certain("proxy-auth"));
    tinyproxy_with_a_password => Case(Tinyproxy, "Allow 127.0.0.1\nBasicAuth user secret", "--proxy-user user:secret", Healthy);
    dante_tunnels => Case(Dante, "socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }", "--echo", Healthy);
    dante_refuses => Case(Dante, "socks block { from: 0.0.0.0/0 to: 0.0.0.0/0 }", "", certain("socks-fail"));
    privoxy_tunnels => Case(Privoxy, "{ +limit-connect{1-65535} }\n/\n", "--echo", Healthy);
    privoxy_denies_the_port => Case(Privoxy, "{ +limit-connect{443} }\n/\n", "", likely("proxy-port-denied"));
    privoxy_blocks => Case(Privoxy, "{ +block{ads} }\n/\n", "", likely("proxy-connect-denied"));
}

/// Squid that asks for a password; `options` say what the client gives.
fn squid_with_password(options: &str, expect: Expect) {
    let users = Folder::new();
    let hash = std::process::Command::new("openssl")
        .args(["passwd", "-apr1", "secret"])
        .output()
        .expect("openssl is installed");
    let hash = String::from_utf8_lossy(&hash.stdout).trim().to_owned();
    let file = users.write("users", &format!("user:{hash}\n"));
    let echo = node::echo();
    let proxy = squid::forward(&format!(
        "auth_param basic program /usr/lib/squid/basic_ncsa_auth {}\nauth_param basic children 1 startup=1 idle=1\n\
         acl known proxy_auth REQUIRED\nhttp_access allow known",
        text(&file)
    ));
    let check = Check::of(&echo.ws("/")).args(["--proxy", &proxy.proxy()]);
    expect.hold(&check.words(options).run());
}

#[test]
fn squid_wants_a_password() {
    squid_with_password("", certain("proxy-auth"));
}

#[test]
fn squid_refuses_the_password() {
    squid_with_password("--proxy-user user:wrong", certain("proxy-auth"));
}

#[test]
fn squid_takes_the_password() {
    squid_with_password("--proxy-user user:secret", Healthy);
}

#[test]
fn squid_cannot_reach_the_server() {
    let proxy = squid::forward("http_access allow all");
    let url = format!("ws://127.0.0.1:{}/", port::free());
    likely("proxy-upstream-fail").hold(&Check::of(&url).args(["--proxy", &proxy.proxy()]).run());
}

#[test]
fn tinyproxy_cannot_reach_the_server() {
    let proxy = forward::tinyproxy("Allow 127.0.0.1");
    let url = format!("ws://127.0.0.1:{}/", port::free());
    likely("proxy-upstream-fail").hold(&Check::of(&url).args(["--proxy", &proxy.proxy()]).run());
}

#[test]
fn dante_cannot_reach_the_server() {
    let proxy = dante::start("none", "socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }");
    let url = format!("ws://127.0.0.1:{}/", port::free());
    let address = format!("socks5h://127.0.0.1:{}", proxy.port);
    likely("socks-fail").hold(&Check::of(&url).args(["--proxy", &address]).run());
}

#[test]
fn dante_wants_a_password() {
    let echo = node::echo();
    let proxy = dante::start("username", "socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }");
    let address = format!("socks5h://127.0.0.1:{}", proxy.port);
    likely("socks-fail").hold(&Check::of(&echo.ws("/")).args(["--proxy", &address]).run());
}

#[test]
fn squid_cannot_resolve_the_name() {
    let proxy =
        squid::forward("dns_nameservers 127.0.0.1\ndns_timeout 1 second\nhttp_access allow all");
    let check = Check::of("ws://missing.example/").args(["--proxy", &proxy.proxy()]);
    likely("proxy-upstream-fail").hold(&check.run());
}

/// An HTTP server that is no proxy at all.
#[test]
fn a_proxy_that_is_none() {
    let echo = node::echo();
    let check = Check::of(&echo.ws("/")).args(["--proxy", &echo.proxy()]);
    possible("proxy-connect-denied").hold(&check.run());
}

#[test]
fn no_proxy_listens() {
    let echo = node::echo();
    let address = format!("http://127.0.0.1:{}", port::free());
    possible("endpoint-devproxy").hold(&Check::of(&echo.ws("/")).args(["--proxy", &address]).run());
}

#[test]
fn the_proxy_of_the_environment_is_used() {
    let authority = Authority::new("Test");
    let echo = node::start_tls("ws-echo.mjs", "", &authority.issue(&["echo.example"]));
    let proxy = squid::forward("http_access deny all");
    let url = format!("wss://echo.example:{}/", echo.port);
    let check = Check::of(&url).args(["--cacert", &text(&authority.root())]);
    likely("proxy-connect-denied").hold(&check.env("https_proxy", &proxy.proxy()).run());
}

/// A TLS server behind a proxy that tunnels and does no more: what is wrong is the server's.
fn tunnelled(identity: &Identity, trusted: &Authority, server: &str, expect: Expect) {
    let echo = node::echo();
    let server = server.replace("{up}", &format!("http://127.0.0.1:{}", echo.port));
    let front = nginx::start_tls(identity, "", &server);
    let proxy = squid::forward("http_access allow all");
    let check = Check::of(&front.wss("/")).args(["--proxy", &proxy.proxy()]);
    expect.hold(&check.args(["--cacert", &text(&trusted.root())]).run());
}

#[test]
fn squid_before_an_expired_certificate() {
    let authority = Authority::new("Test");
    tunnelled(
        &authority.issue_expired(&["localhost"]),
        &authority,
        "return 200;",
        certain("tls-expired"),
    );
}

#[test]
fn squid_before_a_private_authority() {
    let (authority, other) = (Authority::new("Test"), Authority::new("Other"));
    tunnelled(
        &authority.issue(&["localhost"]),
        &other,
        "return 200;",
        likely("tls-private-ca"),
    );
}

#[test]
fn squid_before_another_name() {
    let authority = Authority::new("Test");
    tunnelled(
        &authority.issue(&["a.example"]),
        &authority,
        "return 200;",
        likely("tls-name-mismatch"),
    );
}

#[test]
fn squid_before_nginx_that_strips() {
    let authority = Authority::new("Test");
    let identity = authority.issue(&["localhost"]);
    tunnelled(
        &identity,
        &authority,
        "location / { proxy_pass {up}; }",
        likely("http-upgrade-stripped"),
    );
}

#[test]
fn squid_before_a_404() {
    let authority = Authority::new("Test");
    tunnelled(
        &authority.issue(&["localhost"]),
        &authority,
        "return 404;",
        likely("http-404"),
    );
}

#[test]
fn squid_before_a_403() {
    let authority = Authority::new("Test");
    tunnelled(
        &authority.issue(&["localhost"]),
        &authority,
        "return 403;",
        possible("http-403-ip-reputation"),
    );
}

#[test]
fn squid_before_a_healthy_nginx() {
    let authority = Authority::new("Test");
    let pass = format!("location / {{ proxy_pass {{up}}; {} }}", nginx::UPGRADE);
    tunnelled(&authority.issue(&["localhost"]), &authority, &pass, Healthy);
}

#[test]
fn the_environment_names_a_host_to_reach_without_proxy() {
    let echo = node::echo();
    let dead = format!("http://127.0.0.1:{}", port::free());
    let check = Check::of(&echo.ws("/"))
        .env("http_proxy", &dead)
        .env("all_proxy", &dead);
    Healthy.hold(&check.env("no_proxy", "127.0.0.1,localhost").run());
}

#[test]
fn both_kinds_of_socks() {
    let echo = node::echo();
    let proxy = dante::start("none", "socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }");
    for scheme in ["socks5", "socks5h"] {
        let address = format!("{scheme}://127.0.0.1:{}", proxy.port);
        Healthy.hold(&Check::of(&echo.ws("/")).args(["--proxy", &address]).run());
    }
}
