//! A whole connection: any bytes in any pieces give the same events, and no peer can make it hold more than its limits.

use towpath_websocket::extension::DeflateParameters;
use towpath_websocket::{Connection, Event, Limits, Role};

/// Feeds `data` twice, in one piece and in small ones. The first two bytes choose the setting.
pub fn run(data: &[u8]) {
    let &[setting, piece, ref stream @ ..] = data else {
        return;
    };
    let expected = feed(setting, stream, stream.len().max(1));
    let events = feed(setting, stream, usize::from(piece).max(1));
    assert_eq!(
        events, expected,
        "where the stream is cut makes no difference"
    );
}

fn feed(setting: u8, stream: &[u8], piece: usize) -> Vec<Event> {
    let limits = Limits {
        message_bytes_max: MESSAGE_BYTES_MAX,
        frames_per_message_max: 8,
        ..Limits::default()
    };
    let role = if setting & 1 == 0 {
        Role::Client
    } else {
        Role::Server
    };
    let keeps_windows = setting & 4 != 0;
    let deflate = (setting & 2 != 0).then_some(DeflateParameters {
        server_no_context_takeover: !keeps_windows,
        client_no_context_takeover: !keeps_windows,
        server_max_window_bits: 15,
        client_max_window_bits: 15,
    });
    let mut connection = Connection::new(role, limits, deflate);
    let mut events = Vec::new();
    for bytes in stream.chunks(piece) {
        connection.feed_into(bytes, &mut events);
        assert!(
            connection.held_bytes() <= HELD_BYTES_MAX,
            "held: {} bytes",
            connection.held_bytes()
        );
    }
    events.extend(connection.finish());
    for event in &events {
        if let Event::Message { message, .. } = event {
            assert!(
                message.payload.len() <= MESSAGE_BYTES_MAX,
                "a message of {} bytes",
                message.payload.len()
            );
        }
    }
    events
}

const MESSAGE_BYTES_MAX: usize = 4096;

/// Twice a message, because buffers grow by doubling, and as much for a control frame.
const HELD_BYTES_MAX: usize = 4 * MESSAGE_BYTES_MAX;
