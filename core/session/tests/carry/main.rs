//! Two ends joined by a network with its own clock that cuts, delays, repeats and reorders whatever can be: every message
//! arrives exactly once and in order, memory stays within its limits at each step, and both ends learn of the close.
//!
//! `TOWPATH_SOAK_MESSAGES` and `TOWPATH_SOAK_CUTS` make the long run longer, `TOWPATH_SOAK_SEED` another one.

#![expect(
    clippy::unwrap_used,
    reason = "a test that unwraps fails with a clear line number"
)]

mod client;
mod dice;
mod gateway;
mod network;
mod world;

use proptest::prelude::*;
use world::{Plan, World};

/// Messages of the long run, in both directions together.
const MESSAGES: u64 = 1_000_000;
/// Cuts of the long run at least.
const CUTS: u64 = 10_000;
/// Sessions that the long run is divided into.
const SESSIONS: u64 = 50;

fn setting(name: &str, default: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.map_or(default, |text| text.replace('_', "").parse().unwrap())
}

#[test]
fn a_million_messages_over_ten_thousand_cuts() {
    let messages = setting("TOWPATH_SOAK_MESSAGES", MESSAGES);
    let cuts = setting("TOWPATH_SOAK_CUTS", CUTS);
    let seed = setting("TOWPATH_SOAK_SEED", 1);
    let mut seen = world::Seen::default();
    for session in 0..SESSIONS {
        let plan = Plan {
            seed: seed * 1_000_003 + session,
            up: messages.div_ceil(SESSIONS * 2),
            down: messages.div_ceil(SESSIONS * 2),
            // Most cuts hit several messages at once.
            messages_per_cut: (messages / cuts / 5).max(1),
            window: [600, 4_000, 16_000, 64_000][usize::try_from(session % 4).unwrap()],
            repeated: 10,
            lost: 5,
            slow: session % 3 == 0,
        };
        seen.add(&World::new(plan).run());
    }
    println!("{seen:?}");
    assert!(seen.delivered >= messages && seen.cuts >= cuts, "{seen:?}");
    assert!(
        seen.sockets > 0 && seen.streams > 0 && seen.polls > 0 && seen.repeats > 0,
        "{seen:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_network(
        seed in any::<u64>(),
        up in 0_u64..200,
        down in 0_u64..200,
        messages_per_cut in 1_u64..100,
        window in 120_u64..5000,
        repeated in 0_u64..60,
        lost in 0_u64..40,
        slow in any::<bool>(),
    ) {
        World::new(Plan { seed, up, down, messages_per_cut, window, repeated, lost, slow }).run();
    }
}
