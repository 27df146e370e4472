//! Sides without a history: what a crash or a silence can cost is one piece each time, doubled or missing as the operator wants, and counted.

use super::*;

const MESSAGES: usize = 30;

fn plan(ground: &Ground, uncertain: Uncertain) -> Plan {
    let blind = Arc::new(Fake {
        world: Arc::clone(&ground.b),
        user: "bot-b".to_owned(),
        has_history: false,
        version: 0,
    });
    let mut to = member("fake.b", "#b");
    to.uncertain = uncertain;
    plan_of(
        [
            ("fake.a", Fake::side(&ground.a, "bot-a")),
            ("fake.b", blind),
        ],
        vec![link("lounge", [member("fake.a", "@a"), to])],
    )
}

/// What was told, and what the relay counted as uncertain and as given up for that.
async fn crashes(uncertain: Uncertain) -> (Vec<String>, u64, u64) {
    let ground = Ground::new();
    let mut relay = ground.start_with(plan(&ground, uncertain)).await;
    for number in 0..MESSAGES {
        ground.a.say("@a", "ann", &format!("line {number:03}"));
        if number % 6 == 5 {
            ground.b.burn_after(i64::try_from(number / 6).unwrap());
            ground
                .a
                .say("@a", "ann", &format!("line {number:03} and a half"));
            tokio::select! {
                () = ground.b.burnt.notified() => {}
                () = tokio::time::sleep(Duration::from_millis(100)) => {}
            }
            kill(relay).await;
            ground.b.burn_after(-1);
            relay = ground.start_with(plan(&ground, uncertain)).await;
        }
        if number % 10 == 7 {
            ground.b.fate([Fate::TakenInSilence]);
        }
    }
    until(&relay, "all is told or given up", |status| {
        let queue = &status.links[0].members[1].queue;
        let done = queue.delivered + queue.given_up.values().sum::<u64>();
        done == (MESSAGES + MESSAGES / 6) as u64
    })
    .await;
    let queue = relay.status().await.links[0].members[1].queue.clone();
    let missing = queue.given_up.get("uncertain").copied().unwrap_or(0);
    relay.end().await;
    let told = ground.b.texts_by("#b", "bot-b");
    (told, queue.uncertain, missing)
}

fn said() -> Vec<String> {
    let lines = (0..MESSAGES).flat_map(|number| {
        let line = format!("line {number:03}");
        let half = (number % 6 == 5).then(|| format!("{line} and a half"));
        [Some(line), half]
    });
    lines.flatten().collect()
}

#[tokio::test]
async fn repeating_loses_nothing_and_doubles_no_more_than_it_counts() {
    let (mut told, uncertain, missing) = crashes(Uncertain::Repeat).await;
    let lines = told.len();
    told.dedup();
    assert_eq!(told, said(), "nothing is missing, and the order stays");
    assert!(uncertain > 0, "there was doubt");
    assert!((lines - told.len()) as u64 <= uncertain);
    assert_eq!(missing, 0);
}

#[tokio::test]
async fn dropping_doubles_nothing_and_loses_no_more_than_it_counts() {
    let (told, _, missing) = crashes(Uncertain::Drop).await;
    let said = said();
    let mut rest = said.iter();
    for line in &told {
        assert!(
            rest.any(|one| one == line),
            "{line} is doubled or out of order in {told:?}"
        );
    }
    assert!(missing > 0, "there was doubt");
    assert!((said.len() - told.len()) as u64 <= missing);
}
