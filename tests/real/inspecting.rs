//! Inspecting proxies, Squid with ssl-bump and mitmproxy: working ones, and what they break.

use towpath_tests::support::certificates::text;
use towpath_tests::support::{Authority, Check};

use crate::expect::Expect::{self, Healthy};
use crate::expect::{certain, likely, possible};
use towpath_tests::boxes::{mitmproxy, node, squid};

#[derive(Clone, Copy)]
enum Kind {
    Squid,
    Mitmproxy,
}

/// An inspecting proxy before a TLS echo: its rules (or what spoils the traffic), whether the client trusts
/// its authority, the options.
struct Case(Kind, &'static str, bool, &'static str, Expect);

fn play(Case(kind, rules, trusted, options, expect): Case) {
    let public = Authority::new("Public Trust");
    let company = Authority::new("Example Corp Security");
    let echo = node::start_tls("ws-echo.mjs", "", &public.issue(&["localhost"]));
    let proxy = match kind {
        Squid => squid::inspecting(&company, &public, rules),
        Mitmproxy => mitmproxy::start(&company, &public, rules),
    };
    let mut check = Check::of(&echo.wss("/")).args(["--proxy", &proxy.proxy()]);
    if trusted {
        let signer = if rules == SPLICE { &public } else { &company };
        check = check.args(["--cacert", &text(&signer.root())]);
    }
    expect.hold(&check.words(options).run());
}

const ALLOW: &str = "http_upgrade_request_protocols websocket allow all";
const WRONG_CASE: &str = "http_upgrade_request_protocols WebSocket allow all";

const SPLICE: &str = "ssl_bump splice all";
const TERMINATE: &str = "acl hello at_step SslBump1\nacl bad ssl::server_name localhost\n\
    ssl_bump peek hello\nssl_bump terminate bad\nssl_bump splice all";

use Kind::{Mitmproxy, Squid};

cases! { play;
    squid_passes => Case(Squid, ALLOW, true, "--echo", Healthy);
    squid_strips => Case(Squid, "", true, "", likely("proxy-inspect-strip"));
    squid_allows_the_wrong_name => Case(Squid, WRONG_CASE, true, "", likely("proxy-inspect-strip"));
    squid_is_not_trusted => Case(Squid, ALLOW, false, "", likely("tls-intercept-untrusted"));
    squid_splices => Case(Squid, SPLICE, true, "--echo", Healthy);
    squid_terminates => Case(Squid, TERMINATE, true, "", likely("tls-sni-filter"));
    mitmproxy_passes => Case(Mitmproxy, "", true, "--echo", Healthy);
    mitmproxy_is_not_trusted => Case(Mitmproxy, "", false, "", likely("tls-intercept-untrusted"));
    mitmproxy_strips => Case(Mitmproxy, "strip", true, "", likely("proxy-inspect-strip"));
    mitmproxy_forbids => Case(Mitmproxy, "policy", true, "", likely("proxy-ws-policy"));
    mitmproxy_drops_messages => Case(Mitmproxy, "drop", true, "--echo", likely("proxy-101-mute"));
    mitmproxy_drops_messages_sent => Case(Mitmproxy, "drop", true, "--send a --expect a", possible("proxy-101-mute"));
    mitmproxy_drops_binary => Case(Mitmproxy, "binary", true, "--echo", likely("frame-binary-blocked"));
    mitmproxy_drops_big => Case(Mitmproxy, "big", true, "--echo", likely("frame-big-silent"));
    mitmproxy_answers_wrongly => Case(Mitmproxy, "accept", true, "", certain("http-accept-wrong"));
}

/// A plain echo behind Squid as a plain forwarding hop or an accelerator: Upgrade is lost without TLS.
#[test]
fn squid_accelerates_plain() {
    let echo = node::echo();
    let proxy = squid::start(
        "accel no-vhost",
        &format!(
            "cache_peer 127.0.0.1 parent {} 0 no-query originserver\nhttp_access allow all",
            echo.port
        ),
    );
    likely("http-upgrade-stripped").hold(&Check::of(&proxy.ws("/")).run());
}
