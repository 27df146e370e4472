//! PROXY protocol, versions 1 and 2: whom a load balancer speaks for.
//!
//! Parsing is separate from reading and takes any bytes. It must never read past the header, since
//! what follows belongs to TLS or HTTP.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use thiserror::Error;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

/// What the bytes so far amount to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// At least so many more bytes belong to the header.
    Need(usize),
    /// The header is complete: the client it speaks for; none for the balancer's own connections (health checks)
    /// and for families without an address.
    Complete(Option<SocketAddr>),
}

/// Why bytes are no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Malformed {
    /// Neither version's beginning.
    #[error("no PROXY protocol header")]
    NoHeader,
    /// A version 1 line that cannot be read.
    #[error("malformed PROXY protocol version 1 line")]
    Line,
    /// A version 2 header that cannot be read.
    #[error("malformed PROXY protocol version 2 header")]
    Binary,
    /// A header above the limit.
    #[error("PROXY protocol header above {HEADER_BYTES_MAX} bytes")]
    TooLong,
}

/// Reads one header and nothing behind it.
pub(crate) async fn read(stream: &mut TcpStream) -> io::Result<Option<SocketAddr>> {
    let mut bytes = Vec::with_capacity(64);
    loop {
        match parse(&bytes).map_err(io::Error::other)? {
            Progress::Complete(source) => return Ok(source),
            Progress::Need(more) => {
                let have = bytes.len();
                bytes.resize(have + more, 0);
                stream.read_exact(&mut bytes[have..]).await?;
            }
        }
    }
}

/// Reads the header at the beginning of `bytes`.
pub fn parse(bytes: &[u8]) -> Result<Progress, Malformed> {
    if bytes.is_empty() {
        // Enough to tell the versions apart, and in both of them less than a header.
        return Ok(Progress::Need(SIGNATURE_V2.len()));
    }
    let begins = |signature: &[u8]| {
        let shown = bytes.len().min(signature.len());
        bytes[..shown] == signature[..shown]
    };
    if begins(SIGNATURE_V2) {
        return parse_binary(bytes);
    }
    if begins(SIGNATURE_V1) {
        return parse_line(bytes);
    }
    Err(Malformed::NoHeader)
}

fn parse_line(bytes: &[u8]) -> Result<Progress, Malformed> {
    let line = &bytes[..bytes.len().min(LINE_BYTES_MAX)];
    let Some(end) = line.iter().position(|byte| *byte == b'\n') else {
        if bytes.len() >= LINE_BYTES_MAX {
            return Err(Malformed::TooLong);
        }
        let shortest = b"PROXY UNKNOWN\r\n".len();
        return Ok(Progress::Need(shortest.saturating_sub(bytes.len()).max(1)));
    };
    let line = bytes[..end].strip_suffix(b"\r").ok_or(Malformed::Line)?;
    let line = std::str::from_utf8(line).map_err(|_| Malformed::Line)?;
    let mut words = line.split(' ').skip(1);
    let mut word = || words.next().ok_or(Malformed::Line);
    let family = word()?;
    if family == "UNKNOWN" {
        return Ok(Progress::Complete(None));
    }
    let (source, _destination) = (word()?, word()?);
    let (source_port, _destination_port) = (word()?, word()?);
    let address: IpAddr = match family {
        "TCP4" => source.parse::<Ipv4Addr>().map(IpAddr::V4),
        "TCP6" => source.parse::<Ipv6Addr>().map(IpAddr::V6),
        _ => return Err(Malformed::Line),
    }
    .map_err(|_| Malformed::Line)?;
    let port = source_port.parse().map_err(|_| Malformed::Line)?;
    if words.next().is_some() {
        return Err(Malformed::Line);
    }
    Ok(Progress::Complete(Some(SocketAddr::new(address, port))))
}

fn parse_binary(bytes: &[u8]) -> Result<Progress, Malformed> {
    if bytes.len() < BINARY_FIXED {
        return Ok(Progress::Need(BINARY_FIXED - bytes.len()));
    }
    let length = usize::from(u16::from_be_bytes([bytes[14], bytes[15]]));
    let whole = BINARY_FIXED + length;
    if whole > HEADER_BYTES_MAX {
        return Err(Malformed::TooLong);
    }
    if bytes.len() < whole {
        return Ok(Progress::Need(whole - bytes.len()));
    }
    let body = &bytes[BINARY_FIXED..whole];
    match bytes[12] {
        // The balancer's own connection: whatever the rest says.
        0x20 => return Ok(Progress::Complete(None)),
        0x21 => {}
        _ => return Err(Malformed::Binary),
    }
    let port = |at: usize| u16::from_be_bytes([body[at], body[at + 1]]);
    let source = match bytes[13] {
        0x11 if body.len() >= 12 => {
            let address: [u8; 4] = body[..4].try_into().map_err(|_| Malformed::Binary)?;
            Some(SocketAddr::new(Ipv4Addr::from(address).into(), port(8)))
        }
        0x21 if body.len() >= 36 => {
            let address: [u8; 16] = body[..16].try_into().map_err(|_| Malformed::Binary)?;
            Some(SocketAddr::new(Ipv6Addr::from(address).into(), port(32)))
        }
        0x11 | 0x21 => return Err(Malformed::Binary),
        // Datagrams, UNIX sockets and what is not specified carry no address that could be counted.
        _ => None,
    };
    Ok(Progress::Complete(source))
}

const SIGNATURE_V1: &[u8] = b"PROXY ";
const SIGNATURE_V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// Signature, version and command, family, length.
const BINARY_FIXED: usize = 16;

/// The longest line of version 1, line break included.
const LINE_BYTES_MAX: usize = 107;

/// The longest header, with all its additions.
pub const HEADER_BYTES_MAX: usize = 4096;

#[cfg(test)]
mod tests;
