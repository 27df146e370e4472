//! From one plan to the next while people talk.

use super::*;

#[tokio::test]
async fn what_is_the_same_goes_on_untouched() {
    let ground = Ground::new();
    let relay = ground.start().await;
    ground.a.say("@a", "ann", "before");
    ground.b.wait_for("#b", "bot-b", 1).await;
    let c = World::new();
    let mut plan = ground.plan();
    plan.sides
        .insert("fake.c".to_owned(), Fake::side(&c, "bot-c"));
    plan.links.push(link(
        "second",
        [member("fake.a", "@a"), member("fake.c", "#c")],
    ));
    relay.change(plan).await;
    ground.a.say("@a", "ann", "after");
    ground.b.wait_for("#b", "bot-b", 2).await;
    c.wait_for("#c", "bot-c", 1).await;
    assert_eq!(c.texts_by("#c", "bot-c"), ["after"]);
    let starts = |world: &World| world.starts.load(Ordering::Relaxed);
    let joins = |world: &World| world.joins.load(Ordering::Relaxed);
    assert_eq!((starts(&ground.a), joins(&ground.a)), (1, 1));
    assert_eq!((starts(&ground.b), joins(&ground.b)), (1, 1));
    relay.change(ground.plan()).await;
    ground.a.say("@a", "ann", "last");
    ground.b.wait_for("#b", "bot-b", 3).await;
    assert_eq!(c.texts_by("#c", "bot-c"), ["after"]);
    assert_eq!(starts(&ground.a), 1);
    relay.end().await;
}

#[tokio::test]
async fn a_changed_side_starts_anew_and_loses_nothing() {
    let ground = Ground::new();
    let relay = ground.start().await;
    for version in 1..4 {
        ground.a.say("@a", "ann", &format!("number {version}"));
        let mut plan = ground.plan();
        for (name, world, user) in [
            ("fake.a", &ground.a, "bot-a"),
            ("fake.b", &ground.b, "bot-b"),
        ] {
            let changed = Fake {
                world: Arc::clone(world),
                user: user.to_owned(),
                has_history: true,
                version,
            };
            plan.sides.insert(name.to_owned(), Arc::new(changed));
        }
        relay.change(plan).await;
    }
    ground.a.say("@a", "ann", "number 4");
    ground.b.wait_for("#b", "bot-b", 4).await;
    let expected: Vec<String> = (1..=4).map(|number| format!("number {number}")).collect();
    assert_eq!(ground.b.texts_by("#b", "bot-b"), expected);
    assert_eq!(ground.a.starts.load(Ordering::Relaxed), 4);
    relay.end().await;
}

#[tokio::test]
async fn a_side_that_stopped_is_tried_again_and_tells_what_waited() {
    let ground = Ground::new();
    ground.b.is_barred.store(true, Ordering::Relaxed);
    let relay = ground.start().await;
    ground.a.say("@a", "ann", "waits");
    until(&relay, "a stopped side", |status| {
        let side = &status.sides["fake.b"];
        matches!(side.states.connection, towpath_sides::State::Stopped { .. })
    })
    .await;
    // The other end is put in order; the configuration stays as it was.
    ground.b.is_barred.store(false, Ordering::Relaxed);
    relay.change(ground.plan()).await;
    ground.b.wait_for("#b", "bot-b", 1).await;
    assert_eq!(ground.b.texts_by("#b", "bot-b"), ["waits"]);
    assert_eq!(ground.a.starts.load(Ordering::Relaxed), 1);
    relay.end().await;
}

#[tokio::test]
async fn a_room_that_stopped_is_entered_anew_and_the_others_stay() {
    let ground = Ground::new();
    locked(&ground.b.closed).insert("#shut".to_owned());
    let mut plan = ground.plan();
    let shut = [member("fake.a", "@a"), member("fake.b", "#shut")];
    plan.links.push(link("second", shut));
    let relay = ground.start_with(plan.clone()).await;
    ground.a.say("@a", "ann", "waits");
    ground.b.wait_for("#b", "bot-b", 1).await;
    assert!(ground.b.texts_by("#shut", "bot-b").is_empty());
    // Somebody opens it there; the configuration stays as it was.
    locked(&ground.b.closed).clear();
    relay.change(plan).await;
    ground.b.wait_for("#shut", "bot-b", 1).await;
    assert_eq!(ground.b.texts_by("#shut", "bot-b"), ["waits"]);
    let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    assert_eq!((count(&ground.b.starts), count(&ground.b.leaves)), (1, 1));
    relay.end().await;
}

#[tokio::test]
async fn what_waits_for_a_link_that_is_gone_is_shown_and_told_when_it_comes_back() {
    let ground = Ground::new();
    ground.b.is_open.send_replace(false);
    let relay = ground.start().await;
    ground.a.say("@a", "ann", "waits");
    until(&relay, "it waits", |status| {
        status.links[0].members[1].queue.waiting == 1
    })
    .await;
    relay.change(plan_of([], Vec::new())).await;
    let left = relay.status().await.left_over;
    assert_eq!((left.len(), left[0].waiting), (1, 1));
    assert_eq!(left[0].side, "fake.b");
    ground.b.is_open.send_replace(true);
    relay.change(ground.plan()).await;
    ground.b.wait_for("#b", "bot-b", 1).await;
    assert_eq!(ground.b.texts_by("#b", "bot-b"), ["waits"]);
    relay.end().await;
}

#[tokio::test]
async fn a_room_of_two_links_is_taken_once_and_told_once() {
    let ground = Ground::new();
    let mut plan = ground.plan();
    let both = [
        member("fake.a", "@a"),
        member("fake.b", "#b"),
        member("fake.b", "#other"),
    ];
    plan.links.push(link("second", both));
    let relay = ground.start_with(plan).await;
    ground.a.say("@a", "ann", "once");
    ground.b.say("#other", "bob", "to both");
    ground.b.wait_for("#other", "bot-b", 1).await;
    ground.b.wait_for("#b", "bot-b", 2).await;
    ground.a.wait_for("@a", "bot-a", 1).await;
    assert_eq!(ground.b.texts_by("#other", "bot-b"), ["once"]);
    let mut told = ground.b.texts_by("#b", "bot-b");
    told.sort();
    assert_eq!(told, ["once", "to both"]);
    assert_eq!(relay.status().await.sides["fake.a"].heard.taken, 1);
    relay.end().await;
}

#[tokio::test]
async fn a_room_that_is_only_told_is_not_read_and_the_other_way_round() {
    let ground = Ground::new();
    let mut plan = ground.plan();
    plan.links[0].members[0].direction = Direction::Read;
    plan.links[0].members[1].direction = Direction::Write;
    let relay = ground.start_with(plan).await;
    ground.b.say("#b", "bob", "nobody hears this");
    ground.a.say("@a", "ann", "one way");
    ground.b.wait_for("#b", "bot-b", 1).await;
    assert_eq!(ground.b.texts_by("#b", "bot-b"), ["one way"]);
    assert!(ground.a.texts_by("@a", "bot-a").is_empty());
    let heard = relay.status().await.sides["fake.b"].heard;
    assert_eq!((heard.taken, heard.known), (0, 0));
    relay.end().await;
}

#[tokio::test]
async fn a_link_with_a_new_name_tells_what_waited_under_the_old_one() {
    let ground = Ground::new();
    ground.b.is_open.send_replace(false);
    let relay = ground.start().await;
    ground.a.say("@a", "ann", "waits");
    until(&relay, "it waits", |status| {
        status.links[0].members[1].queue.waiting == 1
    })
    .await;
    let mut plan = ground.plan();
    plan.links[0].name = "renamed".to_owned();
    relay.change(plan).await;
    ground.a.say("@a", "ann", "follows");
    ground.b.is_open.send_replace(true);
    ground.b.wait_for("#b", "bot-b", 2).await;
    assert_eq!(ground.b.texts_by("#b", "bot-b"), ["waits", "follows"]);
    assert_eq!(relay.status().await.left_over, []);
    relay.end().await;
}
