//! `[status]`: the listener that shows how the relay goes, and `[log]`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use super::section::Section;
use super::source::Source;

/// `[status]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusSettings {
    /// Where to listen; nowhere without it.
    pub listen: Option<SocketAddr>,
    /// Names by which it may be asked, besides addresses and `localhost`.
    pub hosts: Vec<String>,
    /// The file that holds the token which callers have to show; it is made if it is not there.
    pub access_token_file: Option<PathBuf>,
}

impl Default for StatusSettings {
    fn default() -> Self {
        Self {
            listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, PORT))),
            hosts: Vec::new(),
            access_token_file: None,
        }
    }
}

/// Where the status is told unless something else is said.
const PORT: u16 = 9380;

pub(super) fn read(root: &Section<'_>, source: &Source<'_>) -> StatusSettings {
    let mut status = StatusSettings::default();
    let Some(section) = root.section("status") else {
        return status;
    };
    match section.text("listen") {
        Some("none") => status.listen = None,
        Some(text) => match text.parse() {
            Ok(address) => status.listen = Some(address),
            Err(_) => section.wrong(
                "listen",
                "write an IP address and a port, such as \"127.0.0.1:9380\", or \"none\"",
            ),
        },
        None => {}
    }
    status.hosts = section
        .texts("hosts")
        .into_iter()
        .map(str::to_owned)
        .collect();
    status.access_token_file = section
        .text("access_token_file")
        .map(|file| source.path(file));
    let beyond = status.listen.filter(|address| !address.ip().is_loopback());
    if let (Some(address), None) = (beyond, &status.access_token_file) {
        section.wrong(
            "listen",
            &format!("{address} can be reached by other machines, which needs a secret: name access_token_file (made if it is not there)"),
        );
    }
    section.end();
    status
}
