//! `SIGHUP`: what is unchanged in the configuration goes on as it was.

use crate::kosmi::{Kosmi, Server};
use crate::pair::{ROOM, settings_of};
use crate::process::Relay;
use crate::settings;

#[test]
fn unchanged_links_keep_their_connections() {
    let near = Kosmi::start(Server::Lab);
    let far = Kosmi::start(Server::Lab);
    let first = settings_of(&near, &far, "");
    let second = settings::link(
        "attic",
        &[("kosmi.near", "@attic"), ("kosmi.far", "@attic")],
    );
    let mut relay = Relay::ready(&first);
    assert_eq!(near.counts()["connections"], 1);

    // One more link is one more connection, and no other.
    relay.configure(&(first.clone() + &second));
    relay.reload();
    relay.until("the link is not there", |status| {
        status["links"][1]["name"] == "attic"
    });
    relay.is_ready();
    near.say("@attic", "Ann", "up here");
    far.hears("@attic", "up here");
    assert_eq!(near.counts()["connections"], 2);

    // A file that cannot be used changes nothing, and is told of.
    relay.configure("[[link]]\nmembres = []\n");
    relay.reload();
    relay.says("membres");
    near.say(ROOM, "Ann", "down here");
    far.hears(ROOM, "down here");
    near.say("@attic", "Ann", "up here too");
    far.hears("@attic", "up here too");

    // A link that is gone is left.
    relay.configure(&first);
    relay.reload();
    relay.until("the link is still there", |status| {
        status["links"][1].is_null()
    });
    relay.until("the room was not left", |_| near.counts()["open"] == 1);
    near.say("@attic", "Ann", "nobody hears this");
    near.say(ROOM, "Ann", "but this");
    far.hears(ROOM, "but this");
    assert_eq!(far.told("@attic").len(), 2);
    assert_eq!(near.counts()["connections"], 2);
    assert_eq!(near.counts()["logins"], 1);
    assert!(relay.end());
}
