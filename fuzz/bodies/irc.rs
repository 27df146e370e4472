//! What an IRC server may send: bytes in any pieces are the same lines, any line is borne, what leaves is one line, and whatever is said
//! has one proof.

use std::collections::BTreeMap;

use towpath_irc::{Event, Framer, Join, Kind, LINE_BYTES_MAX, Line, Say, Session, Settings, write};

/// Takes `data`, whose first byte says how large the pieces are, for what a server sends.
pub fn run(data: &[u8]) {
    let Some((&size, data)) = data.split_first() else {
        return;
    };
    let whole = lines(data, data.len());
    assert_eq!(lines(data, usize::from(size)), whole, "the same in pieces");
    for line in &whole {
        assert!(line.len() <= LINE_BYTES_MAX);
        if let Ok(line) = Line::parse(line) {
            again(&line);
        }
    }
    session(&whole);
}

fn lines(data: &[u8], size: usize) -> Vec<Vec<u8>> {
    let mut framer = Framer::default();
    let mut all = Vec::new();
    for piece in data.chunks(size.max(1)) {
        framer.push(piece);
        all.extend(std::iter::from_fn(|| framer.next_line()));
    }
    all
}

/// What can be written as it was read comes back.
fn again(line: &Line) {
    let params: Vec<&str> = line.params.iter().map(String::as_str).collect();
    let Ok(written) = write(&line.command, &params) else {
        return;
    };
    let read = Line::parse(written.as_bytes()).expect("what is written can be read");
    assert_eq!((&read.command, &read.params), (&line.command, &line.params));
}

fn session(lines: &[Vec<u8>]) {
    let mut now = 1_800_000_000_000;
    let mut session = Session::new(Settings::new("bot"), now);
    session.join(
        now,
        Join {
            room: "#room".to_owned(),
            key: None,
            since_ms: Some(now - 1_000),
            since_id: None,
            was_away: true,
        },
    );
    for line in ["001 bot :hello", "376 bot :end", ":bot!u@h JOIN #room"] {
        session.receive(now, line.as_bytes());
    }
    let mut proofs: BTreeMap<u64, u32> = BTreeMap::new();
    for (key, line) in (0..).zip(lines) {
        session.say(&Say {
            key,
            room: "#room".to_owned(),
            kind: Kind::Text,
            text: String::from_utf8_lossy(line).into_owned(),
            reply_to: None,
            begun_ms: None,
            behind: None,
        });
        proofs.insert(key, 0);
        session.receive(now, line);
        while let Some(line) = session.poll_send(now) {
            assert!(!line.contains(['\r', '\n', '\0']), "one line is one line");
        }
        now += 1_000;
        session.tick(now);
        count(&mut session, &mut proofs);
    }
    session.closed("over");
    count(&mut session, &mut proofs);
    assert!(proofs.values().all(|&count| count == 1), "one proof each");
}

fn count(session: &mut Session, proofs: &mut BTreeMap<u64, u32>) {
    while let Some(event) = session.poll_event() {
        if let Event::Sent { key, .. } = event {
            *proofs
                .get_mut(&key)
                .expect("only what was said has a proof") += 1;
        }
    }
}
