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
use crate::settings::Settings;
use crate::witness::Witness;

pub mod direct;
mod machine;

pub use machine::{configured_servers, hosts_file};

/// What a run knows of names: addresses found, and which of them has connected before.
///
/// Only successful lookups are remembered, so that a passing failure is asked about again.
#[derive(Debug, Default)]
pub struct Names {
    found: HashMap<(String, u16), Vec<SocketAddr>>,
}

impl Names {
    /// Addresses of a name, looked up where not yet known; a lookup is witnessed.
    pub async fn of(
        &mut self,
        settings: &Settings,
        host: &str,
        port: u16,
        witness: &mut dyn Witness,
    ) -> Result<Vec<SocketAddr>, Failed> {
        let key = (host.to_owned(), port);
        if let Some(known) = self.found.get(&key) {
            return Ok(known.clone());
        }
        let (found, resolution) = addresses(settings, host, port).await;
        if let Some(resolution) = resolution {
            witness.saw(Fact::Resolution(resolution));
        }
        if found.is_empty() {
            return Err(Failed {
                stage: Stage::Resolve,
                failure: Failure::NoAddress,
            });
        }
        let found: Vec<_> = found
            .into_iter()
            .map(|address| SocketAddr::new(address, port))
            .collect();
        self.found.insert(key, found.clone());
        Ok(found)
    }

    /// Notes that an address connected, so that it is tried first from now on.
    pub fn connected(&mut self, host: &str, port: u16, address: SocketAddr) {
        if let Some(known) = self.found.get_mut(&(host.to_owned(), port))
            && let Some(place) = known.iter().position(|candidate| *candidate == address)
        {
            known[..=place].rotate_right(1);
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
    let resolution = system(host, &settings.limits).await;
    let found = match &resolution.outcome {
        NameOutcome::Addresses(answer) => answer.addresses.clone(),
        _ => Vec::new(),
    };
    (found, Some(resolution))
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
    async fn literals_need_no_lookup() {
        let settings = Settings::default();
        let (found, fact) = addresses(&settings, "::1", 443).await;
        assert_eq!(found, ["::1".parse::<IpAddr>().unwrap()]);
        assert_eq!(fact, None);
    }
}
