//! An application whose page logs in by script, keeps a token, and opens its socket with it, late.
//!
//! `/socket` wants the token in GraphQL's `connection_init` and closes with 4403 else; `/gate` wants it in the
//! handshake, as a bearer, in the cookie or in the query, and answers 401 else. Behind both is an echo. The page at `/`
//! opens the socket itself; that of `/worker`, `/shared` and `/service` has a worker of that kind do it. `life=SECONDS`
//! and `late=MILLISECONDS` in the page's query say how long its token lives and when its socket opens. `/visits` counts the
//! pages handed out, and `/revoke` ends the life of all tokens given so far.

mod sockets;

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::request::Request;
use crate::stream::Stream;
use crate::token;

pub(crate) const FAULT: Fault = Fault {
    name: "page-with-token",
    summary: "a stand-in for an application whose page logs in and opens its socket with a token",
    causes: &["http-401"],
    path: "/gate",
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    while let Some(request) = Request::read(&mut stream).await? {
        if !request.wants_upgrade() {
            answer(&request, &lab).write(&mut stream).await?;
        } else if !request.is_handshake() {
            origin::bad_handshake(&request).write(&mut stream).await?;
        } else if path(&request) == "/socket" {
            return sockets::after_init(stream, &request, &lab).await;
        } else if opens(&lab, &handed_in(&request)) {
            return sockets::echo(stream, &request).await;
        } else {
            refusal().write(&mut stream).await?;
        }
    }
    stream.finish().await
}

fn answer(request: &Request, lab: &Lab) -> Answer {
    let answer = Answer::new(200).dated().header("Cache-Control", "no-store");
    match path(request) {
        "/" => {
            lab.count();
            answer.html(include_str!("page_with_token/page.html"))
        }
        "/worker" | "/shared" | "/service" => {
            lab.count();
            answer.html(include_str!("page_with_token/worker.html"))
        }
        "/worker.js" => answer.body("text/javascript", include_str!("page_with_token/worker.js")),
        "/token" => {
            let life = query(request, "life").and_then(|life| life.parse().ok());
            let life = life.map_or_else(|| lab.period(TOKEN_LIFE), Duration::from_secs);
            let token = token::issue(lab.counted(), SystemTime::now(), life);
            answer.json(&format!(
                r#"{{"token":"{token}","life":{}}}"#,
                life.as_secs()
            ))
        }
        "/visits" => answer.json(&format!(r#"{{"visits":{}}}"#, lab.counted())),
        "/revoke" => {
            lab.mark();
            Answer::new(204)
        }
        "/gate" => refusal(),
        _ => origin::page(request),
    }
}

/// Whether a token is ours, good, and not revoked. Its number is that of the visit it was given at.
fn opens(lab: &Lab, token: &str) -> bool {
    token::holder(token, SystemTime::now()).is_some_and(|visit| visit > lab.marked())
}

/// The token of a handshake, from the first place that has one.
fn handed_in(request: &Request) -> String {
    let bearer = request
        .header("authorization")
        .and_then(|value| value.strip_prefix("Bearer "));
    let cookies = request.header("cookie").unwrap_or_default();
    let cookie = cookies
        .split("; ")
        .find_map(|cookie| cookie.strip_prefix("token="));
    bearer
        .or(cookie)
        .or_else(|| query(request, "token"))
        .unwrap_or_default()
        .to_owned()
}

fn refusal() -> Answer {
    Answer::new(401)
        .dated()
        .header("WWW-Authenticate", "Bearer realm=\"lab\"")
        .text("Unauthorized")
}

fn path(request: &Request) -> &str {
    request.target.split('?').next().unwrap_or_default()
}

/// A value of the query, as it stands there.
fn query<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let (_, query) = request.target.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(own, _)| *own == name).map(|(_, value)| value)
}

/// How long a token lives where neither the page's query nor `--seconds` says so.
const TOKEN_LIFE: Duration = Duration::from_hours(1);

#[cfg(test)]
mod tests;
