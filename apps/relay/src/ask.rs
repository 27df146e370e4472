//! Asks a running relay how it goes, over its status listener. It must never send the token anywhere but there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use towpath_secret::{Readers, Secret};

use crate::config::{self, StatusSettings};
use crate::error::RelayError;

/// What a running relay says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Text, or JSON where that was asked for.
    pub text: String,
    /// Whether every side and room is ready.
    pub is_ready: bool,
}

/// Asks the relay of a configuration. Of the configuration only `[status]` counts.
pub async fn ask(file: &Path, json: bool) -> Result<Told, RelayError> {
    let settings = config::status_of(file)?;
    let Some(listen) = settings.listen else {
        return Err(RelayError::NoStatus {
            path: file.to_owned(),
        });
    };
    let address = reachable(listen);
    let unanswered = |why: String| RelayError::Unanswered { address, why };
    let token = token(&settings)?;
    let path = if json { "/status.json" } else { "/status.txt" };
    let told = timeout(PATIENCE, told(address, path, token.as_ref()));
    let late = || unanswered("it took too long".to_owned());
    told.await.map_err(|_| late())?.map_err(unanswered)
}

async fn told(address: SocketAddr, path: &str, token: Option<&Secret>) -> Result<Told, String> {
    let stream = TcpStream::connect(address).await;
    let stream = stream.map_err(|error| error.to_string())?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    let mut answers = Vec::new();
    for path in [path, "/healthz"] {
        let mut request = Request::get(path).header(header::HOST, address.to_string());
        if let Some(token) = token {
            let shown = [b"Bearer ", token.bytes()].concat();
            request = request.header(header::AUTHORIZATION, shown);
        }
        let request = request.body(Empty::<Bytes>::new());
        let request = request.map_err(|error| error.to_string())?;
        // The answer before may still be on its way out of the connection.
        sender.ready().await.map_err(|error| error.to_string())?;
        let answer = sender.send_request(request).await;
        let answer = answer.map_err(|error| error.to_string())?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), BYTES_MAX).collect().await;
        let body = body.map_err(|error| error.to_string())?.to_bytes();
        answers.push((status, String::from_utf8_lossy(&body).into_owned()));
    }
    let (health, _) = answers.pop().ok_or("there was no answer")?;
    let (status, text) = answers.pop().ok_or("there was no answer")?;
    if status != StatusCode::OK {
        return Err(format!("{status}: {}", text.trim()));
    }
    Ok(Told {
        text,
        is_ready: health == StatusCode::OK,
    })
}

/// Where a listener of all addresses is asked from the same machine.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// The token, which the relay made; asking must make none.
fn token(settings: &StatusSettings) -> Result<Option<Secret>, RelayError> {
    let Some(path) = &settings.access_token_file else {
        return Ok(None);
    };
    let read = towpath_secret::read(path, Readers::Refused);
    let secret = read.and_then(|text| Secret::of_text(&text));
    secret.map(Some).map_err(|source| RelayError::AccessToken {
        path: path.clone(),
        source,
    })
}

/// For both answers.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes of an answer.
const BYTES_MAX: usize = 16 << 20;
