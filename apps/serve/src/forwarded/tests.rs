use http::{HeaderName, HeaderValue};

use super::*;

fn seen(
    trusted: TrustedHops,
    kind: ForwardingHeader,
    lines: &[(&'static str, &'static str)],
) -> (String, &'static str, String, String) {
    let headers = lines
        .iter()
        .map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        })
        .collect();
    let settings = NetworkSettings {
        trusted_hops: trusted,
        forwarding_header: kind,
        ..NetworkSettings::default()
    };
    let peer = Peer {
        address: "10.0.0.1".parse().unwrap(),
        secure: false,
    };
    let client = client(&settings, peer, &headers, "inner:8080");
    let scheme = client.scheme();
    (
        client.address.to_string(),
        scheme,
        client.host.into(),
        client.forwarded_for.into(),
    )
}

fn networks(list: &[&str]) -> TrustedHops {
    TrustedHops::Networks(list.iter().map(|text| text.parse().unwrap()).collect())
}

fn expect(
    address: &str,
    scheme: &'static str,
    host: &str,
    chain: &str,
) -> (String, &'static str, String, String) {
    (address.into(), scheme, host.into(), chain.into())
}

const X: ForwardingHeader = ForwardingHeader::XForwarded;

#[test]
fn nobody_is_believed_unless_trusted() {
    let lines = [
        ("x-forwarded-for", "192.0.2.7"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "evil.test"),
    ];
    let direct = expect("10.0.0.1", "http", "inner:8080", "10.0.0.1");
    assert_eq!(seen(TrustedHops::Count(0), X, &lines), direct);
    assert_eq!(seen(networks(&["10.1.0.0/16"]), X, &lines), direct);
}

#[test]
fn a_forged_entry_on_the_left_is_not_reached() {
    let lines = [
        ("x-forwarded-for", "127.0.0.1, 192.0.2.7"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "example.com"),
    ];
    let known = expect("192.0.2.7", "https", "example.com", "192.0.2.7, 10.0.0.1");
    assert_eq!(seen(TrustedHops::Count(1), X, &lines), known);
    assert_eq!(seen(networks(&["10.0.0.0/8"]), X, &lines), known);
}

#[test]
fn two_hops_and_several_lines_are_one_list() {
    let lines = [
        ("x-forwarded-for", "1.1.1.1, 192.0.2.7"),
        ("x-forwarded-for", "10.0.0.2"),
        ("x-forwarded-proto", "http, https, http"),
    ];
    let known = expect(
        "192.0.2.7",
        "https",
        "inner:8080",
        "192.0.2.7, 10.0.0.2, 10.0.0.1",
    );
    assert_eq!(seen(TrustedHops::Count(2), X, &lines), known);
    assert_eq!(seen(networks(&["10.0.0.0/8"]), X, &lines), known);
}

#[test]
fn more_hops_trusted_than_there_are_and_unreadable_entries_stop_the_walk() {
    let lines = [("x-forwarded-for", "192.0.2.7")];
    let known = expect("192.0.2.7", "http", "inner:8080", "192.0.2.7, 10.0.0.1");
    assert_eq!(seen(TrustedHops::Count(5), X, &lines), known);
    let lines = [("x-forwarded-for", "192.0.2.7, unknown")];
    let direct = expect("10.0.0.1", "http", "inner:8080", "10.0.0.1");
    assert_eq!(seen(TrustedHops::Count(5), X, &lines), direct);
}

#[test]
fn the_standard_header_is_read_only_where_it_is_chosen() {
    let lines = [
        ("x-forwarded-for", "127.0.0.1"),
        (
            "forwarded",
            "for=1.1.1.1;host=evil.test, For=\"[2001:db8::7]:4711\";Proto=HTTPS;host=\"example.com:444\"",
        ),
    ];
    let known = expect(
        "2001:db8::7",
        "https",
        "example.com:444",
        "2001:db8::7, 10.0.0.1",
    );
    let hops = TrustedHops::Count(1);
    assert_eq!(
        seen(hops.clone(), ForwardingHeader::Forwarded, &lines),
        known
    );
    assert_eq!(seen(hops, X, &lines).0, "127.0.0.1");
}

#[test]
fn quotes_hide_separators_and_a_host_must_be_one() {
    let lines = [(
        "forwarded",
        "for=192.0.2.7;by=\"a,b;c\\\"\";host=\"user@evil.test\"",
    )];
    let known = expect("192.0.2.7", "http", "inner:8080", "192.0.2.7, 10.0.0.1");
    assert_eq!(
        seen(TrustedHops::Count(1), ForwardingHeader::Forwarded, &lines),
        known
    );
}
