use std::time::Duration;

use super::*;

fn address() -> IpAddr {
    "192.0.2.1".parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_run_is_known_by_key_and_attempt_until_its_time_is_over() {
    let runs = Runs::new(30);
    let run = runs.begin(address()).unwrap();
    assert_eq!(run.code().len(), 8);
    assert!(towpath_session::body::is_attempt(run.attempt()));
    let known = runs.by_key(&run.key()).unwrap();
    assert_eq!(known.code(), run.code());
    assert_eq!(
        runs.enter(run.attempt(), address())
            .unwrap()
            .run()
            .attempt(),
        run.attempt()
    );
    let short = &run.key()[1..];
    for wrong in ["", "x", run.code(), run.attempt(), short, &"A".repeat(22)] {
        assert!(runs.by_key(wrong).is_none(), "{wrong}");
    }
    assert!(!format!("{run:?}").contains(&run.key()));
    tokio::time::advance(RUN_LIVES.saturating_sub(Duration::from_secs(1))).await;
    assert!(runs.by_key(&run.key()).is_some());
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(runs.by_key(&run.key()).is_none());
    let over = runs.enter(run.attempt(), address());
    assert_eq!(over.unwrap_err(), NotTaken::NoRun);
    runs.begin(address()).unwrap();
    let inner = runs.inner();
    let lengths = [
        inner.by_attempt.len(),
        inner.by_key.len(),
        inner.order.len(),
    ];
    assert_eq!(lengths, [1; 3]);
}

#[tokio::test(start_paused = true)]
async fn an_address_begins_so_many_and_all_together_so_many() {
    let runs = Runs::new(2);
    for _ in 0..2 {
        runs.begin(address()).unwrap();
    }
    let (limit, seconds) = runs.begin(address()).unwrap_err();
    assert_eq!((limit, seconds), (ProbeLimit::RunsPerMinute, 61));
    for number in 0..u32::try_from(RUNS_MAX - 2).unwrap() {
        runs.begin(IpAddr::V4(number.into())).unwrap();
    }
    let other = "198.51.100.1".parse().unwrap();
    let (limit, _) = runs.begin(other).unwrap_err();
    assert_eq!(limit, ProbeLimit::Runs);
    tokio::time::advance(RUN_LIVES).await;
    assert!(runs.begin(other).is_ok());
}

#[test]
fn a_run_has_its_share_and_what_ends_makes_room() {
    let runs = Runs::new(2);
    let run = runs.begin(address()).unwrap();
    let enter = || runs.enter(run.attempt(), address());
    let mut held: Vec<Place> = (0..OPEN_PER_RUN_MAX).map(|_| enter().unwrap()).collect();
    let limit = |refused: NotTaken| match refused {
        NotTaken::Limit(limit) => limit.name(),
        NotTaken::NoRun => "no run",
    };
    assert_eq!(limit(enter().unwrap_err()), "check_open_per_run");
    held.pop();
    let mut done = OPEN_PER_RUN_MAX;
    while enter().is_ok() {
        done += 1;
    }
    assert_eq!(done, REQUESTS_PER_RUN_MAX);
    assert_eq!(limit(enter().unwrap_err()), "check_requests_per_run");
    let other = runs.begin(address()).unwrap();
    assert!(runs.enter(other.attempt(), address()).is_ok());
}

#[test]
fn many_runs_of_one_address_share_what_is_open() {
    let runs = Runs::new(u32::MAX);
    let mut held = Vec::new();
    while held.len() < OPEN_PER_ADDRESS_MAX {
        let run = runs.begin(address()).unwrap();
        held.extend(runs.enter(run.attempt(), address()));
    }
    let run = runs.begin(address()).unwrap();
    let refused = runs.enter(run.attempt(), address()).unwrap_err();
    assert_eq!(refused, NotTaken::Limit(ProbeLimit::OpenPerAddress));
    let other = "198.51.100.1".parse().unwrap();
    assert!(runs.enter(run.attempt(), other).is_ok());
}
