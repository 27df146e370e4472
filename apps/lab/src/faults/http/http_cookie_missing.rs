//! A server that knows its visitors by a cookie, which the page at `/` sets.

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
    name: "http-cookie-missing",
    summary: "a server that wants the cookie its page sets",
    causes: &["http-cookie-missing"],
    check: &["--page", "{page}"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while let Some(request) = Request::read(&mut stream).await? {
        let has_cookie = request
            .header("cookie")
            .is_some_and(|cookies| cookies.contains("session=lab"));
        if !request.wants_upgrade() {
            origin::page(&request)
                .header("Set-Cookie", "session=lab; Path=/; HttpOnly")
                .write(&mut stream)
                .await?;
        } else if has_cookie {
            return echo::serve(stream, &request).await;
        } else {
            Answer::new(401)
                .dated()
                .text("no session")
                .write(&mut stream)
                .await?;
        }
    }
    stream.finish().await
}

#[cfg(test)]
mod tests {
    use crate::testing::{GET_PAGE, HANDSHAKE, ask, assert_status, handshake_with};

    #[tokio::test]
    async fn the_page_gives_what_the_handshake_needs() {
        assert_status("http-cookie-missing", HANDSHAKE, 401).await;
        assert!(
            ask("http-cookie-missing", GET_PAGE)
                .await
                .contains("Set-Cookie: session=lab;")
        );
        assert_status(
            "http-cookie-missing",
            &handshake_with("Cookie: session=lab"),
            101,
        )
        .await;
    }
}
