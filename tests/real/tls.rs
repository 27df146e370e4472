//! TLS by real servers: healthy, and each certificate, version and protocol that goes wrong.

use towpath_tests::support::certificates::{Identity, text};
use towpath_tests::support::{Authority, Check, port};

use crate::expect::Expect::{self, Healthy};
use crate::expect::{certain, likely, possible};
use towpath_tests::boxes::nginx::UPGRADE;
use towpath_tests::boxes::{Running, haproxy, nginx, node, openssl, reverse};

const NAMES: &[&str] = &["localhost", "127.0.0.1"];

/// Checks a server, trusting this authority and with further options.
fn check(server: &Running, trusted: &Authority, options: &[&str], expect: Expect) {
    let check = Check::of(&server.wss("/"));
    let root = text(&trusted.root());
    expect.hold(&check.args(["--cacert", &root]).args(options).run());
}

#[test]
fn ws() {
    let authority = Authority::new("Test");
    let server = node::start_tls("ws-echo.mjs", "", &authority.issue(NAMES));
    check(&server, &authority, &["--echo"], Healthy);
}

#[test]
fn by_address() {
    let authority = Authority::new("Test");
    let server = node::start_tls("ws-echo.mjs", "", &authority.issue(NAMES));
    let url = format!("wss://127.0.0.1:{}/", server.port);
    Healthy.hold(
        &Check::of(&url)
            .args(["--cacert", &text(&authority.root())])
            .run(),
    );
}

#[test]
fn nginx_in_front() {
    let authority = Authority::new("Test");
    let echo = node::echo();
    let server = format!(
        "location / {{ proxy_pass http://127.0.0.1:{}; {UPGRADE} }}",
        echo.port
    );
    let front = nginx::start_tls(&authority.issue(NAMES), "", &server);
    check(&front, &authority, &["--echo"], Healthy);
}

#[test]
fn nginx_with_http2_in_front() {
    let authority = Authority::new("Test");
    let echo = node::echo();
    let server = format!(
        "location / {{ proxy_pass http://127.0.0.1:{}; {UPGRADE} }}",
        echo.port
    );
    let front = nginx::start_tls(&authority.issue(NAMES), "http2", &server);
    check(&front, &authority, &["--echo"], Healthy);
}

#[test]
fn haproxy_in_front() {
    let authority = Authority::new("Test");
    let echo = node::echo();
    let identity = authority.issue(NAMES);
    let bind = format!("ssl crt {} alpn h2,http/1.1", text(&identity.both()));
    let front = haproxy::start(haproxy::PATIENT, &bind, "", echo.port);
    check(&front, &authority, &["--echo"], Healthy);
}

/// nginx with TLS before an echo, with further directives of its server block.
fn nginx_with(identity: &Identity, options: &str, directives: &str) -> (Running, Running) {
    let echo = node::echo();
    let pass = format!(
        "{directives} location / {{ proxy_pass http://127.0.0.1:{}; {UPGRADE} }}",
        echo.port
    );
    (nginx::start_tls(identity, options, &pass), echo)
}

#[test]
fn stunnel_in_front() {
    let authority = Authority::new("Test");
    let echo = node::echo();
    let front = reverse::stunnel(&authority.issue(NAMES), echo.port, "");
    check(&front, &authority, &["--echo"], Healthy);
}

#[test]
fn stunnel_cuts_idle_sockets() {
    let authority = Authority::new("Test");
    let echo = node::echo();
    let front = reverse::stunnel(&authority.issue(NAMES), echo.port, "TIMEOUTidle = 3");
    check(&front, &authority, &["--idle", "8"], likely("time-idle"));
}

#[test]
fn a_wildcard() {
    let authority = Authority::new("Test");
    let server = node::start_tls("ws-echo.mjs", "", &authority.issue(&["*.chat.example"]));
    let url = format!("wss://a.chat.example:{}/", server.port);
    let resolve = format!("a.chat.example:{}:127.0.0.1", server.port);
    let check = Check::of(&url).args(["--resolve", &resolve, "--cacert", &text(&authority.root())]);
    Healthy.hold(&check.run());
}

#[test]
fn too_deep_for_the_wildcard() {
    let authority = Authority::new("Test");
    let server = node::start_tls("ws-echo.mjs", "", &authority.issue(&["*.chat.example"]));
    let url = format!("wss://b.a.chat.example:{}/", server.port);
    let resolve = format!("b.a.chat.example:{}:127.0.0.1", server.port);
    let check = Check::of(&url).args(["--resolve", &resolve, "--cacert", &text(&authority.root())]);
    likely("tls-name-mismatch").hold(&check.run());
}

#[test]
fn an_address_where_a_name_is_needed() {
    let authority = Authority::new("Test");
    let (echo, identity) = (node::echo(), authority.issue(&["localhost"]));
    let bind = format!("ssl crt {} strict-sni", text(&identity.both()));
    let front = haproxy::start(haproxy::PATIENT, &bind, "", echo.port);
    let url = format!("wss://127.0.0.1:{}/", front.port);
    likely("tls-sni-missing").hold(
        &Check::of(&url)
            .args(["--cacert", &text(&authority.root())])
            .run(),
    );
}

#[test]
fn an_address_that_the_certificate_lacks() {
    let authority = Authority::new("Test");
    let server = node::start_tls("ws-echo.mjs", "", &authority.issue(&["localhost"]));
    let url = format!("wss://127.0.0.1:{}/", server.port);
    likely("tls-name-mismatch").hold(
        &Check::of(&url)
            .args(["--cacert", &text(&authority.root())])
            .run(),
    );
}

#[test]
fn haproxy_with_the_upgrade_lost_behind_tls() {
    let authority = Authority::new("Test");
    let (echo, identity) = (node::echo(), authority.issue(NAMES));
    let bind = format!("ssl crt {}", text(&identity.both()));
    let front = haproxy::start(
        haproxy::PATIENT,
        &bind,
        "  http-request del-header Upgrade",
        echo.port,
    );
    check(&front, &authority, &[], likely("http-upgrade-stripped"));
}

#[test]
fn nginx_default_behind_tls() {
    let authority = Authority::new("Test");
    let echo = node::echo();
    let server = format!(
        "location / {{ proxy_pass http://127.0.0.1:{}; }}",
        echo.port
    );
    let front = nginx::start_tls(&authority.issue(NAMES), "http2", &server);
    check(&front, &authority, &[], likely("http-upgrade-stripped"));
}

#[test]
fn nghttpx_in_front() {
    let authority = Authority::new("Test");
    let (echo, identity) = (node::echo(), authority.issue(NAMES));
    // It listens before it reads the key.
    let front = reverse::nghttpx(&identity, echo.port, &[]);
    check(&front, &authority, &["--echo"], Healthy);
}

#[test]
fn tls_1_2_only() {
    let authority = Authority::new("Test");
    let (front, _echo) = nginx_with(&authority.issue(NAMES), "", "ssl_protocols TLSv1.2;");
    check(&front, &authority, &["--echo"], Healthy);
}

#[test]
fn tls_1_3_only() {
    let authority = Authority::new("Test");
    let (front, _echo) = nginx_with(&authority.issue(NAMES), "", "ssl_protocols TLSv1.3;");
    check(&front, &authority, &["--echo"], Healthy);
}

#[test]
fn expired() {
    let authority = Authority::new("Test");
    let (front, _echo) = nginx_with(&authority.issue_expired(NAMES), "", "");
    check(&front, &authority, &[], certain("tls-expired"));
}

#[test]
fn not_yet_valid() {
    let authority = Authority::new("Test");
    let (front, _echo) = nginx_with(&authority.issue_early(NAMES), "", "");
    check(&front, &authority, &[], likely("tls-clock-skew"));
}

#[test]
fn another_name() {
    let authority = Authority::new("Test");
    let (front, _echo) = nginx_with(&authority.issue(&["elsewhere.example"]), "", "");
    check(&front, &authority, &[], likely("tls-name-mismatch"));
}

#[test]
fn intermediate_missing() {
    let authority = Authority::new("Test");
    let (front, _echo) = nginx_with(&authority.issue_without_chain(NAMES), "", "");
    check(&front, &authority, &[], likely("tls-chain-incomplete"));
}

#[test]
fn signs_itself() {
    let authority = Authority::new("Test");
    let (front, _echo) = nginx_with(&Identity::self_signed(NAMES), "", "");
    check(&front, &authority, &[], likely("tls-private-ca"));
}

#[test]
fn signs_itself_and_nothing_is_trusted() {
    let (front, _echo) = nginx_with(&Identity::self_signed(NAMES), "", "");
    likely("tls-private-ca").hold(&Check::of(&front.wss("/")).run());
}

#[test]
fn an_authority_of_its_own() {
    let authority = Authority::new("Test");
    let (front, _echo) = nginx_with(&authority.issue(NAMES), "", "");
    likely("tls-private-ca").hold(&Check::of(&front.wss("/")).run());
}

#[test]
fn expired_and_another_name_and_unknown() {
    let authority = Authority::new("Test");
    let (front, _echo) = nginx_with(&authority.issue_expired(NAMES), "", "");
    possible("tls-expired").hold(&Check::of(&front.wss("/")).run());
}

#[test]
fn client_certificate_wanted_by_nginx() {
    let authority = Authority::new("Test");
    let root = text(&authority.root());
    let verify = format!("ssl_client_certificate {root}; ssl_verify_client on;");
    let (front, _echo) = nginx_with(&authority.issue(NAMES), "", &verify);
    check(&front, &authority, &[], certain("tls-mtls"));
}

#[test]
fn client_certificate_given() {
    let authority = Authority::new("Test");
    let root = text(&authority.root());
    let verify =
        format!("ssl_client_certificate {root}; ssl_verify_client on; ssl_verify_depth 2;");
    let (front, _echo) = nginx_with(&authority.issue(NAMES), "", &verify);
    let mine = authority.issue(&["me.example"]);
    let (chain, key) = (text(&mine.chain()), text(&mine.key()));
    let options = ["--cert", &chain, "--key", &key];
    check(&front, &authority, &options, Healthy);
}

#[test]
fn client_certificate_wanted_by_haproxy() {
    let authority = Authority::new("Test");
    let (echo, identity) = (node::echo(), authority.issue(NAMES));
    let bind = format!(
        "ssl crt {} ca-file {} verify required",
        text(&identity.both()),
        text(&authority.root())
    );
    let front = haproxy::start(haproxy::PATIENT, &bind, "", echo.port);
    check(&front, &authority, &[], certain("tls-mtls"));
}

#[test]
fn http2_refused_by_haproxy_for_http11() {
    let authority = Authority::new("Test");
    let (echo, identity) = (node::echo(), authority.issue(NAMES));
    let bind = format!("ssl crt {} alpn h2", text(&identity.both()));
    let front = haproxy::start(haproxy::PATIENT, &bind, "", echo.port);
    check(&front, &authority, &[], Healthy);
}

#[test]
fn refuses_the_name_in_the_hello() {
    let authority = Authority::new("Test");
    let (echo, identity) = (node::echo(), authority.issue(NAMES));
    let bind = format!("ssl crt {} strict-sni", text(&identity.both()));
    let front = haproxy::start(haproxy::PATIENT, &bind, "", echo.port);
    let url = format!("wss://other.example:{}/", front.port);
    let resolve = format!("other.example:{}:127.0.0.1", front.port);
    let root = text(&authority.root());
    let check = Check::of(&url).args(["--resolve", &resolve, "--cacert", &root]);
    likely("tls-name-mismatch").hold(&check.run());
}

/// HAProxy as a filter that reads the name in the ClientHello, and treats one name so.
fn filtered(action: &str) {
    let authority = Authority::new("Test");
    let server = node::start_tls("ws-echo.mjs", "", &authority.issue(NAMES));
    let rules = format!(
        "  tcp-request inspect-delay 5s\n  tcp-request content {action} if {{ req.ssl_sni -i localhost }}\n  \
         tcp-request content accept if {{ req.ssl_hello_type 1 }}"
    );
    let timeouts = format!("{}\n  mode tcp", haproxy::PATIENT);
    let front = haproxy::start(&timeouts, "", &rules, server.port);
    check(&front, &authority, &[], likely("tls-sni-filter"));
}

#[test]
fn rejected_by_the_name_in_the_hello() {
    filtered("reject");
}

#[test]
fn dropped_by_the_name_in_the_hello() {
    filtered("silent-drop");
}

/// `openssl s_server` with these options, and what must come out.
struct Server(&'static str, Expect);

fn server(Server(options, expect): Server) {
    let authority = Authority::new("Test");
    let server = openssl::start(&authority.issue(NAMES), options);
    check(&server, &authority, &[], expect);
}

cases! { server;
    tls_1_0_only => Server("-tls1 -cipher ALL:@SECLEVEL=0", certain("tls-version-old"));
    tls_1_1_only => Server("-tls1_1 -cipher ALL:@SECLEVEL=0", certain("tls-version-old"));
    old_ciphers_only => Server("-tls1_2 -cipher AES128-SHA:AES256-SHA:@SECLEVEL=0", likely("tls-cipher-mismatch"));
    odd_ciphers_only => Server("-tls1_2 -cipher ECDHE-ECDSA-CAMELLIA128-SHA256:@SECLEVEL=0", likely("tls-cipher-mismatch"));
    http2_only => Server("-alpn h2", certain("http-h2-only"));
    another_protocol_only => Server("-alpn acme-tls/1", likely("tls-alpn-none"));
    mtls_by_openssl => Server("-Verify 2", certain("tls-mtls"));
}

/// Plain HTTP asked of what speaks TLS only.
fn plain(server: &Running) {
    likely("tls-wrong-port").hold(&Check::of(&server.ws("/")).run());
}

#[test]
fn plain_asked_of_haproxy() {
    let authority = Authority::new("Test");
    let (echo, identity) = (node::echo(), authority.issue(NAMES));
    let bind = format!("ssl crt {}", text(&identity.both()));
    plain(&haproxy::start(haproxy::PATIENT, &bind, "", echo.port));
}

#[test]
fn plain_asked_of_stunnel() {
    let authority = Authority::new("Test");
    let echo = node::echo();
    plain(&reverse::stunnel(&authority.issue(NAMES), echo.port, ""));
}

#[test]
fn plain_asked_of_openssl() {
    let authority = Authority::new("Test");
    plain(&openssl::start(&authority.issue(NAMES), ""));
}

#[test]
fn plain_asked_of_nghttpx() {
    let authority = Authority::new("Test");
    let (echo, identity) = (node::echo(), authority.issue(NAMES));
    plain(&reverse::nghttpx(&identity, echo.port, &[]));
}

#[test]
fn tls_asked_of_nginx() {
    let authority = Authority::new("Test");
    let front = nginx::start("return 200;");
    check(&front, &authority, &[], certain("tls-wrong-port"));
}

#[test]
fn tls_asked_of_haproxy() {
    let authority = Authority::new("Test");
    let echo = node::echo();
    let front = haproxy::start(haproxy::PATIENT, "", "", echo.port);
    check(&front, &authority, &[], certain("tls-wrong-port"));
}

#[test]
fn client_certificate_wanted_by_stunnel() {
    let authority = Authority::new("Test");
    let echo = node::echo();
    let options = format!("verifyChain = yes\nCAfile = {}", text(&authority.root()));
    let front = reverse::stunnel(&authority.issue(NAMES), echo.port, &options);
    check(&front, &authority, &[], certain("tls-mtls"));
}

#[test]
fn nothing_behind_stunnel() {
    let authority = Authority::new("Test");
    let front = reverse::stunnel(&authority.issue(NAMES), port::free(), "");
    check(&front, &authority, &[], possible("http-502"));
}
