//! Checks of sides that play a part, and of servers that are not there.

use std::any::Any;
use std::io::Write as _;
use std::net::TcpListener;

use towpath_chat::{FormatSettings, Rules};
use towpath_diagnosis::Confidence;
use towpath_sides::{
    Finding, Hidden, Order, Outcome as Said, Side, SideEnd, State, States, Why, irc, webhook,
};

use super::*;
use crate::kinds::Labelled;
use crate::plan::{Direction, Link, Uncertain};

/// A side that shows these states after its first order, and answers what is said with this.
#[derive(Debug, Clone)]
struct Actor {
    states: States,
    answer: Said,
}

impl SideKind for Actor {
    fn settings(&self) -> &(dyn Any + Send + Sync) {
        self
    }

    fn start(&self, _: Vec<String>) -> Side {
        let actor = self.clone();
        Side::start(move |mut end: SideEnd| async move {
            while let Some(order) = end.orders.recv().await {
                match order {
                    Order::Send(_, answer) => {
                        let _ = answer.send(actor.answer.clone());
                    }
                    Order::End => return,
                    Order::Join(_) | Order::Leave(_) => {
                        end.states.send_replace(actor.states.clone());
                    }
                }
            }
        })
    }

    fn rules(&self, _: &str) -> Rules {
        Rules::default()
    }

    fn kind(&self) -> &'static str {
        "actor"
    }

    fn network(&self) -> String {
        "Actor".to_owned()
    }

    fn label(&self) -> Option<String> {
        None
    }

    fn looks_back(&self) -> bool {
        false
    }

    fn is_same(&self, _: &dyn SideKind) -> bool {
        false
    }
}

fn actor(connection: State, rooms: &[(&str, State)]) -> Actor {
    let rooms = rooms
        .iter()
        .map(|(room, state)| ((*room).to_owned(), state.clone()));
    Actor {
        states: States {
            connection,
            speaks_as: Some("Otter".to_owned()),
            rooms: rooms.collect(),
            ..States::default()
        },
        answer: Said::Delivered { id: None },
    }
}

fn stopped(sentence: &str) -> State {
    State::Stopped {
        why: sentence.into(),
    }
}

fn plan(kind: impl SideKind, rooms: &[&str], direction: Direction) -> Plan {
    let formats = FormatSettings::default()
        .formats(&Rules::default())
        .unwrap();
    let members = rooms.iter().map(|room| Member {
        side: "actor.a".to_owned(),
        room: (*room).to_owned(),
        formats: formats.clone(),
        ignore: Vec::new(),
        direction,
        uncertain: Uncertain::default(),
        age_max: Duration::from_hours(1),
        queue_max: 10,
    });
    Plan {
        sides: BTreeMap::from([("actor.a".to_owned(), Arc::new(kind) as Arc<dyn SideKind>)]),
        links: vec![Link {
            name: "l".to_owned(),
            members: members.collect(),
        }],
        replay_at_first_start: Duration::ZERO,
        age_max: Duration::from_hours(1),
    }
}

fn options(say: Option<&str>) -> CheckOptions {
    CheckOptions {
        say: say.map(str::to_owned),
        patience: Duration::from_secs(20),
    }
}

/// Steps with their rooms and outcomes.
fn steps(report: &CheckReport) -> Vec<(&str, Option<&str>, Outcome)> {
    let all = report.sides.iter().flat_map(|side| &side.steps);
    all.map(|step| (step.step, step.room.as_deref(), step.outcome))
        .collect()
}

#[tokio::test]
async fn a_side_that_works_is_well_and_says_nothing_unasked() {
    let kind = actor(State::Ready, &[("#x", State::Ready)]);
    let mut told = 0;
    let report = check(
        &plan(kind, &["#x"], Direction::Both),
        &options(None),
        |_| told += 1,
    )
    .await;
    assert!(report.all_well);
    assert_eq!(told, 1);
    let expect = [
        ("connect", None, Outcome::Held),
        ("room", Some("#x"), Outcome::Held),
        ("say", None, Outcome::NotTried),
    ];
    assert_eq!(steps(&report), expect);
    assert_eq!(report.sides[0].speaks_as.as_deref(), Some("Otter"));
}

#[tokio::test]
async fn a_line_is_said_where_the_relay_tells_something() {
    let kind = actor(State::Ready, &[("#x", State::Ready)]);
    let said = check(
        &plan(kind.clone(), &["#x"], Direction::Both),
        &options(Some("hi")),
        |_| (),
    )
    .await;
    assert_eq!(
        steps(&said).last(),
        Some(&("say", Some("#x"), Outcome::Held))
    );
    let only_read = check(
        &plan(kind.clone(), &["#x"], Direction::Read),
        &options(Some("hi")),
        |_| (),
    )
    .await;
    assert_eq!(steps(&only_read).len(), 2);
    let moderated = Actor {
        answer: Said::Refused {
            why: "#x is moderated".to_owned(),
        },
        ..kind
    };
    let refused = check(
        &plan(moderated, &["#x"], Direction::Both),
        &options(Some("hi")),
        |_| (),
    )
    .await;
    assert!(!refused.all_well);
    assert_eq!(
        steps(&refused).last(),
        Some(&("say", Some("#x"), Outcome::Failed))
    );
}

#[tokio::test]
async fn a_room_that_is_closed_is_named() {
    let kind = actor(
        State::Ready,
        &[("#x", stopped("#x is invite-only")), ("#y", State::Ready)],
    );
    let report = check(
        &plan(kind, &["#x", "#y"], Direction::Both),
        &options(None),
        |_| (),
    )
    .await;
    assert!(!report.all_well);
    let text = report.text();
    assert!(
        text.contains("  FAIL  room       #x: #x is invite-only"),
        "{text}"
    );
    assert!(text.contains("  ok    room       #y: in it"), "{text}");
    assert!(text.ends_with("NOT YET: actor.a #x.\n"), "{text}");
}

#[tokio::test]
async fn a_finding_brings_who_must_change_what() {
    let why = Why {
        sentence: "the handshake was answered with 403".to_owned(),
        remedy: None,
        finding: Some(Finding {
            cause: "http-403-origin".to_owned(),
            confidence: Confidence::Certain,
        }),
    };
    let kind = actor(
        State::Waiting {
            why,
            until_unix_ms: i64::MAX,
        },
        &[],
    );
    let report = check(
        &plan(kind, &["#x"], Direction::Both),
        &options(None),
        |_| (),
    )
    .await;
    assert_eq!(steps(&report), [("connect", None, Outcome::Failed)]);
    let text = report.text();
    assert!(text.contains("(certain)"), "{text}");
    assert!(text.contains("        operator   "), "{text}");
    assert!(
        text.contains("more: towpath causes http-403-origin"),
        "{text}"
    );
    let json: Value = serde_json::from_str(&report.json()).unwrap();
    assert_eq!(json["sides"][0]["findings"][0]["cause"], "http-403-origin");
    assert_eq!(json["all_well"], false);
}

#[tokio::test]
async fn a_side_that_never_comes_is_not_waited_for_for_ever() {
    let kind = actor(State::Connecting, &[]);
    let options = CheckOptions {
        patience: Duration::from_millis(100),
        ..CheckOptions::default()
    };
    let report = check(&plan(kind, &["#x"], Direction::Both), &options, |_| ()).await;
    assert_eq!(report.sides[0].steps[0].detail, "not ready in time");
    assert!(!report.all_well);
}

#[tokio::test]
async fn rooms_behind_a_server_that_refuses_are_not_called_slow() {
    let finding = Finding {
        cause: "tcp-refused".to_owned(),
        confidence: Confidence::Certain,
    };
    let refused = |finding| State::Waiting {
        why: Why {
            finding,
            ..Why::from("nobody is there")
        },
        until_unix_ms: i64::MAX,
    };
    let rooms = |first| [("#x", first), ("#y", State::Connecting)];
    let found = actor(
        refused(Some(finding.clone())),
        &rooms(refused(Some(finding))),
    );
    let linked = plan(found, &["#x", "#y"], Direction::Both);
    let report = check(&linked, &options(None), |_| ()).await;
    assert_eq!(steps(&report), [("connect", None, Outcome::Failed)]);
    let gone = || State::Stopped {
        why: "#x is not known".into(),
    };
    let linked = plan(
        actor(gone(), &rooms(gone())),
        &["#x", "#y"],
        Direction::Both,
    );
    let report = check(&linked, &options(None), |_| ()).await;
    assert_eq!(
        steps(&report),
        [
            ("room", Some("#x"), Outcome::Failed),
            ("room", Some("#y"), Outcome::NotTried),
        ]
    );
}

#[tokio::test]
async fn sides_that_nothing_joins_are_not_well() {
    let none = Plan {
        links: Vec::new(),
        ..plan(actor(State::Ready, &[]), &[], Direction::Both)
    };
    let report = check(&none, &options(None), |_| ()).await;
    assert!(!report.all_well);
    assert_eq!(
        report.headline(),
        "NOT YET: no [[link]] joins rooms, so nothing would be told to anybody."
    );
}

#[tokio::test]
async fn the_side_says_which_setting_mends_what_it_met() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answering = std::thread::spawn(move || {
        // Whoever speaks TLS to it is answered in the clear.
        for stream in listener.incoming().take(ANSWERS) {
            let _ = stream.and_then(|mut stream| stream.write_all(b"ERROR :no TLS here\r\n"));
        }
    });
    let server = irc::Server::parse(&address.to_string(), true).unwrap();
    let settings = irc::Settings::new("irc.a", server, "towpath");
    let kind = Labelled {
        settings,
        label: None,
    };
    let linked = plan(kind, &["#x"], Direction::Both);
    let report = check(&linked, &options(None), |_| ()).await;
    for _ in 0..ANSWERS {
        if answering.is_finished() {
            break;
        }
        drop(std::net::TcpStream::connect(address));
    }
    let said = report.text();
    assert!(said.contains("`tls = false`"), "{said}");
}

/// More connections than a check makes.
const ANSWERS: usize = 64;

/// A port on which nobody listens.
fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn failed(step: Step) -> SideReport {
    SideReport {
        name: "irc.a".to_owned(),
        steps: vec![step],
        ..SideReport::default()
    }
}

#[tokio::test]
async fn a_server_that_refuses_is_explained_by_the_lower_rungs() {
    let server = irc::Server::parse(&format!("127.0.0.1:{}", closed_port()), false).unwrap();
    let settings = irc::Settings::new("irc.a", server, "towpath");
    let mut report = failed(Step::failed("connect", "no").perhaps_network());
    side::explain(&ends::ends_of(&settings), &mut report).await;
    let causes: Vec<_> = report
        .findings
        .iter()
        .map(|found| found.cause.as_str())
        .collect();
    assert_eq!(causes, ["tcp-refused"]);
}

#[tokio::test]
async fn a_server_that_is_reached_is_said_to_be() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = listener.local_addr().unwrap().to_string();
    let server = irc::Server::parse(&server, false).unwrap();
    let settings = irc::Settings::new("irc.a", server, "towpath");
    let mut report = failed(Step::failed("connect", "no").perhaps_network());
    side::explain(&ends::ends_of(&settings), &mut report).await;
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    let last = report.steps.last().unwrap();
    assert_eq!((last.step, last.outcome), ("network", Outcome::Held));
    assert!(
        last.detail.ends_with(": name and TCP are in order"),
        "{}",
        last.detail
    );
}

#[tokio::test]
async fn a_server_that_refuses_a_room_is_not_asked_about() {
    let mut report = failed(Step::failed("room", "#x is invite-only"));
    let server = irc::Server::parse(&format!("127.0.0.1:{}", closed_port()), false).unwrap();
    side::explain(
        &ends::ends_of(&irc::Settings::new("irc.a", server, "towpath")),
        &mut report,
    )
    .await;
    assert_eq!((report.steps.len(), report.findings.len()), (1, 0));
}

#[tokio::test]
async fn what_all_rooms_say_is_said_once_and_what_one_says_is_said_there() {
    let rooms = [("@x", stopped("no such room")), ("@y", State::Ready)];
    let kind = actor(stopped("no such room"), &rooms);
    let both = check(
        &plan(kind.clone(), &["@x", "@y"], Direction::Both),
        &options(None),
        |_| (),
    )
    .await;
    let expect = [
        ("room", Some("@x"), Outcome::Failed),
        ("room", Some("@y"), Outcome::Held),
        ("say", None, Outcome::NotTried),
    ];
    assert_eq!(steps(&both), expect);
    assert_eq!(both.headline(), "NOT YET: actor.a @x.");
    let one = check(
        &plan(kind, &["@x"], Direction::Both),
        &options(None),
        |_| (),
    )
    .await;
    assert_eq!(steps(&one), [("connect", None, Outcome::Failed)]);
}

#[test]
fn every_kind_of_side_names_its_servers_and_no_secret() {
    let hook = webhook::Settings::new(
        "w",
        Hidden::new("https://hook.example/very-secret"),
        webhook::WebhookKind::Json,
    );
    let servers = |settings: &(dyn Any + Send + Sync)| {
        ends::ends_of(settings)
            .iter()
            .map(ends::End::server)
            .collect::<Vec<_>>()
    };
    assert_eq!(servers(&hook), ["hook.example:443"]);
    assert_eq!(ends::ends_of(&hook)[0].place(), ("hook.example", 443, "/"));
    let web = irc::Server::parse("wss://irc.example/socket?key=very-secret", true).unwrap();
    let web = irc::Settings::new("i", web, "towpath");
    assert_eq!(servers(&web), ["irc.example:443"]);
    let kosmi = towpath_sides::kosmi::Settings::new(
        "k",
        towpath_sides::Network::default(),
        towpath_chat::kosmi::Profile::default(),
    );
    // Where the login is the chat's own server, the chat's ladder tells of both.
    assert_eq!(servers(&kosmi), ["engine.kosmi.io:443"]);
    let mut apart = kosmi.clone();
    apart.login_url = "https://login.example/".parse().ok();
    assert_eq!(
        servers(&apart),
        ["engine.kosmi.io:443", "login.example:443"]
    );
    let ends = ends::ends_of(&apart);
    assert_eq!(ends[0].height, ends::Height::WebSocket);
    assert_eq!(ends[1].height, ends::Height::Tls);
    let home =
        towpath_sides::matterbridge::Settings::new("m", "http://127.0.0.1:4242/x".parse().unwrap());
    assert_eq!(servers(&home), ["127.0.0.1:4242"]);
    assert_eq!(ends::ends_of(&home)[0].place().2, "/x/api/websocket");
}

#[tokio::test]
async fn a_side_that_no_link_uses_is_not_said_to_fail() {
    let kind = actor(State::Connecting, &[]);
    let options = CheckOptions {
        patience: Duration::from_millis(50),
        ..CheckOptions::default()
    };
    let report = check(&plan(kind, &[], Direction::Both), &options, |_| ()).await;
    assert_eq!(steps(&report), [("connect", None, Outcome::NotTried)]);
    assert!(report.all_well);
}

#[tokio::test]
async fn a_side_that_is_lost_twice_is_not_waited_for_any_longer() {
    let settings = towpath_sides::matterbridge::Settings::new(
        "m",
        format!("http://127.0.0.1:{}", closed_port())
            .parse()
            .unwrap(),
    );
    let options = CheckOptions {
        patience: Duration::from_hours(1),
        ..options(None)
    };
    let report = check(
        &plan(
            Labelled {
                settings,
                label: None,
            },
            &["g"],
            Direction::Both,
        ),
        &options,
        |_| (),
    )
    .await;
    assert_eq!(
        report.sides[0].findings[0].cause, "tcp-refused",
        "{report:?}"
    );
}

#[tokio::test]
async fn a_server_without_tls_is_told_from_one_that_is_gone() {
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = mute.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in mute.incoming() {
            let _ =
                stream.and_then(|mut stream| stream.write_all(b":irc.test NOTICE * :hello\r\n"));
        }
    });
    let settings = irc::Settings::new(
        "irc.a",
        irc::Server::parse(&server, true).unwrap(),
        "towpath",
    );
    let mut report = failed(Step::failed("connect", "no").perhaps_network());
    side::explain(&ends::ends_of(&settings), &mut report).await;
    assert_eq!(report.findings[0].cause, "tls-wrong-port", "{report:?}");
}

#[test]
fn what_a_server_says_does_nothing_to_the_terminal() {
    let mut report = SideReport::default();
    let step = Step::failed("say", "refused: \u{1b}[2J\u{9b}1A\u{202e}no");
    report.add(step);
    let text = report.text();
    assert!(text.contains("refused: [2J1Ano"), "{text:?}");
    assert!(
        !text.chars().any(|c| c.is_control() && c != '\n'),
        "{text:?}"
    );
}
