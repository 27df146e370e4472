//! Scenes of attaching: what a network can do to a client, and what a thief can.

use super::*;
use crate::body::Proof;

const ORIGIN: Option<&str> = Some("https://app.example");

struct Scene {
    acceptance: Acceptance,
    drawn: u8,
    index: std::collections::HashSet<Secret>,
}

fn attach(proof: Proof, generation: u64, in_use: bool) -> Attach {
    Attach {
        version: 1,
        proof,
        generation,
        in_use,
        received: 0,
        window: 1000,
        target: "/chat".to_owned(),
        protocols: Vec::new(),
        authorization: None,
        attempt: None,
    }
}

fn fresh() -> Proof {
    Proof::Fresh(Secret([200; 16]))
}

impl Scene {
    fn new() -> Self {
        Self {
            acceptance: Acceptance::new(&attach(fresh(), 1, true), ORIGIN, [100; 16]),
            drawn: 0,
            index: std::collections::HashSet::new(),
        }
    }

    fn decide(&mut self, attach: &Attach, now: u64) -> Decision {
        self.drawn += 1;
        let secrets = Secrets {
            token: [100 + self.drawn; 16],
            key: [self.drawn; 16],
        };
        let decision = self.acceptance.decide(attach, ORIGIN, secrets, now);
        self.sync();
        decision
    }

    /// Follows the changes as a registry does, and checks that they tell the truth.
    fn sync(&mut self) {
        for change in self.acceptance.changes() {
            match change {
                Change::Add(secret) => assert!(self.index.insert(secret)),
                Change::Remove(secret) => assert!(self.index.remove(&secret)),
            }
        }
        let all: std::collections::HashSet<_> = self.acceptance.secrets().collect();
        assert_eq!(all, self.index);
    }

    fn used(&mut self, proof: Proof, generation: u64) -> Grant {
        match self.decide(&attach(proof, generation, true), 0) {
            Decision::InUse { grant, .. } => grant,
            other => panic!("{other:?}"),
        }
    }

    fn candidate(&mut self, proof: Proof, generation: u64, now: u64) -> Grant {
        match self.decide(&attach(proof, generation, false), now) {
            Decision::Candidate { grant, .. } => grant,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_lost_answer_costs_nothing_and_an_old_token_opens_nothing() {
    let mut scene = Scene::new();
    let first = scene.used(fresh(), 1);
    // The answer to 2 is lost; 3 comes with the same token.
    let lost = scene.used(Proof::Token(first.token), 2);
    let second = scene.used(Proof::Token(first.token), 3);
    assert_eq!(lost.token, second.token);
    assert_ne!(first.token, second.token);
    scene.used(Proof::Token(second.token), 4);
    // A thief has the first token, and counts on.
    let stolen = attach(Proof::Token(first.token), 9, true);
    assert_eq!(
        scene.decide(&stolen, 0),
        Decision::Superseded { generation: 4 }
    );
    scene.used(Proof::Token(second.token), 5);
    let guessed = attach(Proof::Token(Secret([250; 16])), 9, true);
    assert_eq!(
        scene.decide(&guessed, 0),
        Decision::Refused(Refusal::Unknown)
    );
}

#[test]
fn a_dead_token_is_forgotten_some_rotations_later_and_the_nonce_never() {
    let mut scene = Scene::new();
    let mut tokens = vec![scene.used(fresh(), 1).token];
    for generation in 2..9 {
        let newest = *tokens.last().unwrap();
        tokens.push(scene.used(Proof::Token(newest), generation).token);
    }
    assert!(!scene.index.contains(&tokens[0]));
    assert!(scene.index.contains(&scene.acceptance.nonce()));
    assert!(scene.index.contains(&tokens[3]));
    let late = attach(fresh(), 20, true);
    assert_eq!(
        scene.decide(&late, 0),
        Decision::Superseded { generation: 8 }
    );
}

#[test]
fn raced_attaches_of_a_fresh_session_share_its_nonce_and_its_token() {
    let mut scene = Scene::new();
    let candidate = scene.candidate(fresh(), 2, 0);
    let first = scene.used(fresh(), 1);
    assert_eq!(candidate.token, first.token);
    assert_eq!(scene.acceptance.in_use(), 1);
    let used = scene.acceptance.use_candidate(2);
    assert_eq!(
        used,
        Used::Now {
            supersedes: Some(1)
        }
    );
    assert_eq!(scene.acceptance.use_candidate(2), Used::Already);
    assert_eq!(
        scene.acceptance.use_candidate(1),
        Used::Superseded { generation: 2 }
    );
}

#[test]
fn a_delayed_or_repeated_attach_takes_nothing_away() {
    let mut scene = Scene::new();
    let first = scene.used(fresh(), 1);
    let third = scene.used(Proof::Token(first.token), 3);
    let delayed = attach(Proof::Token(first.token), 2, true);
    assert_eq!(
        scene.decide(&delayed, 0),
        Decision::Superseded { generation: 3 }
    );
    let repeated = attach(Proof::Token(first.token), 3, true);
    assert_eq!(scene.decide(&repeated, 0), Decision::Late);
    let request = scene.acceptance.downlink(third.key.0, 1, ORIGIN);
    assert_eq!(
        request,
        Request::Taken {
            generation: 3,
            in_use: true
        }
    );
}

#[test]
fn another_origin_or_target_is_refused_and_changes_nothing() {
    let mut scene = Scene::new();
    let first = scene.used(fresh(), 1);
    let secrets = Secrets {
        token: [1; 16],
        key: [2; 16],
    };
    let again = attach(Proof::Token(first.token), 2, true);
    for origin in [None, Some("https://other.example")] {
        let decision = scene.acceptance.decide(&again, origin, secrets, 0);
        assert_eq!(decision, Decision::Refused(Refusal::OtherOrigin));
        let request = scene.acceptance.downlink(first.key.0, 1, origin);
        assert_eq!(request, Request::Refused(Refusal::OtherOrigin));
    }
    let elsewhere = Attach {
        target: "/admin".to_owned(),
        ..again.clone()
    };
    assert_eq!(
        scene.decide(&elsewhere, 0),
        Decision::Refused(Refusal::OtherTarget)
    );
    let newer = Attach {
        version: 2,
        ..again
    };
    assert_eq!(scene.decide(&newer, 0), Decision::Refused(Refusal::Version));
    assert_eq!(scene.acceptance.in_use(), 1);
    scene.sync();
}

#[test]
fn later_requests_replace_earlier_ones_and_late_ones_get_nothing() {
    let mut scene = Scene::new();
    let first = scene.used(fresh(), 1);
    let taken = Request::Taken {
        generation: 1,
        in_use: true,
    };
    assert_eq!(scene.acceptance.downlink(first.key.0, 1, ORIGIN), taken);
    assert_eq!(
        scene.acceptance.downlink(first.key.0, 1, ORIGIN),
        Request::Late
    );
    assert_eq!(scene.acceptance.downlink(first.key.0, 3, ORIGIN), taken);
    assert_eq!(
        scene.acceptance.downlink(first.key.0, 2, ORIGIN),
        Request::Late
    );
    assert_eq!(scene.acceptance.uplink(first.key.0, ORIGIN), taken);
    scene.used(Proof::Token(first.token), 2);
    let over = Request::Superseded { generation: 2 };
    assert_eq!(scene.acceptance.downlink(first.key.0, 4, ORIGIN), over);
    assert_eq!(scene.acceptance.uplink(first.key.0, ORIGIN), over);
    let unknown = Request::Refused(Refusal::Unknown);
    assert_eq!(scene.acceptance.uplink([99; 16], ORIGIN), unknown);
}

#[test]
fn the_oldest_candidate_ends_when_there_are_too_many_and_each_when_its_time_is_over() {
    let mut scene = Scene::new();
    let first = scene.used(fresh(), 1);
    for generation in 2..6 {
        scene.candidate(fresh(), generation, generation);
    }
    let Decision::Candidate { ends, .. } = scene.decide(&attach(fresh(), 6, false), 6) else {
        panic!("a candidate");
    };
    assert_eq!(ends, Some(2));
    scene.acceptance.drop_candidate(3);
    assert_eq!(scene.acceptance.deadline(), Some(30_004));
    assert_eq!(scene.acceptance.expire(30_003), None);
    assert_eq!(scene.acceptance.expire(30_005), Some(4));
    assert_eq!(scene.acceptance.expire(30_005), Some(5));
    assert_eq!(scene.acceptance.expire(30_005), None);
    scene.used(Proof::Token(first.token), 20);
    assert_eq!(scene.acceptance.deadline(), None);
    scene.sync();
}

#[test]
fn memory_for_late_requests_is_bounded() {
    let mut scene = Scene::new();
    let mut token = scene.used(fresh(), 1).token;
    for generation in 2..60 {
        token = scene.used(Proof::Token(token), generation).token;
    }
    assert!(scene.index.len() <= 3 + DEAD_TOKENS_MAX + 1 + RETIRED_KEYS_MAX);
}
