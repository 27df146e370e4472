use super::*;
use crate::extension::ParameterProblem;

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const DEFLATE: &str = "permessage-deflate; client_max_window_bits";

/// The good response, with `edit` applied; `subprotocols` and deflate as offered.
fn check(
    subprotocols: &[&str],
    edit: impl FnOnce(&mut u16, &mut Vec<(String, String)>),
) -> Acceptance {
    let mut status = 101;
    let mut headers = headers(&[
        ("Upgrade", "WebSocket"),
        ("Connection", "keep-alive, Upgrade"),
        ("Sec-WebSocket-Accept", ACCEPT),
    ]);
    edit(&mut status, &mut headers);
    let subprotocols: Vec<String> = subprotocols.iter().map(ToString::to_string).collect();
    let offer = Offer {
        key: KEY,
        subprotocols: &subprotocols,
        extensions: DEFLATE,
    };
    check_response(
        &ResponseHead {
            status,
            headers: &headers,
        },
        &offer,
    )
}

fn headers(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// Deviations after replacing (or with an empty list removing) the header `name`.
fn with(subprotocols: &[&str], name: &str, values: &[&str]) -> Vec<Deviation> {
    check(subprotocols, |_, list| {
        list.retain(|(candidate, _)| candidate != name);
        list.extend(
            values
                .iter()
                .map(|value| (name.to_owned(), (*value).to_owned())),
        );
    })
    .deviations
}

#[test]
fn a_good_response_has_no_deviation() {
    let acceptance = check(&["a", "b"], |_, list| {
        list.push(("sec-websocket-protocol".to_owned(), "b".to_owned()));
        list.push((
            "Sec-WebSocket-Extensions".to_owned(),
            "permessage-deflate".to_owned(),
        ));
    });
    assert_eq!(acceptance.deviations, []);
    assert_eq!(acceptance.subprotocol.as_deref(), Some("b"));
    assert_eq!(acceptance.deflate, Some(DeflateParameters::default()));
    assert!(acceptance.opens() && acceptance.opens_in_browser());
}

#[test]
fn a_refusal_is_one_deviation() {
    let acceptance = check(&["a"], |status, list| {
        *status = 403;
        list.clear();
    });
    assert_eq!(
        acceptance.deviations,
        [Deviation::StatusUnexpected {
            status: 403,
            expected: 101
        }]
    );
    assert!(!acceptance.opens());
}

#[test]
fn a_changed_status_leaves_the_rest_checked() {
    let acceptance = check(&[], |status, list| {
        *status = 200;
        list.retain(|(name, _)| name != "Upgrade");
    });
    let status = Deviation::StatusUnexpected {
        status: 200,
        expected: 101,
    };
    assert_eq!(acceptance.deviations, [status, Deviation::UpgradeMissing]);
}

#[test]
fn upgrade_and_connection() {
    assert_eq!(with(&[], "Upgrade", &[]), [Deviation::UpgradeMissing]);
    assert_eq!(
        with(&[], "Upgrade", &["websocket", "websocket"]),
        [Deviation::UpgradeDuplicate]
    );
    let other = Deviation::UpgradeNotWebsocket {
        value: "h2c".to_owned(),
    };
    assert_eq!(with(&[], "Upgrade", &["h2c"]), [other]);
    assert_eq!(with(&[], "Connection", &[]), [Deviation::ConnectionMissing]);
    assert_eq!(with(&[], "Connection", &["close", "upgrade"]), []);
    let without = Deviation::ConnectionWithoutUpgrade {
        value: "close".to_owned(),
    };
    assert_eq!(with(&[], "Connection", &["close"]), [without]);
}

#[test]
fn accept() {
    let name = "Sec-WebSocket-Accept";
    let wrong = |received: &str| Deviation::AcceptWrong {
        expected: ACCEPT.to_owned(),
        received: received.to_owned(),
    };
    assert_eq!(with(&[], name, &[]), [Deviation::AcceptMissing]);
    assert_eq!(
        with(&[], name, &[ACCEPT, ACCEPT]),
        [Deviation::AcceptDuplicate]
    );
    assert_eq!(with(&[], name, &[KEY]), [wrong(KEY)]);
    assert_eq!(
        with(&[], name, &["x", ACCEPT]),
        [Deviation::AcceptDuplicate, wrong("x")]
    );
}

#[test]
fn subprotocol() {
    let name = "Sec-WebSocket-Protocol";
    let unknown = |value: &str| Deviation::SubprotocolNotOffered {
        value: value.to_owned(),
    };
    let missing = check(&["a"], |_, _| {});
    assert_eq!(missing.deviations, [Deviation::SubprotocolMissing]);
    assert!(missing.opens() && !missing.opens_in_browser());
    assert_eq!(with(&[], name, &["a"]), [unknown("a")]);
    assert_eq!(with(&["a"], name, &["A"]), [unknown("A")]);
    assert_eq!(
        with(&["a", "b"], name, &["a", "b"]),
        [Deviation::SubprotocolDuplicate]
    );
    assert_eq!(
        with(&["a", "b"], name, &["a, b"]),
        [Deviation::SubprotocolDuplicate]
    );
    let empty = Deviation::SubprotocolMalformed {
        value: String::new(),
    };
    assert_eq!(with(&["a"], name, &[""]), [empty]);
}

#[test]
fn extensions() {
    let name = "Sec-WebSocket-Extensions";
    let deflate = PERMESSAGE_DEFLATE.to_owned();
    assert_eq!(with(&[], name, &[""]), [Deviation::ExtensionsEmpty]);
    let other = Deviation::ExtensionNotOffered {
        name: "x-deflate".to_owned(),
    };
    assert_eq!(with(&[], name, &["x-deflate"]), [other]);
    let twice = Deviation::ExtensionDuplicate {
        name: deflate.clone(),
    };
    assert_eq!(
        with(&[], name, &["permessage-deflate, permessage-deflate"]),
        vec![twice.clone()]
    );
    assert_eq!(
        with(&[], name, &["permessage-deflate", "permessage-deflate"]),
        vec![twice]
    );
    let problem = ParameterProblem::Unknown {
        name: "foo".to_owned(),
    };
    let bad = Deviation::ExtensionParameters {
        name: deflate,
        problem,
    };
    assert_eq!(with(&[], name, &["permessage-deflate; foo"]), [bad]);
    let broken = Deviation::ExtensionsMalformed {
        value: "a b".to_owned(),
        at: 2,
    };
    assert_eq!(with(&[], name, &["a b"]), [broken]);
}

#[test]
fn body_headers() {
    for (name, value) in [
        ("content-length", "12"),
        ("content-length", "0"),
        ("transfer-encoding", "chunked"),
        ("content-encoding", "gzip"),
    ] {
        let expected = Deviation::BodyHeader {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        assert_eq!(with(&[], name, &[value]), [expected]);
    }
}

#[test]
fn an_answer_may_fit_the_second_offer() {
    let extensions = "permessage-deflate; server_no_context_takeover, permessage-deflate";
    let offer = Offer {
        extensions,
        ..Offer::default()
    };
    let headers = headers(&[("sec-websocket-extensions", "permessage-deflate")]);
    let acceptance = check_connect_response(
        &ResponseHead {
            status: 200,
            headers: &headers,
        },
        &offer,
    );
    assert_eq!(acceptance.deviations, []);
    assert_eq!(acceptance.deflate, Some(DeflateParameters::default()));
}

#[test]
fn an_extended_connect_needs_a_success() {
    let head = ResponseHead {
        status: 400,
        headers: &[],
    };
    let acceptance = check_connect_response(&head, &Offer::default());
    assert_eq!(
        acceptance.deviations,
        [Deviation::StatusUnexpected {
            status: 400,
            expected: 200
        }]
    );
}
