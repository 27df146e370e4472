use proptest::prelude::*;
use towpath_websocket::{Connection, Event, Limits};

/// Kind and content of a message.
type Plain = (MessageKind, Vec<u8>);

use super::*;

const AGREED: &str = "permessage-deflate; client_max_window_bits";

fn parameters() -> DeflateParameters {
    let mut offered = HeaderMap::new();
    offered.insert(header::SEC_WEBSOCKET_EXTENSIONS, AGREED.parse().unwrap());
    agreed(&offered, &HeaderMap::new()).unwrap()
}

fn end(role: towpath_websocket::Role, deflate: bool) -> Connection {
    Connection::new(role, Limits::default(), deflate.then(parameters))
}

fn messages(events: Vec<Event>) -> Vec<Plain> {
    let message = |event| match event {
        Event::Message { message, .. } => (message.kind, message.payload),
        other => panic!("{other:?}"),
    };
    events.into_iter().map(message).collect()
}

/// All that comes out of `wire` when it arrives in pieces of this size.
fn translated(way: &mut dyn Translate, wire: &[u8], size: usize) -> Vec<u8> {
    let mut all = Vec::new();
    for piece in wire.chunks(size) {
        all.extend(way.take(&mut piece.to_vec()).unwrap());
        while let Some(more) = way.go_on().unwrap() {
            assert!(more.len() < 128 * 1024, "{}", more.len());
            all.extend(more);
        }
    }
    all
}

fn payloads() -> impl Strategy<Value = Vec<(bool, Vec<u8>)>> {
    let few = prop::collection::vec(any::<u8>(), 0..300);
    let many = (any::<u8>(), 0..200_000_usize).prop_map(|(byte, length)| vec![byte; length]);
    let payload = prop_oneof![4 => few, 1 => many];
    prop::collection::vec((any::<bool>(), payload), 1..6)
}

/// The smallest fragments that make of no message more than half of the frames an end takes: the gateway passes
/// fragments on as they are, and each end of a read cuts one more in two.
fn finest(all: &[(bool, Vec<u8>)]) -> usize {
    // A byte can become three where it is no text.
    let longest = all.iter().map(|(_, payload)| 3 * payload.len()).max();
    let frames = Limits::default().frames_per_message_max as usize / 2;
    longest.unwrap_or_default().div_ceil(frames)
}

fn send(
    from: &mut Connection,
    all: &[(bool, Vec<u8>)],
    fragment: usize,
    key: [u8; 4],
) -> (Vec<u8>, Vec<Plain>) {
    let (mut wire, mut sent) = (Vec::new(), Vec::new());
    for (text, payload) in all {
        let (kind, payload) = if *text {
            let text = String::from_utf8_lossy(payload).into_owned();
            (MessageKind::Text, text.into_bytes())
        } else {
            (MessageKind::Binary, payload.clone())
        };
        let size = std::num::NonZeroUsize::new(fragment);
        from.send(kind, &payload, size, || key, &mut wire).unwrap();
        sent.push((kind, payload));
    }
    (wire, sent)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn messages_are_the_same_however_they_are_cut(
        all in payloads(), size in 1..70_000_usize, fragment in 0..5000_usize, key: [u8; 4],
    ) {
        use towpath_websocket::Role::{Client, Server};
        let size = size.max(all.iter().map(|(_, payload)| payload.len()).sum::<usize>() / 500);
        let fragment = if fragment == 0 { 0 } else { fragment.max(finest(&all)) };
        let (wire, sent) = send(&mut end(Client, true), &all, fragment, key);
        let plain = translated(&mut Up::new(), &wire, size);
        let mut backend = end(Server, false);
        prop_assert_eq!(messages(backend.feed(&plain)), sent);

        let (wire, sent) = send(&mut end(Server, false), &all, fragment, key);
        let packed = translated(&mut Down::new(parameters()), &wire, size);
        let mut client = end(Client, true);
        prop_assert_eq!(messages(client.feed(&packed)), sent);
    }

    #[test]
    fn any_bytes_are_taken_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..600), size in 1..100_usize) {
        let ways: [Box<dyn Translate>; 2] = [Box::new(Up::new()), Box::new(Down::new(parameters()))];
        for mut way in ways {
            for piece in bytes.chunks(size) {
                if way.take(&mut piece.to_vec()).is_err() {
                    break;
                }
                while let Ok(Some(_)) = way.go_on() {}
            }
        }
    }
}

#[test]
fn a_text_is_smaller_on_the_client_s_leg() {
    use towpath_websocket::Role::Server;
    let all = [(true, b"again and again ".repeat(100))];
    let (wire, _) = send(&mut end(Server, false), &all, 0, [0; 4]);
    let packed = translated(&mut Down::new(parameters()), &wire, wire.len());
    assert!(packed.len() < 100, "{}", packed.len());
}

#[test]
fn a_bomb_goes_on_in_parts_and_holds_little() {
    use towpath_websocket::Role::Client;
    let all = [(false, vec![0; 50_000_000])];
    let (wire, _) = send(&mut end(Client, true), &all, 0, [1; 4]);
    assert!(wire.len() < 60_000);
    let mut way = Up::new();
    let plain = translated(&mut way, &wire, 16 * 1024);
    assert!(plain.len() > 50_000_000);
    assert!(way.is_empty());
}

#[test]
fn control_frames_go_through_and_an_unknown_extension_is_left_alone() {
    use towpath_websocket::Role::{Client, Server};
    let mut client = end(Client, true);
    let mut wire = Vec::new();
    client.send_ping(b"p", || [1; 4], &mut wire).unwrap();
    client.send_pong(b"q", || [1; 4], &mut wire).unwrap();
    let code = towpath_websocket::CloseCode(4001);
    client
        .send_close(Some(code), "why", || [1; 4], &mut wire)
        .unwrap();
    let plain = translated(&mut Up::new(), &wire, 3);
    let events = end(Server, false).feed(&plain);
    let expected = [
        Event::Ping(b"p".to_vec()),
        Event::Pong(b"q".to_vec()),
        Event::Close {
            code: Some(code),
            reason: "why".to_owned(),
        },
    ];
    assert_eq!(events, expected);

    let mut of_backend = HeaderMap::new();
    of_backend.insert(header::SEC_WEBSOCKET_EXTENSIONS, "x-own".parse().unwrap());
    let mut of_client = HeaderMap::new();
    of_client.insert(header::SEC_WEBSOCKET_EXTENSIONS, AGREED.parse().unwrap());
    assert_eq!(agreed(&of_client, &of_backend), None);
    assert_eq!(agreed(&HeaderMap::new(), &HeaderMap::new()), None);
}
