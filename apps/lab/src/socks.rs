//! The server's half of SOCKS 5 (RFC 1928): greeting, request, reply. No authentication, CONNECT only.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::connect::Target;
use crate::stream::Stream;

/// Reads greeting and request. `None` where the client speaks another protocol.
pub(crate) async fn read_target(stream: &mut Stream) -> io::Result<Option<Target>> {
    let mut head = [0; 2];
    stream.read_exact(&mut head).await?;
    if head[0] != VERSION {
        return Ok(None);
    }
    let mut methods = vec![0; usize::from(head[1])];
    stream.read_exact(&mut methods).await?;
    stream.write_all(&[VERSION, NO_AUTHENTICATION]).await?;
    let mut request = [0; 4];
    stream.read_exact(&mut request).await?;
    let host = match request[3] {
        1 => Ipv4Addr::from(stream.read_u32().await?).to_string(),
        3 => {
            let mut name = vec![0; usize::from(stream.read_u8().await?)];
            stream.read_exact(&mut name).await?;
            String::from_utf8_lossy(&name).into_owned()
        }
        4 => Ipv6Addr::from(stream.read_u128().await?).to_string(),
        _ => return Ok(None),
    };
    let port = stream.read_u16().await?;
    Ok(Some(Target { host, port }))
}

/// Sends a reply: 0 for success, else the failure's number (RFC 1928 section 6).
pub(crate) async fn reply(stream: &mut Stream, code: u8) -> io::Result<()> {
    stream
        .write_all(&[VERSION, code, 0, 1, 0, 0, 0, 0, 0, 0])
        .await?;
    stream.flush().await
}

/// The reply "connection not allowed by ruleset".
pub(crate) const NOT_ALLOWED: u8 = 2;
/// The reply "host unreachable".
pub(crate) const HOST_UNREACHABLE: u8 = 4;

const VERSION: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
