//! Looks for one text in what a page's sockets send first.
//!
//! Pure: events in. Keeps the text it looks for and, of everything else, names only.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::headers::from_object;
use crate::protocol::Event;
use crate::shape::{MessageShape, as_json};

/// A socket by its session and its number there.
type Socket = (Option<String>, String);

/// Hears the first messages of each socket until one holds what is wanted.
#[derive(Debug)]
pub(crate) struct Listener {
    pointer: String,
    found: Option<String>,
    too_long: Option<u64>,
    /// Messages heard by socket, for those of the origin.
    heard: HashMap<Socket, usize>,
    /// Where the messages heard hold texts.
    texts_at: BTreeSet<String>,
    /// The origin of whose sockets: what frames of other sites in the page send is not the page's to show.
    origin: String,
}

impl Listener {
    /// Looks for a text at this place (RFC 6901) on sockets of this origin.
    pub(crate) fn at(pointer: &str, origin: &str) -> Self {
        Self {
            pointer: pointer.to_owned(),
            origin: origin.to_owned(),
            found: None,
            too_long: None,
            heard: HashMap::new(),
            texts_at: BTreeSet::new(),
        }
    }

    pub(crate) fn found(&self) -> Option<&str> {
        self.found.as_deref()
    }

    /// Characters of a text that was in the place and is over the limit.
    pub(crate) fn too_long(&self) -> Option<u64> {
        self.too_long
    }

    /// Sockets of the origin.
    pub(crate) fn sockets(&self) -> usize {
        self.heard.len()
    }

    /// Messages heard on all sockets.
    pub(crate) fn messages(&self) -> usize {
        self.heard.values().sum()
    }

    /// The places of texts in the messages heard.
    pub(crate) fn texts_at(&self) -> impl Iterator<Item = &str> {
        self.texts_at.iter().map(String::as_str)
    }

    pub(crate) fn hear(&mut self, event: &Event) {
        let id = event.params["requestId"].as_str().unwrap_or_default();
        let socket = (event.session.clone(), id.to_owned());
        match event.method.as_str() {
            "Network.webSocketWillSendHandshakeRequest" => self.meet(socket, event),
            "Network.webSocketFrameSent" if self.found.is_none() => self.take_in(&socket, event),
            _ => {}
        }
    }

    /// A socket before it can say anything. The browser's `Origin` tells whose it is.
    fn meet(&mut self, socket: Socket, event: &Event) {
        let headers = from_object(&event.params["request"]["headers"]);
        let mut names = headers.iter();
        let origin = names.find(|(name, _)| name.eq_ignore_ascii_case("origin"));
        let ours = origin.is_some_and(|(_, origin)| *origin == self.origin);
        if ours && self.heard.len() < SOCKETS_MAX {
            self.heard.entry(socket).or_default();
        }
    }

    fn take_in(&mut self, socket: &Socket, event: &Event) {
        let frame = &event.params["response"];
        let text = frame["payloadData"].as_str();
        let (Some(text), Some(heard)) = (
            text.filter(|_| frame["opcode"] == OPCODE_TEXT),
            self.heard.get_mut(socket),
        ) else {
            return;
        };
        if *heard >= FIRST_MESSAGES {
            return;
        }
        *heard += 1;
        if let Some(message) = as_json(text) {
            self.look_into(&message);
        }
    }

    fn look_into(&mut self, message: &Value) {
        match message.pointer(&self.pointer).and_then(Value::as_str) {
            Some(text) if text.len() > super::VALUE_BYTES_MAX => {
                self.too_long = Some(text.len() as u64);
            }
            Some(text) if !text.is_empty() => self.found = Some(text.to_owned()),
            _ => {
                let places = MessageShape::of(message).texts_at;
                let room = PLACES_MAX.saturating_sub(self.texts_at.len());
                self.texts_at.extend(places.into_iter().take(room));
            }
        }
    }
}

const OPCODE_TEXT: u8 = 1;
const SOCKETS_MAX: usize = 64;
/// A token is sent at the beginning or never; what users write later is none of our business.
const FIRST_MESSAGES: usize = 8;
const PLACES_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn sent(socket: &str, opcode: u8, text: &str) -> Event {
        Event {
            session: Some("page".into()),
            method: "Network.webSocketFrameSent".into(),
            params: json!({ "requestId": socket,
                "response": { "opcode": opcode, "payloadData": text } }),
        }
    }

    const OURS: &str = "https://app.example";

    fn opened(socket: &str, origin: &str) -> Event {
        Event {
            session: Some("page".into()),
            method: "Network.webSocketWillSendHandshakeRequest".into(),
            params: json!({ "requestId": socket, "request": { "headers": { "Origin": origin } } }),
        }
    }

    fn with_sockets(pointer: &str) -> Listener {
        let mut listener = Listener::at(pointer, OURS);
        listener.hear(&opened("1", OURS));
        listener.hear(&opened("2", OURS));
        listener
    }

    fn listened(pointer: &str, messages: &[&str]) -> Listener {
        let mut listener = with_sockets(pointer);
        for message in messages {
            listener.hear(&sent("1", 1, message));
        }
        listener
    }

    #[test]
    fn the_text_at_the_place_is_found_and_the_first_one_stays() {
        let listener = listened(
            "/payload/token",
            &[
                r#"{"type":"ping"}"#,
                r#"{"type":"connection_init","payload":{"token":"one"}}"#,
                r#"{"type":"connection_init","payload":{"token":"two"}}"#,
            ],
        );
        assert_eq!(listener.found(), Some("one"));
    }

    #[test]
    fn array_frames_and_frames_behind_digits_are_json_too() {
        let phoenix = listened(
            "/4/token",
            &[r#"["1","1","room","phx_join",{"token":"t"}]"#],
        );
        assert_eq!(phoenix.found(), Some("t"));
        let socket_io = listened("/token", &[r#"40{"token":"t"}"#]);
        assert_eq!(socket_io.found(), Some("t"));
    }

    #[test]
    fn what_does_not_hold_it_leaves_names_and_no_values() {
        let listener = listened(
            "/payload/token",
            &[r#"{"type":"connection_init","payload":{"authToken":"secret","token":""}}"#],
        );
        assert_eq!(listener.found(), None);
        let places: Vec<_> = listener.texts_at().collect();
        assert_eq!(places, ["/payload/authToken", "/payload/token", "/type"]);
        assert_eq!(listener.messages(), 1);
    }

    #[test]
    fn only_the_first_messages_of_a_socket_count() {
        let mut listener = with_sockets("/token");
        for _ in 0..FIRST_MESSAGES {
            listener.hear(&sent("1", 1, "{}"));
        }
        listener.hear(&sent("1", 1, r#"{"token":"late"}"#));
        assert_eq!(listener.found(), None);
        listener.hear(&sent("2", 1, r#"{"token":"other"}"#));
        assert_eq!(listener.found(), Some("other"));
    }

    #[test]
    fn sockets_of_frames_of_other_sites_are_not_heard() {
        let mut listener = with_sockets("/token");
        listener.hear(&opened("3", "https://advertisement.example"));
        listener.hear(&opened("4", "null"));
        let mut says = |socket: &str| {
            listener.hear(&sent(socket, 1, r#"{"token":"t"}"#));
            listener.found().is_some()
        };
        assert!(!says("3") && !says("4") && !says("unknown"));
        assert!(says("1"));
    }

    #[test]
    fn binary_is_not_read() {
        let mut listener = with_sockets("/token");
        listener.hear(&sent("1", 2, r#"{"token":"t"}"#));
        assert_eq!(listener.found(), None);
    }

    #[test]
    fn a_text_over_the_limit_is_no_token() {
        let long = format!(
            r#"{{"token":"{}"}}"#,
            "x".repeat(crate::read::VALUE_BYTES_MAX + 1)
        );
        let listener = listened("/token", &[&long]);
        assert_eq!(listener.found(), None);
        assert!(listener.too_long().is_some());
    }

    proptest! {
        #[test]
        fn any_message_is_taken(text in ".{0,200}", pointer in ".{0,20}") {
            listened(&pointer, &[&text]);
        }
    }
}
