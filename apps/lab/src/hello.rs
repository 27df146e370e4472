//! The ClientHello (RFC 8446 section 4.1.2) as filters on the path see it: read, looked at, put back.
//!
//! Only what the lab's filters decide by is kept. It must never answer; faults do.

use std::io;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::time::timeout;

use crate::stream::Stream;

/// What filters look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hello {
    /// The name in `server_name`, if one was sent.
    pub(crate) server_name: Option<String>,
    /// The types of all extensions, in order.
    pub(crate) extensions: Vec<u16>,
    /// The versions in `supported_versions`.
    pub(crate) versions: Vec<u16>,
    /// The protocols in ALPN.
    pub(crate) alpn: Vec<String>,
    /// Length of the handshake message, in bytes.
    pub(crate) length: usize,
}

impl Hello {
    /// Reads a ClientHello and puts its bytes back. `None` if the client spoke something else, or left.
    pub(crate) async fn peek(stream: &mut Stream) -> io::Result<Option<Self>> {
        let mut records = Vec::new();
        let mut message = Vec::new();
        let reading = async {
            while !is_whole(&message) {
                let mut head = [0; RECORD_HEAD_BYTES];
                if stream.read_exact(&mut head[..1]).await.is_err() {
                    return Ok(false);
                }
                records.push(head[0]);
                if head[0] != HANDSHAKE_RECORD {
                    return Ok(false);
                }
                stream.read_exact(&mut head[1..]).await?;
                records.extend_from_slice(&head[1..]);
                let mut body = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
                stream.read_exact(&mut body).await?;
                records.extend_from_slice(&body);
                message.extend_from_slice(&body);
                if message.len() > HELLO_BYTES_MAX {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "the ClientHello is too long",
                    ));
                }
            }
            Ok(true)
        };
        let complete = timeout(HELLO_TIME_MAX, reading).await??;
        stream.put_back(&records);
        Ok(if complete {
            Self::parse(&message)
        } else {
            None
        })
    }

    /// Reads the handshake message. `None` where it is not a ClientHello.
    fn parse(message: &[u8]) -> Option<Self> {
        let mut rest = Reader(message);
        if rest.take(1)? != [CLIENT_HELLO] {
            return None;
        }
        rest.take(3 + 2 + 32)?;
        let _session = rest.sized8()?;
        let _cipher_suites = rest.sized16()?;
        let _compressions = rest.sized8()?;
        let mut hello = Self {
            length: message.len(),
            ..Self::default()
        };
        let mut extensions = Reader(rest.sized16().unwrap_or_default());
        while let Some(kind) = extensions.number16() {
            hello.extensions.push(kind);
            hello.read_extension(kind, extensions.sized16()?);
        }
        Some(hello)
    }

    fn read_extension(&mut self, kind: u16, body: &[u8]) {
        let mut body = Reader(body);
        match kind {
            SERVER_NAME => self.server_name = first_name(body),
            ALPN => {
                let mut list = Reader(body.sized16().unwrap_or_default());
                while let Some(name) = list.sized8() {
                    self.alpn.push(String::from_utf8_lossy(name).into_owned());
                }
            }
            SUPPORTED_VERSIONS => {
                let mut list = Reader(body.sized8().unwrap_or_default());
                while let Some(version) = list.number16() {
                    self.versions.push(version);
                }
            }
            _ => {}
        }
    }
}

fn first_name(mut body: Reader<'_>) -> Option<String> {
    let mut list = Reader(body.sized16()?);
    list.take(1)?;
    Some(String::from_utf8_lossy(list.sized16()?).into_owned())
}

fn is_whole(message: &[u8]) -> bool {
    let &[_, high, middle, low, ..] = message else {
        return false;
    };
    let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
    message.len() >= 4 + length
}

/// Takes from the front; `None` as soon as there is too little.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number16(&mut self) -> Option<u16> {
        self.take(2).map(|two| u16::from_be_bytes([two[0], two[1]]))
    }

    fn sized8(&mut self) -> Option<&'a [u8]> {
        let length = self.take(1)?[0];
        self.take(usize::from(length))
    }

    fn sized16(&mut self) -> Option<&'a [u8]> {
        let length = self.number16()?;
        self.take(usize::from(length))
    }
}

/// `encrypt_then_mac` (RFC 7366): only libraries that still speak CBC offer it.
pub(crate) const ENCRYPT_THEN_MAC: u16 = 22;
/// TLS 1.3 in `supported_versions`.
pub(crate) const TLS13: u16 = 0x0304;

const HANDSHAKE_RECORD: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_NAME: u16 = 0;
const ALPN: u16 = 16;
const SUPPORTED_VERSIONS: u16 = 43;
const RECORD_HEAD_BYTES: usize = 5;
/// The longest ClientHello that is read; post-quantum ones have about 1700 bytes.
const HELLO_BYTES_MAX: usize = 16 << 10;
/// The longest a client may take to send it.
const HELLO_TIME_MAX: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::AsyncReadExt;
    use tokio::io::AsyncWriteExt;

    use super::*;
    use crate::authority::client_trusting;
    use crate::upstream::over_tls;

    #[tokio::test]
    async fn a_real_hello_is_read_and_put_back() {
        let (near, far) = tokio::io::duplex(1 << 16);
        let client = tokio::spawn(async move {
            let config = Arc::new(client_trusting(&[]).unwrap());
            over_tls(near.into(), "app.lab.test", &config)
                .await
                .is_err()
        });
        let mut stream = Stream::from(far);
        let hello = Hello::peek(&mut stream).await.unwrap().unwrap();
        assert_eq!(hello.server_name.as_deref(), Some("app.lab.test"));
        assert_eq!(hello.alpn, ["http/1.1"]);
        assert!(hello.versions.contains(&TLS13));
        assert!(hello.length > 200, "{hello:?}");
        assert_eq!(stream.read_u8().await.unwrap(), HANDSHAKE_RECORD);
        drop(stream);
        assert!(client.await.unwrap());
    }

    #[tokio::test]
    async fn what_is_not_tls_stays_readable() {
        let (mut near, far) = tokio::io::duplex(1 << 16);
        near.write_all(b"GET /").await.unwrap();
        drop(near);
        let mut stream = Stream::from(far);
        assert_eq!(Hello::peek(&mut stream).await.unwrap(), None);
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "GET /");
    }

    #[test]
    fn cut_messages_are_no_hello() {
        for length in 0..40 {
            assert_eq!(Hello::parse(&vec![1; length]), None, "{length}");
        }
    }
}
