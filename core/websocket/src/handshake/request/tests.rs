use super::*;

const GOOD: &[(&str, &str)] = &[
    ("Host", "example.org"),
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ("Sec-WebSocket-Version", "13"),
];

/// The good request with the values of one header replaced, or removed by an empty list.
fn with(name: &str, values: &[&str]) -> RequestReview {
    let replaced = values.iter().map(|value| (name, *value));
    let headers: Vec<(String, String)> = GOOD
        .iter()
        .copied()
        .filter(|(candidate, _)| *candidate != name)
        .chain(replaced)
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    check_request(&RequestHead {
        method: "GET",
        http_version: (1, 1),
        headers: &headers,
    })
}

#[test]
fn a_good_request_has_no_deviation() {
    let review = with("Sec-WebSocket-Protocol", &["a, b", "c"]);
    assert_eq!(review.deviations, []);
    assert_eq!(review.subprotocols, ["a", "b", "c"]);
    assert!(review.may_be_accepted());
}

#[test]
fn each_header_is_checked() {
    let malformed = |value: &str| Deviation::KeyMalformed {
        value: value.to_owned(),
    };
    let version = |value: &str| Deviation::VersionUnsupported {
        value: value.to_owned(),
    };
    let key = "dGhlIHNhbXBsZSBub25jZQ==";
    for (name, values, expected) in [
        ("Host", &[][..], vec![Deviation::HostMissing]),
        ("Host", &["a", "b"], vec![Deviation::HostDuplicate]),
        ("Upgrade", &[], vec![Deviation::UpgradeMissing]),
        ("Connection", &[], vec![Deviation::ConnectionMissing]),
        ("Sec-WebSocket-Key", &[], vec![Deviation::KeyMissing]),
        (
            "Sec-WebSocket-Key",
            &[key, key],
            vec![Deviation::KeyDuplicate],
        ),
        ("Sec-WebSocket-Key", &["AAAA"], vec![malformed("AAAA")]),
        (
            "Sec-WebSocket-Key",
            &["no base64 at all"],
            vec![malformed("no base64 at all")],
        ),
        ("Sec-WebSocket-Key", &["abcdefghijklmnopqrstuv=="], vec![]),
        (
            "Sec-WebSocket-Version",
            &[],
            vec![Deviation::VersionMissing],
        ),
        ("Sec-WebSocket-Version", &["8"], vec![version("8")]),
        (
            "Sec-WebSocket-Version",
            &["13", "13"],
            vec![Deviation::VersionDuplicate],
        ),
        (
            "Sec-WebSocket-Extensions",
            &[""],
            vec![Deviation::ExtensionsEmpty],
        ),
    ] {
        assert_eq!(with(name, values).deviations, expected, "{name} {values:?}");
    }
}

#[test]
fn method_and_version_are_checked() {
    let review = check_request(&RequestHead {
        method: "POST",
        http_version: (1, 0),
        headers: &[],
    });
    assert_eq!(
        review.deviations,
        [
            Deviation::MethodNotGet {
                method: "POST".to_owned()
            },
            Deviation::HttpVersionTooLow { major: 1, minor: 0 },
            Deviation::HostMissing,
            Deviation::UpgradeMissing,
            Deviation::ConnectionMissing,
            Deviation::KeyMissing,
            Deviation::VersionMissing,
        ]
    );
    assert!(!review.may_be_accepted());
}

#[test]
fn subprotocols_are_tokens_and_differ() {
    let review = with("Sec-WebSocket-Protocol", &["a, a, b c"]);
    assert_eq!(
        review.deviations,
        [
            Deviation::SubprotocolRepeated {
                value: "a".to_owned()
            },
            Deviation::SubprotocolMalformed {
                value: "b c".to_owned()
            },
        ]
    );
    assert_eq!(review.subprotocols, ["a"]);
}

#[test]
fn bad_deflate_offers_are_named_and_skipped() {
    let value = "permessage-deflate; server_max_window_bits=99, permessage-deflate, other";
    let review = with("Sec-WebSocket-Extensions", &[value]);
    assert_eq!(review.deviations.len(), 1, "{:?}", review.deviations);
    assert_eq!(review.deviations[0].as_str(), "extension-parameters");
    assert_eq!(review.deflate_offers, [DeflateOffer::default()]);
    assert_eq!(review.extensions.len(), 3);
}
