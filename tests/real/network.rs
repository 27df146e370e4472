//! Networks that drop, reset or lose: firewalls, missing routes, broken IPv6, small packets.

use towpath_tests::support::certificates::text;
use towpath_tests::support::{Authority, Check, Folder, Namespace, Program};

use crate::expect::Expect::{self, Healthy};
use crate::expect::{likely, possible};
use towpath_tests::boxes::{dnsmasq, node, squid};

/// The server's side of a cable: addresses 10.9.8.2 and `fd09::2`.
struct Wired {
    client: Namespace,
    server: Namespace,
}

impl Wired {
    fn new(test: &str) -> Option<Self> {
        let (client, server) = (Namespace::new(test)?, Namespace::new(test)?);
        client.cable("near", &server, "far");
        client.run(
            "ip address add 10.9.8.1/24 dev near; ip -6 address add fd09::1/64 dev near nodad; \
             ip route add default via 10.9.8.2",
        );
        server
            .run("ip address add 10.9.8.2/24 dev far; ip -6 address add fd09::2/64 dev far nodad");
        Some(Self { client, server })
    }

    /// Rules of the server's firewall for what comes in, in the language of nft.
    fn filter(&self, rules: &[&str]) {
        let chain = "nft add table inet t; nft 'add chain inet t in { type filter hook input priority 0; }'";
        let rules = rules
            .iter()
            .map(|rule| format!("; nft 'add rule inet t in {rule}'"))
            .collect::<Vec<_>>()
            .concat();
        self.server.run(&format!("{chain}{rules}"));
    }

    fn echo(&self, port: u16) -> Program {
        node::start_in(&self.server, "ws-echo.mjs", port, &[])
    }

    fn check(&self, url: &str) -> Check {
        Check::inside(&self.client, url)
    }
}

/// A firewall's rules on the server's side, where echoes listen on ports 443 and 8080, and the URL asked for.
struct Case(&'static str, &'static [&'static str], &'static str, Expect);

fn play(Case(test, rules, url, expect): Case) {
    let Some(wired) = Wired::new(test) else {
        return;
    };
    let _echoes = [wired.echo(443), wired.echo(8080)];
    wired.filter(rules);
    expect.hold(&wired.check(url).run());
}

const TO: &str = "ws://10.9.8.2:8080/";

cases! { play;
    nothing_filtered => Case("nothing_filtered", &[], TO, Healthy);
    nothing_filtered_on_ipv6 => Case("nothing_filtered_on_ipv6", &[], "ws://[fd09::2]:8080/", Healthy);
    everything_dropped => Case("everything_dropped", &["meta l4proto tcp drop"], TO, likely("tcp-drop"));
    everything_rejected => Case(
        "everything_rejected", &["tcp dport 8080 reject with tcp reset", "tcp dport 443 reject with tcp reset"],
        TO, likely("tcp-refused"),
    );
    only_443_passes => Case("only_443_passes", &["tcp dport != 443 drop"], TO, likely("tcp-port-egress"));
    only_443_passes_with_resets => Case(
        "only_443_passes_with_resets", &["tcp dport != 443 reject with tcp reset"], TO, likely("tcp-port-egress"),
    );
    unreachable_by_icmp => Case(
        "unreachable_by_icmp", &["meta l4proto tcp reject with icmpx type host-unreachable"], TO, likely("net-offline"),
    );
}

/// Connections that carried the handshake may carry nothing more: the firewall counts packets.
#[test]
fn reset_at_the_first_frame() {
    after_the_handshake(
        "reset_at_the_first_frame",
        "reject with tcp reset",
        "proxy-101-rst",
    );
}

#[test]
fn dropped_from_the_first_frame_on() {
    after_the_handshake("dropped_from_the_first_frame_on", "drop", "proxy-101-mute");
}

fn after_the_handshake(test: &str, fate: &str, cause: &'static str) {
    let Some(wired) = Wired::new(test) else {
        return;
    };
    let _echo = wired.echo(8080);
    // SYN, its acknowledgement, the request, and the acknowledgement of the answer.
    let rule = format!("ct direction original ct original packets > 4 {fate}");
    wired.filter(&[&rule]);
    wired
        .server
        .run("sysctl -qw net.netfilter.nf_conntrack_acct=1");
    likely(cause).hold(&wired.check(TO).run());
}

#[test]
fn no_route() {
    let Some(namespace) = Namespace::new("no_route") else {
        return;
    };
    likely("net-offline").hold(&Check::inside(&namespace, "ws://10.9.8.2/").run());
}

#[test]
fn offline_with_a_name() {
    let Some(namespace) = Namespace::new("offline_with_a_name") else {
        return;
    };
    namespace.replace(
        "/etc/resolv.conf",
        "nameserver 10.9.8.7\noptions timeout:1 attempts:1\n",
    );
    possible("net-offline").hold(&Check::inside(&namespace, "ws://echo.example/").run());
}

#[test]
fn broken_ipv6() {
    let Some(wired) = Wired::new("broken_ipv6") else {
        return;
    };
    let _echo = wired.echo(80);
    wired.filter(&["meta nfproto ipv6 tcp dport 80 drop"]);
    let records = "host-record=echo.example,10.9.8.2,fd09::2";
    let _resolver = dnsmasq::asked_by(&wired.client, records);
    likely("tcp-v6-broken").hold(&wired.check("ws://echo.example/").run());
}

#[test]
fn both_families() {
    let Some(wired) = Wired::new("both_families") else {
        return;
    };
    let _echo = wired.echo(80);
    let records = "host-record=echo.example,10.9.8.2,fd09::2";
    let _resolver = dnsmasq::asked_by(&wired.client, records);
    Healthy.hold(&wired.check("ws://echo.example/").words("--echo").run());
}

/// The cable takes small packets only, and nobody says so: the server's large segments vanish.
#[test]
fn large_packets_vanish() {
    let Some(wired) = Wired::new("large_packets_vanish") else {
        return;
    };
    let _echo = wired.echo(8080);
    wired.filter(&["meta length > 1400 drop"]);
    likely("tcp-mtu-blackhole").hold(&wired.check(TO).words("--echo").run());
}

/// The network sends port 80 through a proxy that nobody was told of.
#[test]
fn squid_intercepts_port_80() {
    let Some(wired) = Wired::new("squid_intercepts_port_80") else {
        return;
    };
    let _echo = wired.echo(80);
    let _proxy = squid::intercepting(&wired.server, 3129);
    wired.server.run(
        "nft add table ip n; nft 'add chain ip n p { type nat hook prerouting priority -100; }'; \
         nft add rule ip n p tcp dport 80 redirect to :3129",
    );
    likely("proxy-plain-ws").hold(&wired.check("ws://10.9.8.2/").run());
}

/// A firewall forgets quiet connections and drops what it does not know, without a word.
#[test]
fn quiet_connections_are_forgotten() {
    let Some(wired) = Wired::new("quiet_connections_are_forgotten") else {
        return;
    };
    let _echo = wired.echo(8080);
    wired.filter(&[
        "ct state invalid drop",
        "ct state new tcp flags & (syn | ack) != syn drop",
    ]);
    wired.server.run(
        "sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0 net.netfilter.nf_conntrack_tcp_timeout_established=3",
    );
    likely("time-nat-silent").hold(&wired.check(TO).words("--idle 12").run());
}

#[test]
fn tls_over_the_cable() {
    let Some(wired) = Wired::new("tls_over_the_cable") else {
        return;
    };
    let authority = Authority::new("Test");
    let identity = authority.issue(&["echo.example"]);
    let (chain, key) = (text(&identity.chain()), text(&identity.key()));
    let options = ["--cert", &chain, "--key", &key];
    let _echo = node::start_in(&wired.server, "ws-echo.mjs", 443, &options);
    let check = wired.check("wss://echo.example/");
    let root = text(&authority.root());
    Healthy.hold(
        &check
            .args(["--resolve", "echo.example:443:10.9.8.2", "--cacert", &root])
            .run(),
    );
}

/// The network opens TLS to every server, with an authority of its own.
fn intercepted(test: &str, trusted: bool, rules: &str, expect: Expect) {
    let Some(wired) = Wired::new(test) else {
        return;
    };
    let (public, company) = (
        Authority::new("Public Trust"),
        Authority::new("Example Corp Security"),
    );
    let identity = public.issue(&["echo.example"]);
    let (chain, key) = (text(&identity.chain()), text(&identity.key()));
    let options = ["--cert", &chain, "--key", &key];
    let _echo = node::start_in(&wired.server, "ws-echo.mjs", 443, &options);
    // Squid looks the name up itself.
    let hosts = Folder::new();
    let file = hosts.write("hosts", "10.9.8.2 echo.example\n");
    let rules = format!("{rules}\nhosts_file {}", text(&file));
    let _proxy = squid::intercepting_tls(&wired.server, &company, &public, 3129, &rules);
    wired.server.run(
        "nft add table ip n; nft 'add chain ip n p { type nat hook prerouting priority -100; }'; \
         nft add rule ip n p tcp dport 443 redirect to :3129",
    );
    let signer = if trusted { &company } else { &public };
    let check = wired.check("wss://echo.example/");
    let check = check.args(["--resolve", "echo.example:443:10.9.8.2"]);
    expect.hold(&check.args(["--cacert", &text(&signer.root())]).run());
}

#[test]
fn intercepted_and_not_trusted() {
    let allow = "http_upgrade_request_protocols websocket allow all";
    intercepted(
        "intercepted_and_not_trusted",
        false,
        allow,
        likely("tls-intercept-untrusted"),
    );
}

#[test]
fn intercepted_and_working() {
    let allow = "http_upgrade_request_protocols websocket allow all";
    intercepted("intercepted_and_working", true, allow, Healthy);
}

#[test]
fn intercepted_and_stripped() {
    intercepted(
        "intercepted_and_stripped",
        true,
        "",
        likely("proxy-inspect-strip"),
    );
}

/// A slow line is no fault.
#[test]
fn a_narrow_way() {
    let Some(wired) = Wired::new("a_narrow_way") else {
        return;
    };
    let _echo = wired.echo(8080);
    let narrow = "tc qdisc add dev {} root tbf rate 4mbit burst 32kbit latency 400ms";
    wired.client.run(&narrow.replace("{}", "near"));
    wired.server.run(&narrow.replace("{}", "far"));
    Healthy.hold(&wired.check(TO).words("--echo").run());
}

#[test]
fn served_on_ipv6_only() {
    let Some(wired) = Wired::new("served_on_ipv6_only") else {
        return;
    };
    let _echo = node::start_in(&wired.server, "ws-echo.mjs", 80, &["--host", "fd09::2"]);
    let records = "host-record=echo.example,10.9.8.2,fd09::2";
    let _resolver = dnsmasq::asked_by(&wired.client, records);
    Healthy.hold(&wired.check("ws://echo.example/").run());
}
