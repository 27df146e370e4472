//! Crashes at every step: nothing is lost, nothing doubled, and the order stays, for sides that keep a history.

use super::*;

const MESSAGES: usize = 6;

fn text(number: usize) -> String {
    // Every third is the same text again, and every second one has two pieces.
    let word = if number.is_multiple_of(3) {
        "again".to_owned()
    } else {
        format!("number {number}")
    };
    if number.is_multiple_of(2) {
        format!("{word}\nand more")
    } else {
        word
    }
}

fn expected(messages: usize) -> Vec<String> {
    let lines = (0..messages).flat_map(|number| {
        let text = text(number);
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    });
    lines.collect()
}

/// Says everything into a relay that crashes once, then lets a second one finish.
async fn crash_once(crash: impl AsyncFnOnce(&Ground, &Outbox), fates: &[Fate]) {
    let ground = Ground::new();
    ground.b.fate(fates.iter().copied());
    let relay = ground.start().await;
    crash(&ground, &relay.inner.shared.outbox.clone()).await;
    for number in 0..MESSAGES {
        ground.a.say("@a", "ann", &text(number));
    }
    let outbox = relay.inner.shared.outbox.clone();
    let lines = expected(MESSAGES);
    let done = async {
        while ground.b.texts_by("#b", "bot-b").len() < lines.len() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        () = outbox.ended() => {}
        () = ground.a.burnt.notified() => {}
        () = ground.b.burnt.notified() => {}
        () = done => {}
    }
    kill(relay).await;
    ground.a.burn_after(-1);
    ground.b.burn_after(-1);
    let relay = ground.start().await;
    ground.b.wait_for("#b", "bot-b", lines.len()).await;
    until(&relay, "nothing waits", |status| {
        status.links[0].members[1].queue.waiting == 0
    })
    .await;
    assert_eq!(ground.b.texts_by("#b", "bot-b"), lines);
    relay.end().await;
}

#[tokio::test]
async fn a_store_that_ends_at_any_commit_loses_and_doubles_nothing() {
    for commits in 0..24 {
        for answer_last in [false, true] {
            crash_once(
                async |_, outbox| outbox.interrupt_after(commits, answer_last).await,
                &[],
            )
            .await;
        }
    }
}

#[tokio::test]
async fn a_side_that_stands_still_at_any_step_loses_and_doubles_nothing() {
    for steps in 0..18 {
        crash_once(async |ground, _| ground.b.burn_after(steps), &[]).await;
    }
    for steps in 0..MESSAGES {
        crash_once(
            async |ground, _| ground.a.burn_after(i64::try_from(steps).unwrap()),
            &[],
        )
        .await;
    }
}

#[tokio::test]
async fn doubt_before_a_crash_stays_doubt_behind_it() {
    let fates = [Fate::TakenInSilence, Fate::Lost, Fate::NotNow];
    for commits in 0..16 {
        crash_once(
            async |_, outbox| outbox.interrupt_after(commits, true).await,
            &fates,
        )
        .await;
    }
}
