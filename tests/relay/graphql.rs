//! The GraphQL machine against npm's servers of both generations, which nobody here wrote.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use towpath_graphql::{Done, Ending, Event, Generation, Operation, OperationId, Session, Settings};
use towpath_tests::boxes::{Running, node};
use towpath_websocket as websocket;
use websocket::{Connection, Limits, MessageKind, Role};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Random bytes make no difference to a server.
const MASK: [u8; 4] = [7, 1, 9, 3];

/// A session on a socket to one server.
struct Talk {
    stream: TcpStream,
    connection: Connection,
    session: Session,
    began: Instant,
}

impl Talk {
    fn open(server: &Running, settings: Settings) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port)).expect("it listens");
        stream
            .set_read_timeout(Some(Duration::from_millis(20)))
            .expect("it is more than nothing");
        let subprotocol = settings.generation.subprotocol();
        let port = server.port;
        write!(
            stream,
            "GET /graphql HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: {subprotocol}\r\n\r\n"
        )
        .expect("it reads");
        let head = head(&mut stream);
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        assert!(head.contains(subprotocol), "{head}");
        let mut talk = Self {
            stream,
            connection: Connection::new(Role::Client, Limits::default(), None),
            session: Session::new(settings, 0),
            began: Instant::now(),
        };
        talk.send_all();
        talk
    }

    fn now(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_millis()).expect("a test is short")
    }

    fn start(
        &mut self,
        query: &str,
        variables: Map<String, Value>,
        timeout_ms: Option<u64>,
    ) -> OperationId {
        let operation = Operation {
            name: None,
            query: query.to_owned(),
            variables,
        };
        let id = self
            .session
            .start(self.now(), &operation, timeout_ms)
            .expect("there are not many");
        self.send_all();
        id
    }

    fn send_all(&mut self) {
        while let Some(text) = self.session.poll_send() {
            let mut out = Vec::new();
            self.connection
                .send(MessageKind::Text, text.as_bytes(), None, || MASK, &mut out)
                .expect("the test has not closed");
            self.stream.write_all(&out).expect("it reads");
        }
    }

    fn next(&mut self) -> Event {
        let mut piece = [0; 16 << 10];
        while self.began.elapsed() < PATIENCE {
            if let Some(event) = self.session.poll_event() {
                return event;
            }
            let now = self.now();
            match self.stream.read(&mut piece) {
                Ok(0) => self.session.closed(1006, ""),
                Ok(count) => self.take(&piece[..count], now),
                Err(_) => self.session.tick(now),
            }
            self.send_all();
        }
        panic!("nothing came");
    }

    fn take(&mut self, bytes: &[u8], now: i64) {
        for event in self.connection.feed(bytes) {
            match event {
                websocket::Event::Message { message, .. } => {
                    let text = String::from_utf8(message.payload).expect("text is UTF-8");
                    self.session.receive(now, &text);
                }
                websocket::Event::Close { code, reason } => {
                    let code = code.map_or(1005, |code| code.0);
                    self.session.closed(code, &reason);
                }
                _ => self.session.heard(now),
            }
        }
    }

    /// All events until this many operations are done.
    fn until_done(&mut self, operations: usize) -> Vec<Event> {
        let mut all = Vec::new();
        let mut done = 0;
        while done < operations {
            let event = self.next();
            done += usize::from(matches!(event, Event::Done { .. }));
            assert!(!matches!(event, Event::Ended(_)), "{event:?}");
            all.push(event);
        }
        all
    }

    fn end(&mut self) -> towpath_graphql::End {
        loop {
            if let Event::Ended(end) = self.next() {
                return end;
            }
        }
    }
}

fn head(stream: &mut TcpStream) -> String {
    let began = Instant::now();
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && began.elapsed() < PATIENCE {
        if stream.read(&mut byte).is_ok_and(|count| count == 1) {
            head.push(byte[0]);
        }
    }
    String::from_utf8(head).expect("a head is text")
}

fn settings(generation: Generation, token: Option<&str>) -> Settings {
    Settings {
        generation,
        init_payload: token.map(|token| json!({"token": token})),
        ack_timeout_ms: 10_000,
        ping_every_ms: Some(50),
        silence_max_ms: Some(20_000),
    }
}

fn server(generation: Generation, arguments: &str) -> Running {
    let script = match generation {
        Generation::TransportWs => "graphql-ws.mjs",
        Generation::Legacy => "graphql-legacy.mjs",
    };
    node::start(script, arguments)
}

fn data_of(events: &[Event], wanted: OperationId) -> Vec<Value> {
    let own = events.iter().filter_map(|event| match event {
        Event::Next { id, data, .. } if *id == wanted => Some(data.clone()),
        _ => None,
    });
    own.collect()
}

#[test]
fn several_operations_at_once_have_their_own_results() {
    for generation in Generation::ALL {
        let server = server(generation, "");
        let mut talk = Talk::open(&server, settings(generation, None));
        let many = talk.start("subscription { count(to: 300) }", Map::new(), None);
        let few = talk.start("subscription { count }", Map::new(), None);
        let variables = Map::from_iter([("n".to_owned(), json!(7))]);
        let same = talk.start(
            "query Same($n: Int!) { same(number: $n) }",
            variables,
            Some(10_000),
        );
        let events = talk.until_done(3);
        let counted: Vec<_> = (0..300).map(|count| json!({"count": count})).collect();
        assert_eq!(data_of(&events, many), counted, "{generation:?}");
        assert_eq!(
            data_of(&events, few),
            [1, 2, 3].map(|count| json!({"count": count}))
        );
        assert_eq!(data_of(&events, same), [json!({"same": 7})]);
        assert_eq!(talk.session.counts().unknown, 0);
    }
}

#[test]
fn a_query_that_is_wrong_fails_in_the_servers_words_and_alone() {
    for generation in Generation::ALL {
        let server = server(generation, "");
        let mut talk = Talk::open(&server, settings(generation, None));
        let wrong = talk.start("{ nonsense }", Map::new(), Some(10_000));
        let good = talk.start("{ hello }", Map::new(), Some(10_000));
        let events = talk.until_done(2);
        assert_eq!(data_of(&events, good), [json!({"hello": "world"})]);
        let words = events.iter().find_map(|event| match event {
            Event::Done {
                id,
                done: Done::Failed(problems),
            } if *id == wrong => Some(problems),
            Event::Next { id, problems, .. } if *id == wrong => Some(problems),
            _ => None,
        });
        assert!(words.unwrap()[0].says("nonsense"), "{events:?}");
    }
}

#[test]
fn an_operation_that_was_stopped_is_silent() {
    for generation in Generation::ALL {
        let server = server(generation, "");
        let mut talk = Talk::open(&server, settings(generation, None));
        let long = talk.start("subscription { count(to: 10000) }", Map::new(), None);
        while !matches!(talk.next(), Event::Next { .. }) {}
        talk.session.stop(long);
        let hello = talk.start("{ hello }", Map::new(), Some(10_000));
        let events = talk.until_done(1);
        assert_eq!(data_of(&events, long), [] as [Value; 0]);
        assert_eq!(data_of(&events, hello).len(), 1);
    }
}

#[test]
fn a_token_that_is_not_taken_asks_for_another() {
    for generation in Generation::ALL {
        let server = server(generation, "--token right");
        let mut wrong = Talk::open(&server, settings(generation, Some("wrong")));
        let end = wrong.end();
        assert_eq!(end.ending, Ending::Renew, "{end:?}");
        let mut right = Talk::open(&server, settings(generation, Some("right")));
        assert!(matches!(right.next(), Event::Acknowledged { .. }));
    }
}

#[test]
fn a_ping_is_answered() {
    let server = server(Generation::TransportWs, "");
    let silence = Settings {
        silence_max_ms: Some(4_000),
        ..settings(Generation::TransportWs, None)
    };
    let mut talk = Talk::open(&server, silence);
    // Only the answers to its pings keep this session alive for longer than the silence it bears.
    let slow = talk.start("subscription { count(to: 1) }", Map::new(), None);
    let events = talk.until_done(1);
    assert_eq!(data_of(&events, slow).len(), 1);
    while talk.began.elapsed() < Duration::from_secs(6) {
        talk.session.tick(talk.now());
        talk.send_all();
        let mut piece = [0; 1024];
        if let Ok(count) = talk.stream.read(&mut piece) {
            let now = talk.now();
            talk.take(&piece[..count], now);
        }
    }
    assert!(talk.session.is_open());
}
