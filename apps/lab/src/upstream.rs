//! Where a middlebox leads to: a server somewhere, or the healthy echo in this process.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio_rustls::{TlsConnector, TlsStream};
use url::Url;

use crate::error::LabError;
use crate::origin;
use crate::stream::Stream;

/// A server to pass connections on to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Upstream {
    /// Name or address.
    pub(crate) host: String,
    /// TCP port.
    pub(crate) port: u16,
    /// Whether it speaks TLS.
    pub(crate) tls: bool,
    /// Path and query to check, if the upstream was given as a URL.
    pub(crate) path: Option<String>,
}

impl Upstream {
    /// Reads `host:port`, or a `ws`, `wss`, `http` or `https` URL.
    pub(crate) fn parse(text: &str) -> Result<Self, LabError> {
        let bad = || LabError::BadUpstream {
            upstream: text.to_owned(),
        };
        let has_scheme = text.contains("://");
        let url = if has_scheme {
            text.to_owned()
        } else {
            format!("ws://{text}")
        };
        let url = Url::parse(&url).map_err(|_| bad())?;
        let tls = match url.scheme() {
            "ws" | "http" => false,
            "wss" | "https" => true,
            _ => return Err(bad()),
        };
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or_else(bad)?;
        let port = match (has_scheme, url.port()) {
            (_, Some(port)) => port,
            (true, None) => url.port_or_known_default().ok_or_else(bad)?,
            // A URL parser drops the port 80 of `ws`, so look whether it was there.
            (false, None) if text.ends_with(":80") => 80,
            (false, None) => return Err(bad()),
        };
        let path = has_scheme
            .then(|| url[url::Position::BeforePath..url::Position::AfterQuery].to_owned());
        let host = host.trim_matches(['[', ']']).to_owned();
        Ok(Self {
            host,
            port,
            tls,
            path,
        })
    }

    /// What belongs into the Host header of requests; only a URL says it.
    pub(crate) fn host_header(&self) -> Option<String> {
        self.path.as_ref()?;
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        let usual = if self.tls { 443 } else { 80 };
        Some(if self.port == usual {
            host
        } else {
            format!("{host}:{}", self.port)
        })
    }

    /// Connects without TLS, even where the upstream speaks it.
    pub(crate) async fn dial_tcp(&self) -> io::Result<Stream> {
        self.dial_tcp_from(None).await
    }

    /// The same from an address of this machine, or from whichever suits.
    pub(crate) async fn dial_tcp_from(&self, source: Option<IpAddr>) -> io::Result<Stream> {
        let target = (self.host.as_str(), self.port);
        let tcp = match source {
            None => TcpStream::connect(target).await?,
            Some(source) => connect_from(source, target).await?,
        };
        tcp.set_nodelay(true)?;
        Ok(Stream::from(tcp))
    }

    /// Connects, with TLS where the upstream speaks it.
    pub(crate) async fn dial(&self, trust: &Arc<rustls::ClientConfig>) -> io::Result<Stream> {
        self.dial_from(None, trust).await
    }

    /// The same from an address of this machine, or from whichever suits.
    pub(crate) async fn dial_from(
        &self,
        source: Option<IpAddr>,
        trust: &Arc<rustls::ClientConfig>,
    ) -> io::Result<Stream> {
        let stream = self.dial_tcp_from(source).await?;
        if self.tls {
            over_tls(stream, &self.host, trust).await
        } else {
            Ok(stream)
        }
    }
}

/// Connects from an address of this machine to the first of the target's addresses of the same family.
async fn connect_from(source: IpAddr, target: (&str, u16)) -> io::Result<TcpStream> {
    let mut addresses = lookup_host(target).await?;
    let address = addresses
        .find(|address| address.is_ipv4() == source.is_ipv4())
        .ok_or_else(|| io::Error::from(io::ErrorKind::AddrNotAvailable))?;
    let socket = if source.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.bind(SocketAddr::new(source, 0))?;
    socket.connect(address).await
}

/// Speaks TLS as a client over a stream.
pub(crate) async fn over_tls(
    stream: Stream,
    host: &str,
    trust: &Arc<rustls::ClientConfig>,
) -> io::Result<Stream> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    let tls = TlsConnector::from(Arc::clone(trust))
        .connect(name, stream)
        .await?;
    Ok(Stream::from(TlsStream::from(tls)))
}

/// A connection to the healthy echo in this process.
pub(crate) fn built_in() -> Stream {
    let (near, far) = tokio::io::duplex(PIPE_BYTES);
    tokio::spawn(origin::serve(Stream::from(far)));
    Stream::from(near)
}

/// What the pipe to the built-in echo holds before its writer waits.
const PIPE_BYTES: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn upstream(host: &str, port: u16, tls: bool, path: Option<&str>) -> Upstream {
        Upstream {
            host: host.to_owned(),
            port,
            tls,
            path: path.map(str::to_owned),
        }
    }

    #[test]
    fn addresses_and_urls_are_read() {
        for (text, expected) in [
            ("localhost:9000", upstream("localhost", 9000, false, None)),
            ("localhost:80", upstream("localhost", 80, false, None)),
            ("[::1]:9000", upstream("::1", 9000, false, None)),
            (
                "ws://a.test/b?c=d",
                upstream("a.test", 80, false, Some("/b?c=d")),
            ),
            ("wss://a.test", upstream("a.test", 443, true, Some("/"))),
        ] {
            assert_eq!(Upstream::parse(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_upstream_is_refused() {
        for text in ["", "localhost", "ftp://a.test", "a b:9", "ws://"] {
            let refused = Upstream::parse(text);
            assert!(
                matches!(refused, Err(LabError::BadUpstream { .. })),
                "{text}"
            );
        }
    }
}
