//! One local connection, from its request to its end.
//!
//! It must never ask the remote for anyone who was not let in, and never answer in the remote's name.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use towpath_reach::{Carried, Opened, Refused, Way, Why};
use towpath_websocket::{CloseCode, accept_key};

use crate::answer::{self, Answer, WAY, WHY};
use crate::bridge::{self, Local, Trouble};
use crate::copy;
use crate::endpoint::Shared;
use crate::event::{End, Event, Reason};
use crate::handshake::{self, Asked, Wanted};
use crate::head::{Head, HeadError};
use crate::machine;
use crate::status::Came;
use crate::stop::Stop;

/// Serves a connection to its end.
pub(crate) async fn serve(shared: Arc<Shared>, mut stream: TcpStream, stop: Stop) {
    if let Err(error) = machine::tune(&stream) {
        tracing::debug!(%error, "a local connection ended at once");
        return;
    }
    let asked = tokio::select! {
        asked = Box::pin(ask(&shared, &mut stream)) => asked,
        () = stop.begun() => return,
    };
    let Some((asked, with_body)) = asked else {
        return;
    };
    let answer = match asked {
        Ok(Asked::Page) => Answer::own(200, shared.status_page().trim_end()),
        Ok(Asked::Socket(wanted)) => {
            return Box::pin(connect(&shared, *wanted, stream, stop)).await;
        }
        Err(answer) => {
            shared.counts.came(Came::Denied);
            let why = String::from_utf8_lossy(&answer.body).trim_end().to_owned();
            shared.teller.tell(Event::Denied {
                status: answer.status,
                why,
            });
            answer
        }
    };
    Box::pin(answer.send(&mut stream, with_body)).await;
}

/// Reads a request and lets it in or not; nothing where there is none. Whether the answer is to have a body, too.
async fn ask(shared: &Shared, stream: &mut TcpStream) -> Option<(Result<Asked, Answer>, bool)> {
    let mut head = match Head::read(stream, &shared.limits).await {
        Ok(head) => head,
        Err(error) => {
            unreadable(shared, &error, stream).await;
            return None;
        }
    };
    let with_body = head.method != "HEAD";
    let asked = match shared.door.admit(&mut head) {
        Ok(token) => handshake::read(&shared.url, head, token),
        Err(denial) if denial.status == 401 => {
            let answer = Answer::own(denial.status, &denial.text);
            Err(answer.with("WWW-Authenticate", "Bearer realm=\"towpath dial\""))
        }
        Err(denial) => Err(Answer::own(denial.status, &denial.text)),
    };
    Some((asked, with_body))
}

async fn unreadable(shared: &Shared, error: &HeadError, stream: &mut TcpStream) {
    let status = match error {
        HeadError::Ended | HeadError::Io(_) => return,
        HeadError::Late => 408,
        HeadError::TooLarge => 431,
        HeadError::Unreadable(_) => 400,
    };
    shared.counts.came(Came::Denied);
    let why = error.to_string();
    Answer::own(status, &why).send(stream, true).await;
    shared.teller.tell(Event::Denied { status, why });
}

/// A connection that is being made or stands.
struct Connection {
    number: u64,
    /// The path at the remote.
    path: String,
    /// The client's key, which its answer follows from.
    key: String,
    /// The subprotocol to confirm where the remote chose none.
    token: Option<String>,
}

/// Opens the remote and carries.
async fn connect(shared: &Shared, wanted: Wanted, mut stream: TcpStream, stop: Stop) {
    let Wanted {
        request,
        key,
        token,
        rest,
    } = wanted;
    let connection = Connection {
        number: shared.counts.begin(),
        path: request.url.path().to_owned(),
        key,
        token,
    };
    // Each step is boxed by itself, so that an open connection holds none of what it took to open it.
    let mut opening = Box::pin(shared.reach.open(request));
    let opened = tokio::select! {
        opened = &mut opening => opened,
        () = left(&stream) => return,
        () = stop.begun() => {
            let answer = Answer::own(503, "this endpoint ends");
            return Box::pin(answer.send(&mut stream, true)).await;
        }
    };
    drop(opening);
    match opened {
        Ok(opened) => Box::pin(carry(shared, connection, opened, rest, stream, &stop)).await,
        Err(refused) => {
            let answer = refusal(shared, connection, refused);
            Box::pin(answer.send(&mut stream, true)).await;
        }
    }
}

/// Comes true when the client gives up. One that talks before it has an answer is not watched.
async fn left(stream: &TcpStream) {
    match stream.peek(&mut [0]).await {
        Ok(read) if read > 0 => std::future::pending().await,
        _ => {}
    }
}

/// Tells why nothing was opened; the answer for it.
fn refusal(shared: &Shared, connection: Connection, refused: Refused) -> Answer {
    let Connection {
        number: connection,
        path,
        ..
    } = connection;
    let reason = Reason::from(refused.why());
    match refused {
        Refused::Answer {
            status,
            headers,
            body,
            why,
        } => {
            shared.counts.came(Came::Refused);
            shared.teller.tell(Event::Refused {
                connection,
                path,
                status,
                reason,
            });
            Answer::of_remote(status, &headers, body, &why.to_string())
        }
        Refused::Failed {
            what,
            why,
            timed_out,
        } => {
            shared.counts.came(Came::Failed);
            let answer = failure(&what, &why, timed_out);
            shared.teller.tell(Event::Failed {
                connection,
                path,
                what,
                reason,
            });
            answer
        }
    }
}

/// Where nobody answered, this program does: what failed, why, and who can change it.
fn failure(what: &str, why: &Why, timed_out: bool) -> Answer {
    let mut text = format!("{what}: {why}");
    if let Some(named) = &why.finding {
        let remedy = &named.remedy;
        for (who, remedy) in [
            ("you", &remedy.user),
            ("your IT department", &remedy.it),
            ("the operator of the server", &remedy.operator),
        ] {
            let _ = write!(text, "\n\nFor {who}: {remedy}");
        }
    }
    let status = if timed_out { 504 } else { 502 };
    Answer::own(status, &text).with(WHY, &format!("{what}: {why}"))
}

async fn carry(
    shared: &Shared,
    connection: Connection,
    opened: Opened,
    rest: Bytes,
    mut stream: TcpStream,
    stop: &Stop,
) {
    let Opened {
        way,
        why,
        response,
        carried,
    } = opened;
    let number = connection.number;
    let mut headers = answer::passed_on(&response.headers);
    drop(response);
    if matches!(carried, Carried::Channel(_)) {
        headers.retain(|(name, _)| !is_of_handshake(name));
        headers.insert(
            0,
            (
                "Sec-WebSocket-Accept".to_owned(),
                accept_key(&connection.key),
            ),
        );
    }
    if let Some(token) = connection.token {
        headers.push(("Sec-WebSocket-Protocol".to_owned(), token));
    }
    headers.push((WAY.to_owned(), way.as_str().to_owned()));
    headers.push((WHY.to_owned(), answer::one_line(&why)));
    let head = answer::switching(&headers);
    drop(headers);
    if stream.write_all(&head).await.is_err() {
        return;
    }
    drop(head);
    shared.counts.came(Came::Opened);
    let _open = shared.counts.open();
    let began = Instant::now();
    shared.teller.tell(Event::Opened {
        connection: number,
        path: connection.path,
        way: way.as_str(),
        why,
    });
    let limits = &shared.limits;
    let end: End = match carried {
        Carried::Stream(native) => copy::copy(stream, rest, native.stream, stop, limits).await,
        Carried::Channel(channel) => {
            let trouble = |trouble| {
                shared.teller.tell(match trouble {
                    Trouble::Reconnecting => Event::Reconnecting { connection: number },
                    Trouble::Recovered => Event::Recovered { connection: number },
                });
            };
            let local = Local {
                stream,
                first: rest,
                // A page cannot send 1001.
                vanished: (way != Way::Browser).then_some(CloseCode::GOING_AWAY),
            };
            bridge::carry(local, channel, stop, limits, trouble).await
        }
    };
    shared.teller.tell(Event::Closed {
        connection: number,
        end,
        milliseconds: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    });
}

/// Headers that answer the client's own key and extensions, which a channel knows nothing of.
fn is_of_handshake(name: &str) -> bool {
    ["sec-websocket-accept", "sec-websocket-extensions"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}
