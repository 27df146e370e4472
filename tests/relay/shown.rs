//! What the relay shows of itself is true, and holds nothing of what people said or of any secret.

use serde_json::json;

use crate::kosmi::{Kosmi, Server};
use crate::pair::{Pair, ROOM};
use crate::process::Relay;
use crate::settings;

#[test]
fn the_status_counts_and_tells_nothing_private() {
    let mut pair = Pair::start("");
    for number in 0..5 {
        pair.passes_on(&format!("a private matter {number}"));
    }
    pair.brings("a private answer");
    let status = pair.relay.has_told_all();
    let queue = |member: usize| &status["links"][0]["members"][member]["queue"];
    assert_eq!(
        (&queue(0)["delivered"], &queue(1)["delivered"]),
        (&json!(1), &json!(5))
    );
    let heard = |side: &str| &status["sides"][side]["heard"];
    assert_eq!(
        (&heard("kosmi.near")["taken"], &heard("kosmi.far")["taken"]),
        (&json!(5), &json!(1))
    );
    assert_eq!(pair.relay.page("/healthz").0, 200);
    let (_, metrics) = pair.relay.page("/metrics");
    let counted = metrics.lines().any(|line| {
        line.starts_with("towpath_relay_")
            && line.contains("kosmi.far")
            && line.contains("delivered")
            && line.ends_with(" 5")
    });
    assert!(counted, "{metrics}");
    let (code, page) = pair.relay.page("/");
    assert!(code == 200 && page.contains("kosmi.near"), "{code} {page}");
    // Every token begins like this.
    for told in [&status.to_string(), &metrics, &page, &pair.relay.output()] {
        assert!(!told.contains("private") && !told.contains("eyJ"), "{told}");
    }
    assert!(pair.relay.end());
}

#[test]
fn many_rooms_go_through_one_process() {
    let near = Kosmi::start(Server::Lab);
    let far = Kosmi::start(Server::Lab);
    let rooms: Vec<String> = (0..ROOMS).map(|number| format!("@den{number}")).collect();
    let links: String = rooms
        .iter()
        .map(|room| settings::link(room, &[("kosmi.near", room), ("kosmi.far", room)]))
        .collect();
    let settings =
        settings::kosmi("near", &near, "", "") + &settings::kosmi("far", &far, "", "") + &links;
    let relay = Relay::ready(&settings);
    for room in &rooms {
        near.say(room, "Ann", &format!("to {room}."));
        far.say(room, "Ben", &format!("from {room}."));
    }
    for room in &rooms {
        assert!(far.hears(room, "to ").ends_with(&format!("to {room}.")));
        assert!(
            near.hears(room, "from ")
                .ends_with(&format!("from {room}."))
        );
        assert_eq!(
            (near.told(room).len(), far.told(room).len()),
            (1, 1),
            "{room}"
        );
    }
    let status = relay.has_told_all();
    assert_eq!(status["links"].as_array().unwrap().len(), ROOMS);
    assert!(far.told(ROOM).is_empty());
}

const ROOMS: usize = 20;
