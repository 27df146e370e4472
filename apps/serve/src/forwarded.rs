//! Who the client is behind hops that are trusted (`X-Forwarded-…`, or RFC 7239).
//!
//! Headers are read from the right, since the nearest hop wrote last. What a hop that is not trusted
//! has written is never believed, and neither is the kind of header that the settings do not name: hops
//! that write one kind hand a forged other kind on.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;

use crate::client::Client;
use crate::config::{ForwardingHeader, NetworkSettings, TrustedHops};

/// The nearest peer, after PROXY protocol.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    /// Its address.
    pub(crate) address: IpAddr,
    /// Whether it speaks TLS to this gateway.
    pub(crate) secure: bool,
}

/// What hops have written, leftmost (oldest) first.
#[derive(Debug, Default)]
struct Written {
    addresses: Vec<Option<IpAddr>>,
    schemes: Vec<String>,
    hosts: Vec<String>,
}

/// The facts about a request's client. `host` is what the request itself names.
pub(crate) fn client(
    settings: &NetworkSettings,
    peer: Peer,
    headers: &HeaderMap,
    host: &str,
) -> Client {
    let mut client = Client::direct(peer.address, peer.secure, host);
    if !trusts(&settings.trusted_hops, 0, client.address) {
        return client;
    }
    let written = match settings.forwarding_header {
        ForwardingHeader::XForwarded => x_forwarded(headers),
        ForwardingHeader::Forwarded => forwarded(headers),
    };
    let mut chain = vec![client.address];
    for address in written.addresses.iter().rev() {
        let nearest = chain[chain.len() - 1];
        let (true, Some(address)) = (
            trusts(&settings.trusted_hops, chain.len() - 1, nearest),
            address,
        ) else {
            break;
        };
        chain.push(*address);
    }
    let hops = (chain.len() - 1).max(1);
    client.trusted_hops = u32::try_from(hops).unwrap_or(u32::MAX);
    client.address = chain[chain.len() - 1];
    let chain: Vec<String> = chain.iter().rev().map(ToString::to_string).collect();
    client.forwarded_for = chain.join(", ").into();
    match from_right(&written.schemes, hops) {
        Some("https" | "wss") => client.secure = true,
        Some("http" | "ws") => client.secure = false,
        _ => {}
    }
    if let Some(host) = from_right(&written.hosts, hops).filter(|host| is_authority(host)) {
        client.host = host.into();
    }
    client
}

fn trusts(trusted: &TrustedHops, passed: usize, hop: IpAddr) -> bool {
    match trusted {
        TrustedHops::Count(count) => passed < *count,
        TrustedHops::Networks(networks) => networks.iter().any(|network| network.contains(hop)),
    }
}

/// What the hop at this distance has written, or the farthest there is.
fn from_right(list: &[String], hops: usize) -> Option<&str> {
    list.get(list.len().saturating_sub(hops))
        .map(String::as_str)
}

fn is_authority(text: &str) -> bool {
    text.parse::<http::uri::Authority>()
        .is_ok_and(|authority| !authority.as_str().contains('@'))
}

fn x_forwarded(headers: &HeaderMap) -> Written {
    let list = |name: &str| list(headers, name, ',');
    Written {
        addresses: list("x-forwarded-for")
            .iter()
            .map(|text| address(text))
            .collect(),
        schemes: lower(&list("x-forwarded-proto")),
        hosts: list("x-forwarded-host"),
    }
}

/// Elements of `Forwarded` (RFC 7239 section 4); a missing parameter keeps its place.
fn forwarded(headers: &HeaderMap) -> Written {
    let mut written = Written::default();
    for element in list(headers, "forwarded", ',') {
        let mut found = [const { String::new() }; 3];
        for pair in split(&element, ';') {
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            let mut names = ["for", "proto", "host"].iter();
            if let Some(at) = names.position(|known| known.eq_ignore_ascii_case(name.trim())) {
                found[at] = unquoted(value.trim());
            }
        }
        let [client, scheme, host] = found;
        written.addresses.push(address(&client));
        written.schemes.push(scheme.to_ascii_lowercase());
        written.hosts.push(host);
    }
    written
}

fn lower(list: &[String]) -> Vec<String> {
    list.iter().map(|text| text.to_ascii_lowercase()).collect()
}

fn list(headers: &HeaderMap, name: &str, separator: char) -> Vec<String> {
    headers
        .get_all(name)
        .iter()
        .flat_map(|value| match value.to_str() {
            Ok(text) => split(text, separator),
            // Unreadable is one entry that names nobody.
            Err(_) => vec!["unknown".to_owned()],
        })
        .collect()
}

/// Splits outside of quotes.
fn split(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for letter in text.chars() {
        if letter == separator && !quoted {
            parts.push(String::new());
            continue;
        }
        if letter == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = quoted && letter == '\\' && !escaped;
        let last = parts.len() - 1;
        parts[last].push(letter);
    }
    parts.iter().map(|part| part.trim().to_owned()).collect()
}

fn unquoted(text: &str) -> String {
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    inner.map_or_else(|| text.to_owned(), |inner| inner.replace('\\', ""))
}

/// An address with or without a port and brackets; nothing for `unknown` and made-up names.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    bare.unwrap_or(text)
        .parse()
        .ok()
        .or_else(|| text.parse().ok().map(|socket: SocketAddr| socket.ip()))
        .map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests;
