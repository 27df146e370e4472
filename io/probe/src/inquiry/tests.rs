use std::future::{pending, ready};

use towpath_diagnosis::observation::{
    BrowserUse, Connection, ConnectionOutcome, Environment, Exchange, ExchangeOutcome, Failure,
    Handshake, HandshakeOutcome, Header, RequestHead, Response, Route, Scheme,
};

use super::*;

fn target() -> Target {
    Target {
        url: "ws://127.0.0.1:9/".to_owned(),
        scheme: Scheme::Ws,
        host: "127.0.0.1".to_owned(),
        port: 9,
        path: "/".to_owned(),
        host_is_address: true,
        subprotocols: Vec::new(),
        origin: None,
        header_names: Vec::new(),
        token: None,
        proxy: None,
        proxy_credentials: false,
        client_certificate: false,
        given_authorities: false,
        fixed_addresses: false,
        echo: false,
        send: false,
        expect: None,
        page: false,
        idle_ms: None,
        browser: BrowserUse::Never,
        like: false,
        budget: 25,
        started_unix_s: 0,
    }
}

fn bounds(budget: u32) -> Bounds {
    Bounds {
        budget,
        time: Duration::from_mins(1),
    }
}

/// Asks until nothing is open, and is not interrupted.
async fn asked(asker: &mut impl Ask, budget: u32) -> Run {
    let (bounds, mut told) = (bounds(budget), Told::default());
    let run = run(target(), asker, &bounds, pending(), &mut told);
    run.await.unwrap()
}

/// Refuses handshakes, is too busy for ordinary requests, and counts what it was asked.
///
/// Only the latter answer may ask for patience.
struct Refusing {
    asked: Vec<Question>,
    retry_after: Option<&'static str>,
}

impl Refusing {
    fn new(retry_after: Option<&'static str>) -> Self {
        Self {
            asked: Vec::new(),
            retry_after,
        }
    }

    fn response(&self, status: u16) -> Response {
        Response {
            status,
            version: "HTTP/1.1".to_owned(),
            headers: self
                .retry_after
                .iter()
                .map(|value| Header {
                    name: "Retry-After".to_owned(),
                    value: (*value).to_owned(),
                })
                .collect(),
            ..Response::default()
        }
    }
}

impl Ask for Refusing {
    async fn ask(&mut self, question: &Question) -> Vec<Fact> {
        self.asked.push(question.clone());
        match question {
            Question::Environment => vec![Fact::Environment(Environment::default())],
            Question::Connect => vec![Fact::Connection(Connection {
                address: "127.0.0.1:9".parse().unwrap(),
                to_proxy: false,
                outcome: ConnectionOutcome::Connected,
                elapsed_ms: 0,
            })],
            Question::Handshake { changes } => vec![Fact::Handshake(Handshake {
                changes: changes.clone(),
                request: RequestHead::default(),
                route: Route::default(),
                library: None,
                issuer: None,
                outcome: HandshakeOutcome::Refused {
                    response: Box::new(self.response(403)),
                },
                elapsed_ms: 1,
            })],
            Question::Control { path, .. } => vec![Fact::Exchange(Exchange {
                path: *path,
                request: RequestHead::default(),
                route: Route::default(),
                library: None,
                outcome: ExchangeOutcome::Answered {
                    response: Box::new(self.response(503)),
                },
                elapsed_ms: 1,
                clock_offset_s: None,
            })],
            _ => Vec::new(),
        }
    }
}

/// Hangs in the first question about the network.
struct Hanging;

impl Ask for Hanging {
    async fn ask(&mut self, question: &Question) -> Vec<Fact> {
        if *question == Question::Environment {
            return vec![Fact::Environment(Environment::default())];
        }
        pending().await
    }
}

/// Keeps what it was told.
#[derive(Default)]
struct Told {
    observations: usize,
    waits: usize,
    gone: bool,
}

impl Progress for Told {
    fn asking(&mut self, _: &Question) -> io::Result<()> {
        Ok(())
    }

    fn waiting(&mut self, _: &Wait<'_>) -> io::Result<()> {
        self.waits += 1;
        Ok(())
    }

    fn answered(&mut self, observations: &[Observation]) -> io::Result<()> {
        if self.gone {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.observations += observations.len();
        Ok(())
    }
}

fn reasons(run: &Run) -> Vec<&str> {
    run.observations
        .iter()
        .filter_map(|one| match &one.fact {
            Fact::NotTested { reason, .. } => Some(reason.as_str()),
            _ => None,
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_run_ends_when_nothing_is_open() {
    let mut asker = Refusing::new(None);
    let mut told = Told::default();
    let run = run(target(), &mut asker, &bounds(25), pending(), &mut told)
        .await
        .unwrap();
    assert_eq!(run.cut_short, None);
    assert!(matches!(run.observations[0].fact, Fact::Target(_)));
    assert_eq!(asker.asked[0], Question::Environment);
    assert_eq!(told.observations, run.observations.len());
    assert!(run.requests > 0 && run.requests <= 25, "{}", run.requests);
    let numbers: Vec<u32> = run.observations.iter().map(|one| one.id.0).collect();
    let expected: Vec<u32> = (1..).take(numbers.len()).collect();
    assert_eq!(numbers, expected);
}

#[tokio::test(start_paused = true)]
async fn no_question_is_asked_twice() {
    let mut asker = Refusing::new(None);
    asked(&mut asker, 25).await;
    for (at, question) in asker.asked.iter().enumerate() {
        assert!(!asker.asked[..at].contains(question), "{question:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_budget_holds() {
    let mut asker = Refusing::new(None);
    let run = asked(&mut asker, 1).await;
    assert_eq!(run.requests, 1);
    let costly = asker.asked.iter().filter(|question| question.cost() > 0);
    assert_eq!(costly.count(), 1);
    assert!(
        reasons(&run)
            .iter()
            .any(|reason| reason.contains("--budget"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_long_retry_after_ends_the_asking() {
    let mut asker = Refusing::new(Some("3600"));
    let run = asked(&mut asker, 25).await;
    assert_eq!(run.requests, 2);
    assert!(
        reasons(&run)
            .iter()
            .any(|reason| reason.contains("Retry-After"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_short_retry_after_is_waited_out() {
    let mut asker = Refusing::new(Some("2"));
    let mut told = Told::default();
    let run = run(target(), &mut asker, &bounds(3), pending(), &mut told)
        .await
        .unwrap();
    assert_eq!(run.requests, 3);
    assert!(run.elapsed_ms >= 2_000, "{}", run.elapsed_ms);
    assert!(told.waits >= 1);
}

#[tokio::test(start_paused = true)]
async fn pauses_are_bounded_together() {
    let mut asker = Refusing::new(Some("6"));
    let mut told = Told::default();
    let run = run(target(), &mut asker, &bounds(25), pending(), &mut told)
        .await
        .unwrap();
    assert!(run.elapsed_ms < 10_500, "{}", run.elapsed_ms);
}

/// Refuses like [`Refusing`], and takes four seconds for each answer.
struct Slow(Refusing);

impl Ask for Slow {
    async fn ask(&mut self, question: &Question) -> Vec<Fact> {
        sleep(Duration::from_secs(4)).await;
        self.0.ask(question).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_target_is_not_asked_for_ever() {
    let mut asker = Slow(Refusing::new(None));
    let mut told = Told::default();
    let run = run(target(), &mut asker, &bounds(25), pending(), &mut told)
        .await
        .unwrap();
    assert_eq!(run.cut_short, None);
    assert!(run.elapsed_ms <= 16_000, "{}", run.elapsed_ms);
    assert!(reasons(&run).iter().any(|reason| reason.contains("slow")));
    let mut asker = Slow(Refusing::new(None));
    let patient = Bounds {
        time: Duration::from_mins(5),
        ..bounds(25)
    };
    let run = super::run(target(), &mut asker, &patient, pending(), &mut told)
        .await
        .unwrap();
    assert!(run.elapsed_ms > 20_000, "{}", run.elapsed_ms);
}

#[tokio::test(start_paused = true)]
async fn a_question_that_hangs_ends_with_the_time() {
    let mut told = Told::default();
    let run = run(target(), &mut Hanging, &bounds(25), pending(), &mut told)
        .await
        .unwrap();
    assert_eq!(run.cut_short, Some(CutShort::Time));
    assert_eq!(run.elapsed_ms, 60_000);
    assert!(told.waits > 10, "a reader is told that it waits");
    assert!(
        reasons(&run)
            .iter()
            .any(|reason| reason.contains("--max-time"))
    );
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_gives_what_is_known() {
    let interrupted = sleep(Duration::from_secs(3));
    let run = run(
        target(),
        &mut Hanging,
        &bounds(25),
        interrupted,
        &mut Told::default(),
    )
    .await
    .unwrap();
    assert_eq!(run.cut_short, Some(CutShort::Interrupted));
    assert!(run.observations.len() >= 2);
}

/// Watches until it is told to end, then tells what it saw.
#[derive(Default)]
struct Watching {
    ender: Arc<Notify>,
}

impl Ask for Watching {
    async fn ask(&mut self, question: &Question) -> Vec<Fact> {
        if *question != Question::Environment {
            self.ender.notified().await;
        }
        vec![Fact::Environment(Environment::default())]
    }

    fn ender(&self, _: &Question) -> Option<Arc<Notify>> {
        Some(Arc::clone(&self.ender))
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_question_tells_what_it_saw_when_it_is_cut_short() {
    let interrupted = sleep(Duration::from_secs(3));
    let mut asker = Watching::default();
    let run = run(
        target(),
        &mut asker,
        &bounds(25),
        interrupted,
        &mut Told::default(),
    )
    .await
    .unwrap();
    assert_eq!(run.cut_short, Some(CutShort::Interrupted));
    assert_eq!(run.elapsed_ms, 3_000);
    let last = run.observations.last().unwrap();
    assert_eq!(last.answers, Some(Question::Connect), "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn a_reader_who_left_ends_the_run() {
    let mut told = Told {
        gone: true,
        ..Told::default()
    };
    let error = run(target(), &mut Hanging, &bounds(25), ready(()), &mut told).await;
    assert_eq!(error.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
}

#[tokio::test(start_paused = true)]
async fn a_question_without_a_trace_counts_as_not_tested() {
    let connection = Fact::Connection(Connection {
        address: "127.0.0.1:9".parse().unwrap(),
        to_proxy: false,
        outcome: ConnectionOutcome::Failed(Failure::Refused),
        elapsed_ms: 0,
    });
    let mut notes = Notes::new();
    notes.take(Question::Connect, vec![connection]);
    notes.take(Question::Resolve, Vec::new());
    assert_eq!(notes.observations[0].answers, Some(Question::Connect));
    assert!(matches!(
        &notes.observations[1].fact,
        Fact::NotTested { question, .. } if *question == Question::Resolve
    ));
}
