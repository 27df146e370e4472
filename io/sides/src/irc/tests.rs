//! The side against a server that a test writes down line by line.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use towpath_chat::Outgoing;

use super::{Server, Settings, start};
use crate::hidden::Hidden;
use crate::order::{Join, Outcome, Sending};
use crate::side::{Event, Side};
use crate::state::{State, States};

const PATIENCE: Duration = Duration::from_mins(1);

/// A server that does what the test does.
struct Host {
    listener: TcpListener,
    port: u16,
}

/// One client at it.
struct Client {
    stream: BufReader<TcpStream>,
}

impl Host {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        Self { listener, port }
    }

    fn settings(&self) -> Settings {
        let server = Server::parse(&format!("127.0.0.1:{}", self.port), false).unwrap();
        let mut settings = Settings::new("irc.x", server, "bot");
        settings.flood_every = Duration::ZERO;
        settings.times.backoff_first = Duration::from_millis(20);
        settings.times.backoff_max = Duration::from_millis(40);
        settings
    }

    async fn client(&self) -> Client {
        let accepted = timeout(PATIENCE, self.listener.accept()).await;
        let (stream, _) = accepted.expect("it connects").unwrap();
        let stream = BufReader::new(stream);
        Client { stream }
    }

    /// A client that is let in, and in `#x`.
    async fn client_in_room(&self, side: &Side) -> Client {
        let mut client = self.client().await;
        client.let_in().await;
        side.sender
            .join(Join {
                room: "#x".to_owned(),
                since: None,
            })
            .await;
        client.hears("JOIN #x").await;
        client.tell(":bot!u@h JOIN #x").await;
        client.answers_ping().await;
        until(side, |states| {
            states.rooms.get("#x").is_some_and(State::is_ready)
        })
        .await;
        client
    }
}

impl Client {
    async fn let_in(&mut self) {
        self.hears("USER ").await;
        self.tell(":s.x 001 bot :Welcome").await;
        self.tell(":s.x 376 bot :End").await;
    }

    /// The next line.
    async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = timeout(PATIENCE, self.stream.read_line(&mut line)).await;
        read.expect("a line").unwrap();
        line.trim_end().to_owned()
    }

    /// Waits for a line that begins so.
    async fn hears(&mut self, start: &str) -> String {
        loop {
            let line = self.line().await;
            assert!(!line.is_empty(), "the client left before {start}");
            if line.starts_with(start) {
                return line;
            }
        }
    }

    async fn answers_ping(&mut self) {
        let ping = self.hears("PING ").await;
        self.tell(&format!(":s.x PONG s.x :{}", &ping[5..])).await;
    }

    async fn tell(&mut self, line: &str) {
        let line = format!("{line}\r\n");
        self.stream
            .get_mut()
            .write_all(line.as_bytes())
            .await
            .unwrap();
    }
}

async fn until(side: &Side, is_so: impl Fn(&States) -> bool) -> States {
    let mut states = side.states.clone();
    let waiting = states.wait_for(|states| is_so(states));
    let found = timeout(PATIENCE, waiting).await.expect("it comes to that");
    found.unwrap().clone()
}

fn piece(text: &str) -> Sending {
    Sending::new(text, "#x", Outgoing::text(text))
}

async fn next(side: &mut Side) -> Event {
    let next = timeout(PATIENCE, side.events.recv()).await;
    next.expect("an event").expect("the side runs")
}

#[tokio::test]
async fn an_owner_who_takes_nothing_loses_nothing_and_the_server_is_answered() {
    let host = Host::new().await;
    let mut side = start(host.settings());
    let mut client = host.client_in_room(&side).await;
    for number in 0..200 {
        client.tell(&format!(":ann!a@h PRIVMSG #x :{number}")).await;
    }
    client.tell("PING :still there").await;
    assert_eq!(client.hears("PONG").await, "PONG :still there");
    for number in 200..2_000 {
        client.tell(&format!(":ann!a@h PRIVMSG #x :{number}")).await;
    }
    for number in 0..2_000 {
        let Event::Said { message, .. } = next(&mut side).await else {
            panic!("something else");
        };
        assert_eq!(message.text, number.to_string());
    }
}

#[tokio::test]
async fn a_message_that_left_before_the_connection_broke_is_in_doubt() {
    let host = Host::new().await;
    let side = start(host.settings());
    let mut client = host.client_in_room(&side).await;
    let sender = side.sender.clone();
    let sent = tokio::spawn(async move { sender.send(piece("hello")).await });
    client.hears("PRIVMSG #x :hello").await;
    drop(client);
    let outcome = sent.await.unwrap();
    assert!(
        matches!(
            outcome,
            Outcome::Later {
                uncertain: true,
                ..
            }
        ),
        "{outcome:?}"
    );
    let mut again = host.client().await;
    again.let_in().await;
    again.hears("JOIN #x").await;
}

#[tokio::test]
async fn an_end_waits_for_the_proof_of_what_left() {
    let host = Host::new().await;
    let side = start(host.settings());
    let mut client = host.client_in_room(&side).await;
    let sender = side.sender.clone();
    let sent = tokio::spawn(async move { sender.send(piece("the last")).await });
    client.hears("PRIVMSG #x").await;
    side.sender.end().await;
    client.answers_ping().await;
    assert_eq!(sent.await.unwrap(), Outcome::Delivered { id: None });
    assert_eq!(client.hears("QUIT").await, "QUIT :the relay ends");
    drop(client);
    timeout(PATIENCE, side.task).await.unwrap().unwrap();
}

#[tokio::test]
async fn who_is_banned_stops_and_still_answers() {
    let host = Host::new().await;
    let side = start(host.settings());
    let mut client = host.client().await;
    client.hears("USER").await;
    client
        .tell(":s.x 465 bot :You are banned from this server")
        .await;
    let states = until(&side, |states| {
        matches!(states.connection, State::Stopped { .. })
    })
    .await;
    assert!(states.last_trouble.unwrap().why.remedy.is_some());
    match side.sender.send(piece("hello")).await {
        Outcome::Later {
            why,
            uncertain: false,
            ..
        } => assert!(why.contains("banned"), "{why}"),
        other => panic!("{other:?}"),
    }
    side.sender.end().await;
    timeout(PATIENCE, side.task).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_tried_again() {
    let host = Host::new().await;
    let mut settings = host.settings();
    // The second one must be let in within it, whatever stops this process for a while.
    settings.times.register = Duration::from_secs(4);
    let side = start(settings);
    let silent = host.client().await;
    let mut second = host.client().await;
    drop(silent);
    second.let_in().await;
    let states = until(&side, |states| states.connection.is_ready()).await;
    assert_eq!(states.connections, 1);
    assert!(
        states
            .last_trouble
            .unwrap()
            .why
            .sentence
            .contains("let us in")
    );
}

#[tokio::test]
async fn a_room_that_is_left_is_not_joined_again() {
    let host = Host::new().await;
    let side = start(host.settings());
    let mut client = host.client_in_room(&side).await;
    side.sender
        .join(Join {
            room: "#y".to_owned(),
            since: None,
        })
        .await;
    client.hears("JOIN #y").await;
    side.sender.leave("#x").await;
    client.hears("PART #x").await;
    drop(client);
    let mut again = host.client().await;
    again.let_in().await;
    assert_eq!(again.hears("JOIN").await, "JOIN #y");
    assert!(!side.states.borrow().rooms.contains_key("#x"));
}

#[tokio::test]
async fn no_state_holds_a_secret() {
    let host = Host::new().await;
    let mut settings = host.settings();
    settings.password = Some(Hidden::new("sesame"));
    settings.keys.insert("#x".to_owned(), Hidden::new("sesame"));
    assert!(!format!("{settings:?}").contains("sesame"));
    let side = start(settings);
    side.sender
        .join(Join {
            room: "#x".to_owned(),
            since: None,
        })
        .await;
    let mut client = host.client().await;
    assert_eq!(client.hears("PASS").await, "PASS sesame");
    client.let_in().await;
    assert_eq!(client.hears("JOIN").await, "JOIN #x :sesame");
    client
        .tell(":s.x 475 bot #x :Cannot join channel (+k)")
        .await;
    let is_out = |states: &States| matches!(states.rooms.get("#x"), Some(State::Stopped { .. }));
    let states = until(&side, is_out).await;
    assert!(!format!("{states:?}").contains("sesame"));
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_not_said() {
    let host = Host::new().await;
    let mut settings = host.settings();
    settings.flood_burst = 1;
    // Long enough that the second one is given up before its turn, whatever stops this process for a while.
    settings.flood_every = Duration::from_secs(5);
    let side = start(settings);
    let mut client = host.client_in_room(&side).await;
    let said = |text: &str| {
        let (sender, piece) = (side.sender.clone(), piece(text));
        tokio::spawn(async move { sender.send(piece).await })
    };
    let _first = said("first");
    client.hears("PRIVMSG #x :first").await;
    let cut_off = timeout(Duration::from_millis(50), side.sender.send(piece("second"))).await;
    assert!(cut_off.is_err(), "it waits its turn");
    let _third = said("third");
    loop {
        let line = client.line().await;
        assert!(!line.contains("second"), "{line}");
        if line == "PRIVMSG #x :third" {
            return;
        }
    }
}

#[tokio::test]
async fn what_is_said_before_the_server_lets_us_go_is_told() {
    let host = Host::new().await;
    let mut side = start(host.settings());
    let mut client = host.client_in_room(&side).await;
    side.sender.end().await;
    client.hears("QUIT").await;
    client.tell(":bob!u@h PRIVMSG #x :last words").await;
    client.tell("ERROR :Closing link").await;
    drop(client);
    let Event::Said { message, .. } = next(&mut side).await else {
        panic!("something else was told");
    };
    assert_eq!(message.text, "last words");
}
