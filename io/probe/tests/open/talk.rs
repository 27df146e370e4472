//! Exercises and their outcomes.

use std::time::Duration;

use towpath_diagnosis::observation::{
    Change, Conversation, Ending, Exercise, Outcome, Payload, TokenPlacement,
};
use towpath_diagnosis::question::Question;
use towpath_probe::Token;
use towpath_websocket::{CloseCode, FrameHeader, encode_close};

use crate::server::{conversations, echo, probe, reset, send, serve, swallow};

const FOREVER: Duration = Duration::from_mins(1);

fn talk(exercises: &[Exercise], changes: &[Change]) -> Question {
    Question::Talk {
        exercises: exercises.to_vec(),
        changes: changes.to_vec(),
    }
}

fn all() -> Vec<Exercise> {
    let mut all = vec![
        Exercise::Listen,
        Exercise::Ping,
        Exercise::Text { bytes: 32 },
        Exercise::Trickle {
            messages: 5,
            every_ms: 50,
        },
        Exercise::Binary { bytes: 32 },
        Exercise::Fragmented {
            bytes: 96,
            frames: 3,
        },
    ];
    all.extend([125, 126, 4_096, 65_536, 1_048_576].map(|bytes| Exercise::Text { bytes }));
    all.extend([Exercise::Burst { messages: 20 }, Exercise::Close]);
    all
}

fn deviations(parts: &[Conversation]) -> Vec<String> {
    parts
        .iter()
        .flat_map(|part| &part.events)
        .filter_map(|event| match &event.payload {
            Payload::Deviation { name, .. } => Some(name.clone()),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn an_echo_answers_everything_with_and_without_compression() {
    let address = serve(|open| echo(open, FOREVER)).await;
    for changes in [vec![], vec![Change::WithoutExtensions]] {
        let facts = probe(address, |_| ()).ask(&talk(&all(), &changes)).await;
        let parts = conversations(facts);
        assert_eq!(parts.len(), all().len());
        for part in &parts {
            assert!(
                matches!(part.outcome, Outcome::Answered { .. }),
                "{part:#?}"
            );
            assert_eq!(part.compressed, changes.is_empty());
        }
    }
}

#[tokio::test]
async fn a_server_that_swallows_everything_is_silent_and_soon_let_go() {
    let address = serve(swallow).await;
    let facts = probe(address, |_| ()).ask(&talk(&all(), &[])).await;
    let parts = conversations(facts);
    let silent: Vec<_> = parts
        .iter()
        .filter(|part| matches!(part.outcome, Outcome::Silent { .. }))
        .map(|part| part.exercise.clone())
        .collect();
    assert_eq!(
        silent,
        [
            Exercise::Ping,
            Exercise::Text { bytes: 32 },
            Exercise::Close
        ]
    );
}

#[tokio::test]
async fn a_reset_at_the_first_frame_ends_the_ping() {
    let address = serve(reset).await;
    let facts = probe(address, |_| ()).ask(&talk(&all(), &[])).await;
    let parts = conversations(facts);
    assert!(matches!(parts[0].outcome, Outcome::Answered { .. }));
    assert_eq!(parts[1].outcome, Outcome::Ended(Ending::Reset));
    assert_eq!(parts.len(), 2);
    assert!(parts[1].open_before_ms >= 500);
}

#[tokio::test]
async fn a_close_frame_is_told_with_its_words_and_without_the_token() {
    let address = serve(|mut open| async move {
        let payload = encode_close(CloseCode(4401), b"bad token secret-token-value");
        send(&mut open, FrameHeader::close(payload.len()), &payload).await;
        swallow(open).await;
    })
    .await;
    let mut probe = probe(address, |settings| {
        settings.token = Some(Token {
            value: "secret-token-value".into(),
            placement: TokenPlacement::Header,
        });
    });
    let parts = conversations(probe.ask(&talk(&all(), &[])).await);
    let [part] = parts.as_slice() else {
        panic!("{parts:#?}");
    };
    let Outcome::Ended(Ending::Closed { code, reason }) = &part.outcome else {
        panic!("{part:#?}");
    };
    assert_eq!(*code, Some(4401));
    assert!(reason.starts_with("bad token [removed"), "{reason}");
}

#[tokio::test]
async fn an_end_right_behind_an_answer_is_a_fact_of_its_own() {
    let address = serve(|mut open| async move {
        let mut frame = [0; 18];
        tokio::io::AsyncReadExt::read_exact(&mut open.tcp, &mut frame)
            .await
            .unwrap();
        let payload: Vec<u8> = (6..18)
            .map(|at| frame[at] ^ frame[2 + (at - 6) % 4])
            .collect();
        let close = encode_close(CloseCode(1011), b"");
        let mut bytes = Vec::new();
        towpath_websocket::encode_frame(&FrameHeader::pong(12), &payload, &mut bytes);
        towpath_websocket::encode_frame(&FrameHeader::close(2), &close, &mut bytes);
        tokio::io::AsyncWriteExt::write_all(&mut open.tcp, &bytes)
            .await
            .unwrap();
        swallow(open).await;
    })
    .await;
    let facts = probe(address, |_| ())
        .ask(&talk(&[Exercise::Ping, Exercise::Close], &[]))
        .await;
    let parts = conversations(facts);
    assert!(
        matches!(parts[0].outcome, Outcome::Answered { .. }),
        "{parts:#?}"
    );
    assert_eq!(parts[1].exercise, Exercise::Listen);
    assert!(matches!(
        parts[1].outcome,
        Outcome::Ended(Ending::Closed {
            code: Some(1011),
            ..
        })
    ));
}

#[tokio::test]
async fn a_compressed_frame_that_nobody_agreed_to_is_recognised() {
    let address = serve(|mut open| async move {
        // "Hello", compressed, as in RFC 7692 section 7.2.3.1.
        let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
        send(
            &mut open,
            FrameHeader::text(hello.len()).compressed(),
            &hello,
        )
        .await;
        swallow(open).await;
    })
    .await;
    let question = talk(
        &[Exercise::Listen, Exercise::Ping],
        &[Change::WithoutExtensions],
    );
    let parts = conversations(probe(address, |_| ()).ask(&question).await);
    assert!(
        deviations(&parts).contains(&"compressed-unasked".to_owned()),
        "{parts:#?}"
    );
    assert_eq!(
        parts.last().unwrap().outcome,
        Outcome::Ended(Ending::Deviated)
    );
}

#[tokio::test]
async fn html_in_the_stream_is_shown() {
    let address = serve(|mut open| async move {
        send(&mut open, FrameHeader::text(2), b"hi").await;
        tokio::io::AsyncWriteExt::write_all(&mut open.tcp, b"<html><body>blocked")
            .await
            .unwrap();
        swallow(open).await;
    })
    .await;
    let parts = conversations(
        probe(address, |_| ())
            .ask(&talk(&[Exercise::Listen], &[]))
            .await,
    );
    let shown = parts[0]
        .events
        .iter()
        .find_map(|event| match &event.payload {
            Payload::Deviation {
                name,
                offset,
                bytes,
            } => Some((name.as_str(), *offset, bytes.as_str())),
            _ => None,
        });
    assert_eq!(shown, Some(("not-frames", 4, "<html><body>blocked")));
}

#[tokio::test]
async fn an_answer_that_comes_with_the_close_is_marked_as_late() {
    let address = serve(|mut open| async move {
        // A ping of 12 bytes and a close of two arrive; both answers leave together.
        let mut ping = [0; 18];
        tokio::io::AsyncReadExt::read_exact(&mut open.tcp, &mut ping)
            .await
            .unwrap();
        let payload: Vec<u8> = (6..18)
            .map(|at| ping[at] ^ ping[2 + (at - 6) % 4])
            .collect();
        tokio::io::AsyncReadExt::read_exact(&mut open.tcp, &mut [0; 8])
            .await
            .unwrap();
        send(&mut open, FrameHeader::pong(12), &payload).await;
        send(
            &mut open,
            FrameHeader::close(2),
            &encode_close(CloseCode::NORMAL, b""),
        )
        .await;
    })
    .await;
    let facts = probe(address, |_| ())
        .ask(&talk(&[Exercise::Ping, Exercise::Close], &[]))
        .await;
    let parts = conversations(facts);
    assert!(matches!(parts[0].outcome, Outcome::Silent { .. }));
    assert!(matches!(parts[1].outcome, Outcome::Answered { .. }));
    let late = |payload: &Payload| matches!(payload, Payload::Received { late: true, .. });
    assert!(
        parts[1].events.iter().any(|event| late(&event.payload)),
        "{parts:#?}"
    );
}

#[tokio::test]
async fn the_users_message_counts_as_answered_by_what_is_expected() {
    let address = serve(|open| echo(open, FOREVER)).await;
    for (expected, fits) in [("hello", true), ("goodbye", false)] {
        let mut probe = probe(address, |settings| {
            settings.send = Some("hello there".into());
            settings.expect = Some(expected.into());
        });
        let parts = conversations(probe.ask(&talk(&[Exercise::Send], &[])).await);
        assert_eq!(
            matches!(parts[0].outcome, Outcome::Answered { .. }),
            fits,
            "{parts:#?}"
        );
    }
}
