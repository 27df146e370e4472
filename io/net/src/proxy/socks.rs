//! SOCKS5 (RFC 1928) with user name and password (RFC 1929).
//!
//! Written here because reply codes are facts, and because only CONNECT is needed.

use std::borrow::Borrow;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use towpath_diagnosis::observation::{Failure, TunnelOutcome};

use super::{Destination, ProxyServer};
use crate::failure;
use crate::stream::Stream;

const VERSION: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
const USER_AND_PASSWORD: u8 = 2;
const NO_METHOD: u8 = 0xff;
const SUCCEEDED: u8 = 0;

/// Asks for a tunnel.
pub(super) async fn ask(
    mut stream: Stream,
    proxy: &ProxyServer,
    destination: &Destination,
) -> Result<Stream, TunnelOutcome> {
    authenticate(&mut stream, proxy).await?;
    let mut request = vec![VERSION, 1, 0];
    request.extend(address_wire(destination)?);
    request.extend(destination.port.to_be_bytes());
    stream.write_all(&request).await.map_err(broken)?;
    let [version, code, _, kind] = read::<4>(&mut stream).await?;
    check_version(version, &[version, code, kind])?;
    if code != SUCCEEDED {
        return Err(TunnelOutcome::SocksRefused {
            code: Some(code),
            meaning: meaning(code).to_owned(),
        });
    }
    // The bound address and port are of no use; they stand before the tunnel's first byte.
    let length = match kind {
        1 => 4,
        4 => 16,
        _ => usize::from(read::<1>(&mut stream).await?[0]),
    };
    let mut bound = vec![0; length + 2];
    stream.read_exact(&mut bound).await.map_err(broken)?;
    Ok(stream)
}

async fn authenticate(stream: &mut Stream, proxy: &ProxyServer) -> Result<(), TunnelOutcome> {
    let greeting: &[u8] = match &proxy.credentials {
        Some(_) => &[VERSION, 2, NO_AUTHENTICATION, USER_AND_PASSWORD],
        None => &[VERSION, 1, NO_AUTHENTICATION],
    };
    stream.write_all(greeting).await.map_err(broken)?;
    let [version, method] = read::<2>(stream).await?;
    check_version(version, &[version, method])?;
    match (method, &proxy.credentials) {
        (NO_AUTHENTICATION, _) => Ok(()),
        (USER_AND_PASSWORD, Some(credentials)) => {
            let mut request = vec![1];
            for part in [&credentials.user, &credentials.password] {
                let length = u8::try_from(part.len()).map_err(|_| {
                    refused("user name or password is longer than SOCKS5 can carry")
                })?;
                request.push(length);
                request.extend_from_slice(part.as_bytes());
            }
            stream.write_all(&request).await.map_err(broken)?;
            let [_, status] = read::<2>(stream).await?;
            if status == SUCCEEDED {
                Ok(())
            } else {
                Err(refused("user name or password not accepted"))
            }
        }
        (NO_METHOD, Some(_)) => Err(refused("no acceptable authentication method")),
        _ => Err(refused("the proxy wants authentication")),
    }
}

fn address_wire(destination: &Destination) -> Result<Vec<u8>, TunnelOutcome> {
    let literal = destination
        .address
        .or_else(|| destination.host.parse::<IpAddr>().ok());
    Ok(match literal {
        Some(IpAddr::V4(four)) => [&[1][..], &four.octets()[..]].concat(),
        Some(IpAddr::V6(six)) => [&[4][..], &six.octets()[..]].concat(),
        None => {
            let length = u8::try_from(destination.host.len())
                .map_err(|_| refused("the host name is longer than SOCKS5 can carry"))?;
            [&[3, length][..], destination.host.as_bytes()].concat()
        }
    })
}

async fn read<const N: usize>(stream: &mut Stream) -> Result<[u8; N], TunnelOutcome> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await.map_err(broken)?;
    Ok(bytes)
}

fn check_version(version: u8, bytes: &[u8]) -> Result<(), TunnelOutcome> {
    if version == VERSION {
        return Ok(());
    }
    Err(TunnelOutcome::Failed(Failure::Other {
        detail: format!(
            "the proxy does not speak SOCKS5; it began with {}",
            failure::printable(bytes)
        ),
    }))
}

fn broken(error: impl Borrow<io::Error>) -> TunnelOutcome {
    TunnelOutcome::Failed(failure::of_io(error.borrow(), Duration::ZERO))
}

fn refused(meaning: &str) -> TunnelOutcome {
    TunnelOutcome::SocksRefused {
        code: None,
        meaning: meaning.to_owned(),
    }
}

/// What a reply code means (RFC 1928 section 6).
fn meaning(code: u8) -> &'static str {
    match code {
        1 => "general SOCKS server failure",
        2 => "connection not allowed by ruleset",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "TTL expired",
        7 => "command not supported",
        8 => "address type not supported",
        _ => "unassigned reply code",
    }
}
