//! Names to addresses.
//!
//! [`system`] answers as applications see it, [`direct`] as a name server says it. Nothing here
//! guesses an address that nobody answered.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use tokio::net::lookup_host;
use tokio::time::timeout;
use towpath_diagnosis::observation::{
    Fact, Failed, Failure, NameAnswer, NameOutcome, Resolution, Resolver, Stage,
};

use crate::limits::{Limits, milliseconds};
use crate::settings::{Family, Settings};
use crate::witness::Witness;

pub mod direct;
mod machine;

pub use machine::{configured_servers, hosts_file};

/// What a run knows of names: addresses found, and which of them has connected before.
///
/// Only successful lookups are remembered, so that a passing failure is asked about again.
#[derive(Debug, Clone, Default)]
pub struct Names {
    found: HashMap<(String, u16), Vec<IpAddr>>,
}

impl Names {
    /// Addresses of a name, looked up where not yet known; a lookup is witnessed.
    ///
    /// What is known for one port serves the others too, unless the user fixed those: a name that
    /// only `--resolve` knows has no other addresses.
    pub async fn of(
        &mut self,
        settings: &Settings,
        host: &str,
        port: u16,
        witness: &mut dyn Witness,
    ) -> Result<Vec<SocketAddr>, Failed> {
        let key = (host.to_owned(), port);
        let mut known = self.found.get(&key);
        if known.is_none() && settings.overridden(host, port).is_none() {
            let same_host = |entry: &(&(String, u16), _)| entry.0.0 == host;
            known = self.found.iter().find(same_host).map(|entry| entry.1);
        }
        let found = if let Some(known) = known {
            known.clone()
        } else {
            let (found, resolution) = addresses(settings, host, port).await;
            if let Some(resolution) = resolution {
                witness.saw(Fact::Resolution(resolution));
            }
            found
        };
        if found.is_empty() {
            return Err(Failed {
                stage: Stage::Resolve,
                failure: Failure::NoAddress,
            });
        }
        let with_port = found.iter().map(|address| SocketAddr::new(*address, port));
        let all = with_port.collect();
        self.found.insert(key, found);
        Ok(all)
    }

    /// Notes that an address connected, so that it is tried first from now on.
    pub fn connected(&mut self, host: &str, address: IpAddr) {
        let of_host = self.found.iter_mut().filter(|((name, _), _)| name == host);
        for (_, known) in of_host {
            if let Some(place) = known.iter().position(|candidate| *candidate == address) {
                known[..=place].rotate_right(1);
            }
        }
    }
}

/// Addresses of a name as this run uses them, and the fact of how they were found.
///
/// A literal needs no lookup and gives no fact; an override (`--resolve`) comes before the system.
pub async fn addresses(
    settings: &Settings,
    host: &str,
    port: u16,
) -> (Vec<IpAddr>, Option<Resolution>) {
    if let Ok(literal) = host.parse::<IpAddr>() {
        return (vec![literal], None);
    }
    if let Some(given) = settings.overridden(host, port) {
        let resolution = Resolution {
            name: host.to_owned(),
            resolver: Resolver::Given,
            outcome: NameOutcome::Addresses(NameAnswer {
                addresses: given.to_vec(),
                extended_errors: Vec::new(),
            }),
            extended_errors: Vec::new(),
            elapsed_ms: 0,
        };
        return (given.to_vec(), Some(resolution));
    }
    let mut resolution = system(host, &settings.limits).await;
    if let Some(family) = settings.family {
        keep(family, &mut resolution.outcome);
    }
    let found = match &resolution.outcome {
        NameOutcome::Addresses(answer) => answer.addresses.clone(),
        _ => Vec::new(),
    };
    (found, Some(resolution))
}

/// Leaves addresses of one family, as if the name had no others.
fn keep(family: Family, outcome: &mut NameOutcome) {
    if let NameOutcome::Addresses(answer) = outcome {
        answer.addresses.retain(|address| family.has(*address));
        if answer.addresses.is_empty() {
            *outcome = NameOutcome::NoAddress;
        }
    }
}

/// Asks the operating system (hosts file, search list and all).
pub async fn system(host: &str, limits: &Limits) -> Resolution {
    let began = Instant::now();
    // The port plays no part in a lookup; the call wants one.
    let outcome = match timeout(limits.resolve, lookup_host((host, 0))).await {
        Err(_) => NameOutcome::TimedOut,
        Ok(Err(error)) => outcome_of(&error.to_string()),
        Ok(Ok(found)) => {
            let mut addresses: Vec<IpAddr> = Vec::new();
            for address in found.map(|address| address.ip()) {
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
            if addresses.is_empty() {
                NameOutcome::NoAddress
            } else {
                NameOutcome::Addresses(NameAnswer {
                    addresses,
                    extended_errors: Vec::new(),
                })
            }
        }
    };
    Resolution {
        name: host.to_owned(),
        resolver: Resolver::System,
        outcome,
        extended_errors: Vec::new(),
        elapsed_ms: milliseconds(began.elapsed()),
    }
}

/// The standard library keeps only the C library's sentence of a failed lookup, not its code.
fn outcome_of(sentence: &str) -> NameOutcome {
    const NO_SUCH_NAME: [&str; 3] = [
        "Name or service not known",
        "Name does not resolve",
        "nodename nor servname provided",
    ];
    const NO_ADDRESS: [&str; 3] = [
        "No address associated with hostname",
        "Name has no usable address",
        "Address family for hostname not supported",
    ];
    const SERVER_FAILURE: [&str; 3] = [
        "Temporary failure in name resolution",
        "Try again",
        "Non-recoverable failure in name resolution",
    ];
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| sentence.contains(phrase));
    if says(&NO_SUCH_NAME) {
        NameOutcome::NoSuchName
    } else if says(&NO_ADDRESS) {
        NameOutcome::NoAddress
    } else if says(&SERVER_FAILURE) {
        NameOutcome::ServerFailure
    } else {
        NameOutcome::Other {
            detail: sentence.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_system_knows_localhost() {
        let resolution = system("localhost", &Limits::default()).await;
        let NameOutcome::Addresses(answer) = resolution.outcome else {
            panic!("{resolution:?}");
        };
        assert!(answer.addresses.iter().all(IpAddr::is_loopback));
    }

    #[test]
    fn sentences_of_the_c_libraries_have_their_meaning() {
        let prefix = "failed to lookup address information: ";
        let check = |sentence: &str, expected: &NameOutcome| {
            assert_eq!(&outcome_of(&format!("{prefix}{sentence}")), expected);
        };
        check("Name or service not known", &NameOutcome::NoSuchName);
        check(
            "No address associated with hostname",
            &NameOutcome::NoAddress,
        );
        check(
            "Temporary failure in name resolution",
            &NameOutcome::ServerFailure,
        );
    }

    #[tokio::test]
    async fn fixed_addresses_serve_every_port_and_are_told_once() {
        let mut settings = Settings::default();
        let fix = |settings: &mut Settings, text: &str| settings.add_override(text).unwrap();
        fix(&mut settings, "h.invalid:443:192.0.2.1,192.0.2.2");
        fix(&mut settings, "h.invalid:81:192.0.2.3");
        let mut names = Names::default();
        let mut facts = Vec::new();
        for (port, expected) in [(443, "192.0.2.1"), (80, "192.0.2.1"), (81, "192.0.2.3")] {
            for _ in 0..2 {
                let found = names.of(&settings, "h.invalid", port, &mut facts).await;
                assert_eq!(found.unwrap()[0].ip().to_string(), expected, "{port}");
            }
        }
        assert_eq!(facts.len(), 2, "{facts:?}");
    }

    #[tokio::test]
    async fn an_address_that_connected_comes_first() {
        let mut names = Names::default();
        let all: Vec<IpAddr> = ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
            .map(|address| address.parse().unwrap())
            .to_vec();
        names
            .found
            .insert(("h.example".to_owned(), 443), all.clone());
        names.connected("h.example", all[1]);
        let found = names
            .of(&Settings::default(), "h.example", 80, &mut ())
            .await
            .unwrap();
        let order: Vec<IpAddr> = found.iter().map(SocketAddr::ip).collect();
        assert_eq!(order, [all[1], all[0], all[2]]);
    }

    #[test]
    fn one_family_hides_the_other() {
        let both = || {
            NameOutcome::Addresses(NameAnswer {
                addresses: vec!["127.0.0.1".parse().unwrap()],
                extended_errors: Vec::new(),
            })
        };
        let mut outcome = both();
        keep(Family::Ipv4, &mut outcome);
        assert_eq!(outcome, both());
        keep(Family::Ipv6, &mut outcome);
        assert_eq!(outcome, NameOutcome::NoAddress);
    }

    #[tokio::test]
    async fn literals_need_no_lookup() {
        let settings = Settings::default();
        let (found, fact) = addresses(&settings, "::1", 443).await;
        assert_eq!(found, ["::1".parse::<IpAddr>().unwrap()]);
        assert_eq!(fact, None);
    }
}
