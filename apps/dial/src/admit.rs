//! Who may use the endpoint: its own machine's programs, and nobody that a web page can pretend to be.
//!
//! A page can reach loopback: directly, which its `Origin` shows, or by a name of its own that resolves to
//! 127.0.0.1, which the `Host` shows. It must never let either in unasked, nor let the access token through to the remote.

use std::net::{IpAddr, SocketAddr};

use url::Host;

use crate::access::AccessToken;
use crate::head::Head;
use crate::limits::SHOWN_BYTES_MAX;

mod token;

/// What is checked of each request.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    pub(crate) listen: SocketAddr,
    /// Host names besides the loopback ones, in lower case.
    pub(crate) hosts: Vec<String>,
    /// Origins of web pages, as browsers send them.
    pub(crate) origins: Vec<String>,
    pub(crate) token: Option<AccessToken>,
}

/// A refusal of the endpoint's own.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Denial {
    pub(crate) status: u16,
    /// What to tell whoever runs the client.
    pub(crate) text: String,
}

/// The subprotocol that carried the access token, where one did.
pub(crate) type TokenSubprotocol = Option<String>;

impl Door {
    /// Lets a request in, or says why not. What carries an access token is taken out of the head, also where none is wanted.
    pub(crate) fn admit(&self, head: &mut Head) -> Result<TokenSubprotocol, Denial> {
        self.check_host(head)?;
        self.check_origin(head)?;
        let is_known = token::take_bearer(head, self.token.as_ref());
        let carrier = token::take_subprotocol(head, self.token.as_ref());
        if self.token.is_none() || is_known || carrier.is_known {
            return Ok(carrier.name);
        }
        Err(denied(
            401,
            "this endpoint wants its access token: as `Authorization: Bearer …`, \
             or as a subprotocol `towpath.token.…` before the others",
        ))
    }

    /// A request for a name that is not this machine's comes from a page whose name resolves to it.
    fn check_host(&self, head: &Head) -> Result<(), Denial> {
        let mut hosts = head.values("host");
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return Err(denied(400, "the request needs one Host header"));
        };
        if without_port(host).is_some_and(|host| self.is_ours(&host)) {
            return Ok(());
        }
        let shown = shown(host);
        Err(denied(
            403,
            &format!(
                "the request is for `{shown}`, which is not a name of this endpoint. \
                 If it is, start towpath dial with --allow-host and that name"
            ),
        ))
    }

    fn is_ours(&self, host: &Host<String>) -> bool {
        let address = match host {
            Host::Domain(name) => {
                let name = name.trim_end_matches('.');
                return name == "localhost" || self.hosts.iter().any(|host| host == name);
            }
            Host::Ipv4(address) => IpAddr::V4(*address),
            Host::Ipv6(address) => IpAddr::V6(*address),
        };
        // An address cannot be made to resolve elsewhere, so where all are listened on all are ours.
        let listen = self.listen.ip();
        address.is_loopback()
            || address == listen
            || listen.is_unspecified()
            || self.hosts.contains(&address.to_string())
    }

    fn check_origin(&self, head: &Head) -> Result<(), Denial> {
        let stranger = head
            .values("origin")
            .find(|origin| !self.origins.iter().any(|allowed| allowed == origin));
        let Some(origin) = stranger.map(shown) else {
            return Ok(());
        };
        Err(denied(
            403,
            &format!(
                "web pages are refused, and this request has an Origin: {origin}. \
                 If that page, or the program that says so, may connect, start towpath dial with --allow-origin {origin}"
            ),
        ))
    }
}

fn denied(status: u16, text: &str) -> Denial {
    Denial {
        status,
        text: text.to_owned(),
    }
}

/// The host of a `Host` header; nothing where it holds more than a host and a port.
fn without_port(host: &str) -> Option<Host<String>> {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, port),
        _ => (host, ""),
    };
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Host::parse(name).ok()
}

/// A foreign text for an answer: short, and without what a terminal would act on.
fn shown(text: &str) -> String {
    let end = text.floor_char_boundary(SHOWN_BYTES_MAX);
    text[..end]
        .chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}

#[cfg(test)]
mod tests;
