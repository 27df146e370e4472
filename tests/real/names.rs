//! Names that a resolver does not give, or gives wrongly: dnsmasq in a network of its own.

use towpath_tests::support::{Check, Namespace};

use crate::expect::Expect::{self, Healthy};
use crate::expect::{likely, possible};
use towpath_tests::boxes::{dnsmasq, node};

/// dnsmasq with these settings, the URL asked for, and what must come out. An echo listens on port 80.
struct Case(&'static str, &'static str, &'static str, Expect);

fn play(Case(test, settings, url, expect): Case) {
    let Some(namespace) = Namespace::new(test) else {
        return;
    };
    let _echo = node::start_in(&namespace, "ws-echo.mjs", 80, &[]);
    let _resolver = dnsmasq::asked_by(&namespace, settings);
    expect.hold(&Check::inside(&namespace, url).run());
}

cases! { play;
    a_name => Case("a_name", "address=/echo.example/127.0.0.1", "ws://echo.example/", Healthy);
    an_alias => Case(
        "an_alias", "cname=alias.example,echo.example\nhost-record=echo.example,127.0.0.1", "ws://alias.example/", Healthy,
    );
    no_such_name => Case("no_such_name", "address=/example/", "ws://missing.example/", likely("dns-nxdomain"));
    a_failing_resolver => Case(
        "a_failing_resolver", "server=127.0.0.1#9", "ws://echo.example/", likely("dns-servfail"),
    );
    a_refusing_resolver => Case("a_refusing_resolver", "", "ws://echo.example/", likely("dns-servfail"));
    a_sinkhole => Case(
        "a_sinkhole", "address=/blocked.example/0.0.0.0", "ws://blocked.example:8080/", likely("dns-filtered"),
    );
    a_sinkhole_of_both_families => Case(
        "a_sinkhole_of_both_families", "address=/blocked.example/#", "ws://blocked.example:8080/", likely("dns-filtered"),
    );
    a_guard_against_private_addresses => Case(
        "a_guard_against_private_addresses", "address=/inside.example/", "ws://inside.example/", likely("dns-nxdomain"),
    );
}

#[test]
fn a_silent_resolver() {
    let Some(namespace) = Namespace::new("a_silent_resolver") else {
        return;
    };
    namespace.replace(
        "/etc/resolv.conf",
        "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
    );
    namespace.run("nft add table ip t; nft 'add chain ip t in { type filter hook input priority 0; }'; nft add rule ip t in udp dport 53 drop; nft add rule ip t in tcp dport 53 drop");
    likely("dns-servfail").hold(&Check::inside(&namespace, "ws://echo.example/").run());
}

#[test]
fn a_line_of_the_hosts_file() {
    let Some(namespace) = Namespace::new("a_line_of_the_hosts_file") else {
        return;
    };
    let _resolver = dnsmasq::asked_by(&namespace, "address=/echo.example/127.0.0.2");
    let _echo = node::start_in(&namespace, "ws-echo.mjs", 80, &["--host", "127.0.0.2"]);
    namespace.replace(
        "/etc/hosts",
        "127.0.0.1 localhost\n127.0.0.9 echo.example\n",
    );
    possible("dns-override").hold(&Check::inside(&namespace, "ws://echo.example/").run());
}
