//! What a GraphQL server and an operator may write: sessions of both generations bear any text messages, answers are read by Kosmi's
//! profile whatever they hold, and any text is a profile or a mistake.

use serde_json::{Map, Value};
use towpath_chat::kosmi::{Profile, StepKind};
use towpath_graphql::{Event, Generation, Operation, Session, Settings, ending};

/// Takes each line of `data` for a message of the server, and the whole for a profile.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for generation in Generation::ALL {
        session(generation, &text);
    }
    if let Ok(answer) = serde_json::from_str(&text) {
        answers(&answer);
    }
    if let Ok(profile) = Profile::read(&text) {
        assert!(
            profile.step(StepKind::Join).is_some() && profile.step(StepKind::Messages).is_some()
        );
    }
}

fn session(generation: Generation, text: &str) {
    let settings = Settings {
        generation,
        init_payload: None,
        ack_timeout_ms: 100,
        ping_every_ms: Some(70),
        silence_max_ms: Some(1_000),
    };
    let mut session = Session::new(settings, 0);
    let mut over = false;
    for (now, line) in (0..).zip(text.split('\n')) {
        let operation = Operation {
            name: None,
            query: line.to_owned(),
            variables: Map::new(),
        };
        let _ = session.start(now, &operation, Some(50));
        session.receive(now, line);
        session.tick(now);
        while let Some(event) = session.poll_event() {
            assert!(!over, "nothing is told after the end");
            over = matches!(event, Event::Ended(_));
        }
        while let Some(message) = session.poll_send() {
            assert!(serde_json::from_str::<Value>(&message).is_ok());
        }
    }
    let code = text.len() % 5_000;
    let _ = ending(generation, u16::try_from(code).expect("below 5,000"), text);
}

fn answers(answer: &Value) {
    let profile = Profile::default();
    let _ = (
        profile.read_user(answer),
        profile.read_joined(answer),
        profile.read_message(answer),
    );
    let _ = (
        profile.read_edit(answer),
        profile.read_deleted(answer),
        profile.read_sent(answer),
    );
    let _ = profile.read_member(StepKind::Joins, answer);
    if let Some(archive) = profile.read_archive(answer) {
        let times: Vec<_> = archive
            .messages
            .iter()
            .filter_map(|said| said.at_unix_ms)
            .collect();
        assert!(times.len() != archive.messages.len() || times.is_sorted());
    }
}
