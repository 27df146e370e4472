//! The choice of a transport in networks of every make: it settles on the best transport that lasts, never stops trying, and
//! never hurries.

use proptest::prelude::*;
use towpath_session::{Action, Choice, TRANSPORTS, Transport};

/// What a network does with a transport.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// Each attempt fails after so many milliseconds.
    Refused(u64),
    /// Nothing ever comes back.
    Hung,
    /// Proven after so many milliseconds; dies so many after that, if at all.
    Works(u64, Option<u64>),
}

#[derive(Debug, Clone, Copy)]
enum Fact {
    Proven,
    Failed,
}

/// Attempts and the transport in use, each with what happens to it next.
#[derive(Default)]
struct World {
    coming: Vec<(u64, Transport, Fact)>,
    retry_at: Option<u64>,
    starts: Vec<u64>,
    remembered: Option<Transport>,
}

impl World {
    fn obey(&mut self, actions: Vec<Action>, fates: &[Fate; 4], now: u64) {
        for action in actions {
            match action {
                Action::Start { transport, .. } => {
                    assert!(
                        !self.coming.iter().any(|&(_, one, _)| one == transport),
                        "two at once over {transport:?}"
                    );
                    self.starts.push(now);
                    self.retry_at = None;
                    match fates[rank(transport)] {
                        Fate::Refused(after) => {
                            self.coming.push((now + after, transport, Fact::Failed));
                        }
                        Fate::Hung => {}
                        Fate::Works(after, _) => {
                            self.coming.push((now + after, transport, Fact::Proven));
                        }
                    }
                }
                Action::Cancel { transport } => self.coming.retain(|&(_, one, _)| one != transport),
                Action::Use { .. } => {}
                Action::Remember { transport } => self.remembered = Some(transport),
                Action::Forget => self.remembered = None,
                Action::Wait { milliseconds } => self.retry_at = Some(now + milliseconds),
            }
        }
    }

    /// Does what comes next and gives its time; nothing if nothing ever comes.
    fn step(&mut self, choice: &mut Choice, fates: &[Fate; 4]) -> Option<u64> {
        let coming = self.coming.iter().map(|&(at, ..)| at).min();
        let now = [coming, self.retry_at, choice.deadline()]
            .into_iter()
            .flatten()
            .min()?;
        if coming == Some(now) {
            let index = self.coming.iter().position(|&(at, ..)| at == now)?;
            let (_, transport, fact) = self.coming.remove(index);
            let before = choice.current();
            let actions = match fact {
                Fact::Proven => choice.proven(transport, now),
                Fact::Failed => choice.failed(transport, now),
            };
            if matches!(fact, Fact::Proven) && choice.current() == Some(transport) {
                // The one before ends; the new one dies when its time comes.
                self.coming.retain(|&(_, one, _)| Some(one) != before);
                if let Fate::Works(_, Some(life)) = fates[rank(transport)] {
                    self.coming.push((now + life, transport, Fact::Failed));
                }
            }
            self.obey(actions, fates, now);
        } else if self.retry_at == Some(now) {
            self.retry_at = None;
            let actions = choice.retry(now);
            self.obey(actions, fates, now);
        } else {
            let actions = choice.tick(now);
            self.obey(actions, fates, now);
        }
        Some(now)
    }
}

fn rank(transport: Transport) -> usize {
    TRANSPORTS
        .iter()
        .position(|&one| one == transport)
        .unwrap_or_default()
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        (0_u64..2_000).prop_map(Fate::Refused),
        Just(Fate::Hung),
        (1_u64..1_500).prop_map(|after| Fate::Works(after, None)),
        (1_u64..1_500, 10_u64..4_900).prop_map(|(after, life)| Fate::Works(after, Some(life))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn any_network(fates in [fate(), fate(), fate(), fate()], remembered in prop::option::of(0_usize..4)) {
        let remembered = remembered.map(|index| TRANSPORTS[index]);
        let mut choice = Choice::new(&TRANSPORTS, remembered);
        let mut world = World::default();
        let actions = choice.start(0);
        world.obey(actions, &fates, 0);
        let mut first = None;
        let lasting = fates.iter().position(|fate| matches!(fate, Fate::Works(_, None)));
        let mut good_at = 0;
        let mut end = 0;
        while let Some(now) = world.step(&mut choice, &fates) {
            if first.is_none() && choice.current().is_some() {
                first = Some(now);
            }
            let is_idle = choice.current().is_none() && world.coming.is_empty();
            prop_assert!(!is_idle || world.retry_at.is_some() || choice.deadline().is_some(), "stopped trying");
            if choice.current().is_some_and(|one| Some(rank(one)) == lasting) {
                good_at = now;
            }
            end = now;
            if now > 3_600_000 {
                break;
            }
        }
        if lasting.is_some() {
            // Whatever hangs or is slow before it, the session begins soon.
            prop_assert!(first.is_some_and(|at| at < 5_000), "began at {first:?}");
            // But for looks at better ones that die early.
            prop_assert!(good_at + 10_000 > end, "{:?} at {end}, {lasting:?} last at {good_at}", choice.current());
        }
        // Starts in any five seconds: rounds of four, at worst every 400 ms.
        for (index, &at) in world.starts.iter().enumerate() {
            let within = world.starts[index..].iter().take_while(|&&other| other < at + 5_000).count();
            prop_assert!(within <= 72, "{within} starts in 5 s from {at}");
        }
    }
}

/// A path where one transport works and the others show each kind of failure: it is found at once, and nothing but an hour's
/// few looks for a better one follows.
#[test]
fn one_way_that_works_is_found_and_kept() {
    for bad in [Fate::Refused(20), Fate::Hung, Fate::Works(50, Some(300))] {
        for good in 0..4 {
            let mut fates = [bad; 4];
            fates[good] = Fate::Works(60, None);
            let mut choice = Choice::new(&TRANSPORTS, None);
            let mut world = World::default();
            let actions = choice.start(0);
            world.obey(actions, &fates, 0);
            let mut settled = 0;
            let mut before = None;
            while let Some(now) = world
                .step(&mut choice, &fates)
                .filter(|&now| now < 1_800_000)
            {
                if choice.current() != before && now < 50_000 {
                    settled = now;
                }
                before = choice.current();
            }
            assert_eq!(choice.current(), Some(TRANSPORTS[good]), "{bad:?}");
            // The others get two chances each to die early.
            assert!(
                settled <= 4_000,
                "settled on {good} after {settled} ms beside {bad:?}"
            );
            if good > 0 {
                assert_eq!(world.remembered, Some(TRANSPORTS[good]), "{bad:?}");
            }
            assert!(
                world.starts.len() <= 60,
                "{} starts beside {bad:?}",
                world.starts.len()
            );
        }
    }
}
