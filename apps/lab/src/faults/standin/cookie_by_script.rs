//! A server that wants a cookie which no answer sets: the script of its page does, a moment after the page loaded.
//!
//! Who only fetches the page has no cookie, so that it takes a browser to get in.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::echo;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "cookie-by-script",
    summary: "a stand-in for a server that wants a cookie which the script of its page sets",
    causes: &["http-cookie-missing"],
    by_browser: true,
    check: &["--page", "{page}"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while let Some(request) = Request::read(&mut stream).await? {
        if !request.wants_upgrade() {
            answer(&request).write(&mut stream).await?;
        } else if !request.is_handshake() {
            origin::bad_handshake(&request).write(&mut stream).await?;
        } else if has_cookie(&request) {
            return echo::serve(stream, &request).await;
        } else {
            Answer::new(401)
                .dated()
                .text("no visitor")
                .write(&mut stream)
                .await?;
        }
    }
    stream.finish().await
}

fn answer(request: &Request) -> Answer {
    match request.target.split('?').next() {
        Some("/") => Answer::new(200).dated().html(PAGE),
        _ => origin::page(request),
    }
}

fn has_cookie(request: &Request) -> bool {
    let cookies = request.header("cookie").unwrap_or_default();
    cookies.split("; ").any(|cookie| cookie == COOKIE)
}

/// What the page's script comes to.
const COOKIE: &str = "visitor=42";
const PAGE: &str = "<!doctype html><html lang=\"en\"><title>Towpath lab</title><p>This page sets a cookie.</p>\
    <script>setTimeout(() => { document.cookie = `visitor=${6 * 7}; path=/` }, 200)</script></html>\n";

#[cfg(test)]
mod tests {
    use crate::testing::{GET_PAGE, HANDSHAKE, ask, assert_status, handshake_with};

    #[tokio::test]
    async fn only_the_cookie_lets_in() {
        let name = "cookie-by-script";
        assert_status(name, HANDSHAKE, 401).await;
        assert_status(name, &handshake_with("Cookie: visitor=420"), 401).await;
        let cookies = "Cookie: other=1; visitor=42";
        assert_status(name, &handshake_with(cookies), 101).await;
    }

    #[tokio::test]
    async fn no_answer_holds_it() {
        let page = ask("cookie-by-script", GET_PAGE).await;
        assert!(!page.to_lowercase().contains("set-cookie"), "{page}");
        assert!(!page.contains(super::COOKIE), "{page}");
    }
}
