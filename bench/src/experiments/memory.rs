//! Resident memory per idle session: many connections, one message each, then silence.
//!
//! Each party is started anew, so that nothing of an earlier load is counted or reused.

use super::Backend;
use crate::load::Fleet;
use crate::party::{PARTIES, Party};
use crate::process::{self, Core};
use crate::settings::Settings;
use anyhow::Result;

/// One party's memory.
#[derive(Debug)]
pub(crate) struct Idle {
    pub(crate) party: &'static str,
    pub(crate) tls: bool,
    pub(crate) connections: usize,
    /// Bytes of resident memory that each session added; `None` where it was not measured.
    pub(crate) bytes_per_session: Option<f64>,
    /// Why there is nothing.
    pub(crate) remark: Option<String>,
}

/// Measures every wanted party, without and with TLS.
pub(crate) async fn run(settings: &Settings) -> Result<Vec<Idle>> {
    let mut all = Vec::new();
    for party in PARTIES
        .iter()
        .filter(|party| settings.wants_party(party.name))
    {
        for tls in [false, true] {
            if tls && !party.has_tls {
                continue;
            }
            eprintln!("memory: {}{}", party.name, if tls { ", TLS" } else { "" });
            let measured = measure(settings, party, tls).await;
            all.push(Idle {
                party: party.name,
                tls,
                connections: settings.idle_connections(),
                bytes_per_session: *measured.as_ref().unwrap_or(&None),
                remark: match measured {
                    Ok(Some(_)) => None,
                    Ok(None) => Some("not installed".to_owned()),
                    Err(error) => Some(format!("{error:#}")),
                },
            });
        }
    }
    Ok(all)
}

async fn measure(settings: &Settings, party: &Party, tls: bool) -> Result<Option<f64>> {
    // A backend of its own for each party: the ports of the last one's connections may not be free yet.
    let backend = Backend::start(Core::Generator)?;
    let Some(running) = party.start(settings, backend.address, tls)? else {
        return Ok(None);
    };
    let count = settings.idle_connections();
    // One session first: what a party sets up once is not counted with each.
    let first = Fleet::open(&running.target, 1).await?;
    first.one_each().await?;
    tokio::time::sleep(settings.settle() / 4).await;
    let before = process::resident_bytes(&running.members());
    let fleet = Fleet::open(&running.target, count).await?;
    fleet.one_each().await?;
    tokio::time::sleep(settings.settle()).await;
    fleet.check()?;
    let after = process::resident_bytes(&running.members());
    #[expect(clippy::cast_precision_loss)]
    Ok(Some((after as f64 - before as f64) / count as f64))
}
