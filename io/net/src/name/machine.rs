//! What the machine's own files say of names: configured servers and the hosts file.
//!
//! Only read; a file that is not there says nothing.

use std::net::{IpAddr, SocketAddr};

const RESOLVER_FILE: &str = "/etc/resolv.conf";
const HOSTS_FILE: &str = "/etc/hosts";

/// Most name servers that are used, as in the C library.
const SERVERS_MAX: usize = 3;

/// The port of DNS.
const DNS_PORT: u16 = 53;

/// The name servers that the machine is configured with.
pub fn configured_servers() -> Vec<SocketAddr> {
    servers_in(&std::fs::read_to_string(RESOLVER_FILE).unwrap_or_default())
}

/// The addresses that the hosts file gives a name.
pub fn hosts_file(name: &str) -> Vec<String> {
    addresses_in(
        &std::fs::read_to_string(HOSTS_FILE).unwrap_or_default(),
        name,
    )
}

fn servers_in(text: &str) -> Vec<SocketAddr> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            (words.next()? == "nameserver").then(|| words.next())?
        })
        .filter_map(|address| address.parse::<IpAddr>().ok())
        .map(|address| SocketAddr::new(address, DNS_PORT))
        .take(SERVERS_MAX)
        .collect()
}

fn addresses_in(text: &str, name: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| {
            let line = line.split('#').next()?;
            let mut words = line.split_whitespace();
            let address = words.next()?;
            words
                .any(|known| known.eq_ignore_ascii_case(name))
                .then(|| address.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolver_files_are_read() {
        let text =
            "# by hand\nsearch a.example\nnameserver 192.0.2.1\nnameserver  ::1\nnameserver x\n";
        let found: Vec<String> = servers_in(text).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["192.0.2.1:53", "[::1]:53"]);
    }

    #[test]
    fn hosts_files_are_read() {
        let text = "127.0.0.1 localhost\n10.0.0.1 a.example A # b.example\n#10.0.0.2 a.example\n";
        assert_eq!(addresses_in(text, "A.Example"), ["10.0.0.1"]);
        assert!(addresses_in(text, "b.example").is_empty());
    }
}
