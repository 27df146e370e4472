//! Plain WebSockets, which the gateway alone sees: how they end, and how they arrive.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::sleep;
use towpath_diagnosis::Fact;
use towpath_diagnosis::observation::{AttachmentEnd, History, Transport};
use towpath_reports::CaseKind;

use crate::client::World;
use crate::facts::{case, reset};
use crate::raw::PATIENCE;

async fn open(world: &World, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        world.address
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 101"), "{answer:?}");
    stream
}

/// A masked frame with a mask of zeros.
fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    let head = [0x80 | opcode, 0x80 | length, 0, 0, 0, 0];
    [&head, payload].concat()
}

/// How the network fared, as it is told with a report about a request that came without its upgrade.
async fn history(world: &World, attempt: &str) -> History {
    let path = format!("/echo/.towpath/websocket?{attempt}");
    let headers = format!("Origin: {}\r\n", world.origin());
    let answer = world.ask("GET", &path, &headers, b"").await;
    assert_eq!(answer.status, 426);
    let case = case(world, None, attempt).await;
    let mut facts = case.observations.into_iter();
    let found = facts.find_map(|one| match one.fact {
        Fact::History(history) if history.network != "all" => Some(history),
        _ => None,
    });
    found.expect("a history of the network")
}

#[tokio::test]
async fn each_end_is_in_the_history_of_its_network() {
    let world = World::start(|_| {}).await;
    let expected = [
        AttachmentEnd::Closed {
            by_client: true,
            code: Some(1001),
        },
        AttachmentEnd::EndOfStream,
        AttachmentEnd::Reset,
    ];
    for (number, end) in expected.iter().enumerate() {
        let mut stream = open(&world, "/echo").await;
        stream.write_all(&frame(1, b"hello")).await.unwrap();
        let mut echo = [0; 7];
        stream.read_exact(&mut echo).await.unwrap();
        match end {
            AttachmentEnd::Reset => reset(stream),
            AttachmentEnd::EndOfStream => drop(stream),
            _ => {
                stream.write_all(&frame(8, &[3, 0xe9])).await.unwrap();
                let mut rest = Vec::new();
                stream.read_to_end(&mut rest).await.unwrap();
            }
        }
        // Which end comes first is what the test is about, so each waits for the one before.
        let mut waited = Duration::ZERO;
        while waited < PATIENCE {
            let attempt = format!("{number}{:05}", waited.as_millis());
            if history(&world, &attempt).await.ends.len() > number {
                break;
            }
            sleep(PAUSE).await;
            waited += PAUSE;
        }
    }
    let history = history(&world, "last00").await;
    let seen: Vec<_> = history.ends.iter().map(|one| &one.attachment).collect();
    let ends: Vec<_> = seen.iter().map(|one| one.end.clone()).collect();
    assert_eq!(ends, expected);
    for one in seen {
        assert_eq!(one.transport, Transport::Plain);
        assert!(one.bytes_up >= 11 && one.bytes_down >= 7, "{one:?}");
        assert!(
            one.first_up_ms.is_some() && one.messages_up.is_none(),
            "{one:?}"
        );
    }
    assert_eq!(history.clients, 1);
    let arrivals = &history.arrivals[0];
    assert_eq!(arrivals.whole, 3, "{arrivals:?}");
    assert!(arrivals.lost_upgrade > 0, "{arrivals:?}");
}

#[tokio::test]
async fn a_plain_request_without_its_upgrade_becomes_a_case_by_itself() {
    let world = World::start(|settings| settings.upstream.forward_http = false).await;
    for name in ["Firefox/140.0", "Chrome/141.0.0.0"] {
        let headers = format!(
            "User-Agent: Mozilla/5.0 {name}\r\nOrigin: {}\r\nAccept-Language: de\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
            world.origin()
        );
        world.ask("GET", "/chat", &headers, b"").await;
    }
    let mut waited = Duration::ZERO;
    let cases = loop {
        let (_, cases) = world.store().after(0, 10).unwrap();
        if cases.len() == 2 || waited > PATIENCE {
            break cases;
        }
        sleep(PAUSE).await;
        waited += PAUSE;
    };
    assert_eq!(cases.len(), 2, "{cases:#?}");
    assert!(
        cases
            .iter()
            .all(|case| case.kind == CaseKind::Plain && case.path == "/chat")
    );
    assert!(cases.iter().all(|case| !case.from_page));
    assert_eq!(
        cases[0].diagnosis.findings[0].cause,
        "http-upgrade-stripped"
    );
}

const PAUSE: Duration = Duration::from_millis(50);
