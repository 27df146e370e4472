//! What cuts teach about a network: a heartbeat, a lifetime and a size of responses that stay below what its hops allow. It
//! never learns from one cut, and never from cuts that have nothing in common.

use core::net::IpAddr;
use std::collections::HashMap;

use crate::limits::HEARTBEAT_MIN_MS;

/// How responses and heartbeats are shaped for one attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Silence after which a ping is sent, in milliseconds.
    pub heartbeat_ms: u64,
    /// How long a streaming response lives, in milliseconds.
    pub response_ms: u64,
    /// How long it grows, in bytes.
    pub response_bytes: u64,
    /// Padding that goes with each ping, in bytes.
    pub padding_bytes: usize,
}

/// What was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// A WebSocket: only how long it was silent can teach something.
    Socket,
    /// A response.
    Response,
}

/// An attachment or a response that ended without a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// How old it was, in milliseconds.
    pub age_ms: u64,
    /// How long nothing had been written on it, in milliseconds.
    pub idle_ms: u64,
    /// How many bytes had been.
    pub bytes: u64,
}

/// The part of an address that its network shares: 24 bits of version 4, 48 of version 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Network([u8; 6]);

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        let mut prefix = [0; 6];
        match address.to_canonical() {
            IpAddr::V4(address) => prefix[3..].copy_from_slice(&address.octets()[..3]),
            IpAddr::V6(address) => prefix.copy_from_slice(&address.octets()[..6]),
        }
        Self(prefix)
    }
}

/// Networks that are remembered; then the one that was quiet longest is forgotten.
pub const NETWORKS_MAX: usize = 4_096;
/// How long a lesson holds, in milliseconds. Then the network may show whether it still cuts.
pub const LESSON_MS: u64 = 6 * 3_600_000;
/// Cuts of one network that are looked at together.
const CUTS_MAX: usize = 8;
/// So many must be alike, and two thirds of all.
const ALIKE_MIN: usize = 3;
/// Silence shorter than this is no reason for a cut.
const IDLE_MIN_MS: u64 = 2_000;
/// No response is made shorter than this.
const RESPONSE_MIN_MS: u64 = 10_000;
/// No response is made smaller than this.
const RESPONSE_MIN_BYTES: u64 = 16_384;
/// Padding with a ping where small chunks are held back.
const PADDING_BYTES: usize = 2_048;

#[derive(Debug, Default)]
struct Learned {
    sockets: Vec<Cut>,
    responses: Vec<Cut>,
    heartbeat_ms: Option<u64>,
    response_ms: Option<u64>,
    response_bytes: Option<u64>,
    held_back: bool,
    last: u64,
}

/// What was learned about all networks.
#[derive(Debug)]
pub struct Adaptation {
    unlearned: Profile,
    networks: HashMap<Network, Learned>,
}

impl Adaptation {
    /// Nothing learned: `unlearned` fits every network.
    pub fn new(unlearned: Profile) -> Self {
        Self {
            unlearned,
            networks: HashMap::new(),
        }
    }

    /// What fits a network.
    pub fn profile(&self, network: Network, now: u64) -> Profile {
        let all = self.unlearned;
        let Some(learned) = self
            .networks
            .get(&network)
            .filter(|one| now < one.last + LESSON_MS)
        else {
            return all;
        };
        Profile {
            heartbeat_ms: learned.heartbeat_ms.unwrap_or(all.heartbeat_ms),
            response_ms: learned.response_ms.unwrap_or(all.response_ms),
            response_bytes: learned.response_bytes.unwrap_or(all.response_bytes),
            padding_bytes: if learned.held_back {
                PADDING_BYTES
            } else {
                all.padding_bytes
            },
        }
    }

    /// Something was cut while it was in use. Gives whether that taught something.
    pub fn cut(&mut self, network: Network, connection: Connection, cut: Cut, now: u64) -> bool {
        let before = self.profile(network, now);
        let unlearned = self.unlearned;
        let learned = self.entry(network, now);
        let cuts = match connection {
            Connection::Socket => &mut learned.sockets,
            Connection::Response => &mut learned.responses,
        };
        if cuts.len() == CUTS_MAX {
            cuts.remove(0);
        }
        cuts.push(cut);
        let Some(lesson) = lesson(cuts, connection) else {
            return false;
        };
        cuts.clear();
        match lesson {
            Lesson::Idle(idle) => {
                let heartbeat = (idle / 5 * 3)
                    .max(HEARTBEAT_MIN_MS)
                    .min(unlearned.heartbeat_ms);
                learned.heartbeat_ms = Some(heartbeat.min(before.heartbeat_ms));
            }
            Lesson::Bytes(bytes) => {
                let bytes = (bytes / 10 * 9).max(RESPONSE_MIN_BYTES);
                learned.response_bytes = Some(bytes.min(before.response_bytes));
            }
            Lesson::Age(age) => {
                let age = (age / 10 * 9).max(RESPONSE_MIN_MS);
                learned.response_ms = Some(age.min(before.response_ms));
            }
        }
        self.profile(network, now) != before
    }

    /// Small chunks did not get through until more followed.
    pub fn held_back(&mut self, network: Network, now: u64) {
        self.entry(network, now).held_back = true;
    }

    fn entry(&mut self, network: Network, now: u64) -> &mut Learned {
        if self.networks.len() >= NETWORKS_MAX && !self.networks.contains_key(&network) {
            let quiet = self.networks.iter().min_by_key(|(_, one)| one.last);
            if let Some(quiet) = quiet.map(|(&network, _)| network) {
                self.networks.remove(&quiet);
            }
        }
        let learned = self.networks.entry(network).or_default();
        if now >= learned.last + LESSON_MS {
            *learned = Learned::default();
        }
        learned.last = now;
        learned
    }
}

enum Lesson {
    Idle(u64),
    Bytes(u64),
    Age(u64),
}

/// What the cuts have in common. Silence comes first: a shorter heartbeat is the cheapest remedy, and if it is the wrong one,
/// the next cuts no longer agree in it.
fn lesson(cuts: &[Cut], connection: Connection) -> Option<Lesson> {
    if let Some(idle) =
        alike(cuts.iter().map(|cut| cut.idle_ms), 1_000).filter(|&idle| idle >= IDLE_MIN_MS)
    {
        return Some(Lesson::Idle(idle));
    }
    if connection == Connection::Socket {
        return None;
    }
    if let Some(age) =
        alike(cuts.iter().map(|cut| cut.age_ms), 1_000).filter(|&age| age >= RESPONSE_MIN_MS)
    {
        return Some(Lesson::Age(age));
    }
    alike(cuts.iter().map(|cut| cut.bytes), 2_048)
        .filter(|&bytes| bytes >= RESPONSE_MIN_BYTES)
        .map(Lesson::Bytes)
}

/// The lowest value of a group that lies within a twentieth and `slack`, if most are in it.
fn alike(values: impl Iterator<Item = u64>, slack: u64) -> Option<u64> {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    let enough = ALIKE_MIN.max((values.len() * 2).div_ceil(3));
    let groups = values.windows(enough);
    let mut alike = groups.filter(|group| group[enough - 1] <= group[0] + group[0] / 20 + slack);
    alike.next().map(|group| group[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNLEARNED: Profile = Profile {
        heartbeat_ms: 25_000,
        response_ms: 1_800_000,
        response_bytes: 1 << 28,
        padding_bytes: 0,
    };

    fn network(last: u8) -> Network {
        Network::from(IpAddr::from([198, 51, 100, last]))
    }

    fn after(connection: Connection, cuts: &[(u64, u64, u64)]) -> Profile {
        let mut adaptation = Adaptation::new(UNLEARNED);
        for &(age_ms, idle_ms, bytes) in cuts {
            let cut = Cut {
                age_ms,
                idle_ms,
                bytes,
            };
            adaptation.cut(network(1), connection, cut, 10);
        }
        // Another address of the same network.
        adaptation.profile(network(2), 20)
    }

    #[test]
    fn an_idle_timeout_shortens_the_heartbeat() {
        let cuts = [
            (41_000, 10_020, 900),
            (10_050, 10_050, 80),
            (90_000, 10_400, 7_000),
        ];
        for connection in [Connection::Socket, Connection::Response] {
            let profile = after(connection, &cuts);
            assert_eq!(
                profile,
                Profile {
                    heartbeat_ms: 6_012,
                    ..UNLEARNED
                }
            );
        }
        let short = cuts.map(|(age, _, bytes)| (age, 3_000, bytes));
        assert_eq!(
            after(Connection::Socket, &short).heartbeat_ms,
            HEARTBEAT_MIN_MS
        );
    }

    #[test]
    fn a_lifetime_and_a_size_end_responses_before_they_are_cut() {
        let old = [
            (60_010, 100, 900),
            (60_200, 2_900, 500_000),
            (60_900, 7_000, 7_000),
        ];
        assert_eq!(
            after(Connection::Response, &old),
            Profile {
                response_ms: 54_009,
                ..UNLEARNED
            }
        );
        let large = [
            (9_000, 10, 1_048_600),
            (60_200, 2_900, 1_049_000),
            (31_000, 7_000, 1_048_576),
        ];
        let profile = after(Connection::Response, &large);
        assert_eq!(
            profile,
            Profile {
                response_bytes: 943_713,
                ..UNLEARNED
            }
        );
        assert_eq!(after(Connection::Socket, &old), UNLEARNED);
    }

    #[test]
    fn two_cuts_or_unlike_ones_teach_nothing() {
        assert_eq!(
            after(Connection::Socket, &[(9, 10_000, 1), (9, 10_000, 1)]),
            UNLEARNED
        );
        let unlike =
            [1, 4, 9, 13, 17, 19, 22, 24, 3, 7, 15].map(|n| (n * 9_000, n * 1_000, n * 99_000));
        assert_eq!(after(Connection::Response, &unlike), UNLEARNED);
        let instant = [(300, 100, 50), (280, 90, 50), (310, 120, 50)];
        assert_eq!(after(Connection::Response, &instant), UNLEARNED);
    }

    #[test]
    fn a_wrong_first_lesson_is_followed_by_the_right_one() {
        let mut adaptation = Adaptation::new(UNLEARNED);
        let mut taught = Vec::new();
        for idle_ms in [20_000, 20_000, 20_000, 1_200, 8_000, 4_000] {
            let cut = Cut {
                age_ms: 20_000,
                idle_ms,
                bytes: 90,
            };
            taught.push(adaptation.cut(network(1), Connection::Response, cut, 1));
        }
        assert_eq!(taught, [false, false, true, false, false, true]);
        let profile = adaptation.profile(network(1), 2);
        assert_eq!(
            (profile.heartbeat_ms, profile.response_ms),
            (12_000, 18_000)
        );
    }

    #[test]
    fn lessons_end_and_memory_is_bounded() {
        let mut adaptation = Adaptation::new(UNLEARNED);
        adaptation.held_back(network(1), 5);
        assert_eq!(
            adaptation.profile(network(1), 6).padding_bytes,
            PADDING_BYTES
        );
        assert_eq!(adaptation.profile(network(1), 5 + LESSON_MS), UNLEARNED);
        for [high, low] in (0..5_000_u16).map(u16::to_be_bytes) {
            let other = Network::from(IpAddr::from([10, high, low, 1]));
            adaptation.held_back(other, 10 + u64::from(low));
        }
        assert_eq!(adaptation.networks.len(), NETWORKS_MAX);
        assert_eq!(adaptation.profile(network(1), 20), UNLEARNED);
    }

    #[test]
    fn networks_are_told_apart_by_their_prefix() {
        let six = |text: &str| Network::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(six("2001:db8:1::1"), six("2001:db8:1:ffff::2"));
        assert_ne!(six("2001:db8:1::1"), six("2001:db8:2::1"));
        assert_eq!(six("::ffff:198.51.100.7"), network(200));
    }
}
