//! The ClientHello (RFC 8446 section 4.1.2) as filters on the path see it: read, looked at, put back.
//!
//! Only what the lab's filters decide by is kept. It must never answer; faults do.

use std::io;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::time::timeout;
use towpath_hello::{HelloReader, Offer, Progress};

use crate::stream::Stream;

/// What filters look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hello {
    /// The name in `server_name`, if one was sent.
    pub(crate) server_name: Option<String>,
    /// The types of all extensions, in order, without those that are only mixed in (RFC 8701).
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
        Ok(Self::peek_offer(stream).await?.map(Self::of))
    }

    /// The same with all that is known of it.
    pub(crate) async fn peek_offer(stream: &mut Stream) -> io::Result<Option<Offer>> {
        let mut reader = HelloReader::new();
        let mut bytes = Vec::new();
        let reading = async {
            while reader.progress() == Progress::More {
                let have = bytes.len();
                if stream.read_buf(&mut bytes).await? == 0 {
                    let ended = io::Error::from(io::ErrorKind::UnexpectedEof);
                    return if have == 0 { Ok(()) } else { Err(ended) };
                }
                reader.feed(&bytes[have..]);
            }
            Ok(())
        };
        timeout(HELLO_TIME_MAX, reading).await??;
        stream.put_back(&bytes);
        Ok(reader.offer())
    }

    fn of(offer: Offer) -> Self {
        let alpn = offer.alpn.iter();
        Self {
            server_name: offer.server_name,
            extensions: offer.extensions,
            versions: offer.versions,
            alpn: alpn
                .map(|name| String::from_utf8_lossy(name).into_owned())
                .collect(),
            length: offer.bytes as usize,
        }
    }
}

/// `encrypt_then_mac` (RFC 7366): only libraries that still speak CBC offer it.
pub(crate) const ENCRYPT_THEN_MAC: u16 = 22;
/// TLS 1.3 in `supported_versions`.
pub(crate) const TLS13: u16 = 0x0304;

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
        assert_eq!(
            stream.read_u8().await.unwrap(),
            22,
            "a record of a handshake"
        );
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
}
