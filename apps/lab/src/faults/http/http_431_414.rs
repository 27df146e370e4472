//! A server with small header buffers: cookies over 256 bytes are too much.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::echo;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-431-414",
    summary: "a server that refuses cookies over 256 bytes",
    causes: &["http-431-414"],
    check: &[
        "--header",
        "Cookie: session=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while let Some(request) = origin::next_upgrade(&mut stream).await? {
        if request
            .header("cookie")
            .is_none_or(|cookie| cookie.len() <= COOKIE_BYTES_MAX)
        {
            return echo::serve(stream, &request).await;
        }
        Answer::new(431)
            .dated()
            .text("Request Header Fields Too Large")
            .write(&mut stream)
            .await?;
    }
    stream.finish().await
}

/// The longest Cookie header that is taken.
const COOKIE_BYTES_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use crate::testing::{HANDSHAKE, ask, assert_status, handshake_with};

    #[tokio::test]
    async fn lets_in_only_small_cookies() {
        let answer = ask(
            "http-431-414",
            &handshake_with(&format!("Cookie: session={}", "a".repeat(400))),
        )
        .await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
        assert_status("http-431-414", HANDSHAKE, 101).await;
    }
}
