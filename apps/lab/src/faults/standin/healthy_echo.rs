//! A WebSocket echo that keeps to the RFCs, without TLS.

use crate::fault::{Fault, Serve};
use crate::origin;

pub(crate) const FAULT: Fault = Fault {
    name: "healthy-echo",
    summary: "a correct WebSocket echo",
    check: &["--echo"],
    serve: Serve::Stream(|stream, _| Box::pin(origin::serve(stream))),
    ..Fault::PLAIN
};

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, GET, GET_PAGE, HANDSHAKE, ask, assert_healthy, running};

    #[tokio::test]
    async fn echoes() {
        assert_healthy("healthy-echo").await;
    }

    #[tokio::test]
    async fn answers_pings_and_closes_in_order() {
        let running = running("healthy-echo").await;
        let mut client = Client::of(&running).await;
        client.ask(HANDSHAKE).await;
        client.send_frame(FrameHeader::ping(2), b"hi").await;
        assert_eq!(client.bytes(4).await.unwrap(), [0x8a, 2, b'h', b'i']);
        client
            .send_frame(FrameHeader::close(2), &[0x03, 0xe8])
            .await;
        assert_eq!(client.rest().await.unwrap(), [0x88, 2, 0x03, 0xe8]);
        running.stop().await;
    }

    #[tokio::test]
    async fn takes_the_first_subprotocol_and_compression() {
        let request = HANDSHAKE.replace(
            "\r\n\r\n",
            "\r\nSec-WebSocket-Protocol: one, two\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
        );
        let answer = ask("healthy-echo", &request).await;
        assert!(
            answer.contains("Sec-WebSocket-Protocol: one\r\n"),
            "{answer}"
        );
        assert!(
            answer.contains("Sec-WebSocket-Extensions: permessage-deflate;"),
            "{answer}"
        );
    }

    #[tokio::test]
    async fn answers_plain_requests_as_a_web_server() {
        assert!(
            ask("healthy-echo", GET_PAGE)
                .await
                .starts_with("HTTP/1.1 200 ")
        );
        assert!(ask("healthy-echo", GET).await.starts_with("HTTP/1.1 426 "));
    }
}
