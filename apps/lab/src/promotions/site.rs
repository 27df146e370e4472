//! HTTP of the backend: its files, and the way to a search.

use std::io;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use tokio::time::timeout;

use crate::answer::Answer;
use crate::origin;
use crate::request::Request;
use crate::stream::Stream;

use super::{PublishedFile, search};

/// The files that are handed out.
#[derive(Debug, Default)]
pub(super) struct Site(RwLock<Vec<PublishedFile>>);

impl Site {
    pub(super) fn publish(&self, file: PublishedFile) {
        let mut files = self.0.write().unwrap_or_else(PoisonError::into_inner);
        files.retain(|own| own.path != file.path);
        files.push(file);
    }

    fn answer(&self, request: &Request) -> Answer {
        let path = request.target.split('?').next().unwrap_or_default();
        if path == search::PATH {
            return Answer::new(426)
                .dated()
                .header("Upgrade", "websocket")
                .header("Connection", "Upgrade")
                .text("Only a WebSocket is served here.");
        }
        let files = self.0.read().unwrap_or_else(PoisonError::into_inner);
        match files.iter().find(|file| file.path == path) {
            Some(file) => Answer::new(200)
                .dated()
                .header("Cache-Control", "no-cache")
                .header("Content-Security-Policy", POLICY)
                .header("X-Content-Type-Options", "nosniff")
                .body(file.content_type, &file.text),
            None => Answer::new(404).dated().text("Not Found"),
        }
    }
}

/// Answers requests until one asks for a search, or the client leaves.
pub(super) async fn serve(mut stream: Stream, site: &Site) -> io::Result<()> {
    loop {
        let head = timeout(KEPT_TIME_MAX, Request::read_at_leisure(&mut stream)).await;
        let Ok(Some(request)) = head.unwrap_or(Ok(None)) else {
            return stream.finish().await;
        };
        if !request.wants_upgrade() {
            let is_plain = request.method == "GET" && request.header("content-length").is_none();
            let answer = if is_plain {
                site.answer(&request)
            } else {
                Answer::new(405).header("Allow", "GET")
            };
            let is_last = !is_plain || request.lists("connection", "close");
            answer.write(&mut stream).await?;
            if is_last {
                return stream.finish().await;
            }
        } else if request.is_handshake() {
            return search::serve(stream, &request).await;
        } else {
            origin::bad_handshake(&request).write(&mut stream).await?;
        }
    }
}

/// Sockets go through other ports, and so does the script that their reports are made by.
const POLICY: &str = "default-src 'none'; script-src 'self' http:; style-src 'self'; img-src 'self' data:; \
    connect-src 'self' http: ws:; base-uri 'none'; form-action 'none'";
/// How long a connection may wait for its next request.
const KEPT_TIME_MAX: Duration = Duration::from_mins(1);
