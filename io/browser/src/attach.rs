//! Attaches to a browser that runs already, by its debugging address.
//!
//! The browser and its pages are the user's: nothing here may close or change what we did not open. Our own pages are
//! hidden ones, which the browser ends together with our connection, whatever becomes of us.

mod bridge;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use towpath_websocket::handshake::request_headers;
use towpath_websocket::{Offer, ResponseHead, check_response, key_from};
use url::Url;

use crate::error::BrowserError;
use crate::protocol::Connection;

/// Connects to `http://host:port`, which tells where the browser listens, or straight to `ws://…/devtools/browser/…`.
/// A bare `host:port` is taken for the first.
pub(crate) async fn attach(address: &str, limit: Duration) -> Result<Connection, BrowserError> {
    let wrong = |reason: String| BrowserError::Attach {
        address: shown(address),
        reason,
    };
    let place = debugging_address(address).map_err(wrong)?;
    match timeout(limit, connect(&place)).await {
        Ok(Ok(stream)) => {
            let mut connection = bridge::over_websocket(stream);
            connection.is_guest = true;
            Ok(connection)
        }
        Ok(Err(reason)) => Err(wrong(reason)),
        Err(_) => Err(wrong(format!("no answer within {} s", limit.as_secs_f32()))),
    }
}

/// An address without its path, since whoever knows a browser's whole one controls the browser.
pub(crate) fn shown(address: &str) -> String {
    match debugging_address(address) {
        Ok(url) => url[..url::Position::BeforePath].to_owned(),
        Err(_) => address.to_owned(),
    }
}

fn debugging_address(address: &str) -> Result<Url, String> {
    let complete = if address.contains("://") {
        address.to_owned()
    } else {
        format!("http://{address}")
    };
    let url = Url::parse(&complete).map_err(|error| error.to_string())?;
    match url.scheme() {
        "http" | "ws" if url.has_host() => Ok(url),
        _ => Err("it has to begin with http:// or ws://".to_owned()),
    }
}

/// A WebSocket to the browser, with the bytes that came right behind its handshake: none, since the browser speaks
/// only when it is asked.
async fn connect(place: &Url) -> Result<TcpStream, String> {
    if place.scheme() == "ws" {
        return upgrade(open(place).await?, place.path()).await;
    }
    let path = ask_for_path(open(place).await?).await?;
    upgrade(open(place).await?, &path).await
}

async fn open(place: &Url) -> Result<TcpStream, String> {
    let host = place.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = place.port_or_known_default().unwrap_or_default();
    let stream = TcpStream::connect((host, port))
        .await
        .map_err(|error| error.to_string())?;
    // Calls are small and each waits for its answer.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

/// Chromium answers only requests for an address or `localhost`, so a name is replaced by where it led.
fn host_header(stream: &TcpStream) -> Result<String, String> {
    let peer = stream.peer_addr().map_err(|error| error.to_string())?;
    Ok(peer.to_string())
}

/// The path of the browser's own WebSocket. What host the browser believes to have does not matter.
async fn ask_for_path(mut stream: TcpStream) -> Result<String, String> {
    let host = host_header(&stream)?;
    let request =
        format!("GET /json/version HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\n\r\n");
    send(&mut stream, &request).await?;
    let answer = Answer::read(&mut stream).await?;
    if answer.status != 200 {
        return Err(format!("it answers {} to /json/version", answer.status));
    }
    let body = answer.read_body(&mut stream).await?;
    let version: Value =
        serde_json::from_slice(&body).map_err(|_| "it answers, but not as a browser".to_owned())?;
    let websocket = version["webSocketDebuggerUrl"].as_str();
    let websocket = websocket.and_then(|address| Url::parse(address).ok());
    let websocket = websocket.ok_or("it answers, but names no webSocketDebuggerUrl")?;
    Ok(websocket.path().to_owned())
}

async fn upgrade(mut stream: TcpStream, path: &str) -> Result<TcpStream, String> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| error.to_string())?;
    let key = key_from(random);
    let offer = Offer {
        key: &key,
        ..Offer::default()
    };
    let mut request = format!("GET {path} HTTP/1.1\r\n");
    for (name, value) in request_headers(&host_header(&stream)?, &offer) {
        request.extend([&name, ": ", &value, "\r\n"]);
    }
    request.push_str("\r\n");
    send(&mut stream, &request).await?;
    let answer = Answer::read(&mut stream).await?;
    let head = ResponseHead {
        status: answer.status,
        headers: &answer.headers,
    };
    if check_response(&head, &offer).opens() {
        Ok(stream)
    } else {
        Err(format!("it refuses the WebSocket with {}", answer.status))
    }
}

async fn send(stream: &mut TcpStream, request: &str) -> Result<(), String> {
    stream
        .write_all(request.as_bytes())
        .await
        .map_err(|error| error.to_string())
}

/// The head of an answer and what came with it.
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    async fn read(stream: &mut TcpStream) -> Result<Self, String> {
        let mut bytes = Vec::new();
        loop {
            if let Some(answer) = Self::parse(&bytes)? {
                return Ok(answer);
            }
            if bytes.len() > ANSWER_BYTES_MAX {
                return Err("its answer is too long".to_owned());
            }
            read_more(stream, &mut bytes).await?;
        }
    }

    fn parse(bytes: &[u8]) -> Result<Option<Self>, String> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut response = httparse::Response::new(&mut headers);
        match response.parse(bytes) {
            Ok(httparse::Status::Partial) => Ok(None),
            Ok(httparse::Status::Complete(length)) => Ok(Some(Self {
                status: response.code.unwrap_or_default(),
                headers: response
                    .headers
                    .iter()
                    .map(|header| {
                        let value = String::from_utf8_lossy(header.value).into_owned();
                        (header.name.to_owned(), value)
                    })
                    .collect(),
                body: bytes[length..].to_vec(),
            })),
            Err(_) => Err("it does not speak HTTP".to_owned()),
        }
    }

    async fn read_body(self, stream: &mut TcpStream) -> Result<Vec<u8>, String> {
        let length = self
            .headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, value)| value.trim().parse::<usize>().ok())
            .filter(|&length| length <= ANSWER_BYTES_MAX)
            .ok_or("its answer has no usable length")?;
        let mut body = self.body;
        while body.len() < length {
            read_more(stream, &mut body).await?;
        }
        body.truncate(length);
        Ok(body)
    }
}

async fn read_more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Result<(), String> {
    match stream.read_buf(bytes).await {
        Ok(0) => Err("it closed the connection".to_owned()),
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

const ANSWER_BYTES_MAX: usize = 64 * 1024;
const HEADERS_MAX: usize = 64;
