//! The bodies of the fuzz targets on random input: a short look in every test run, a long one is `cargo fuzz`.

#[expect(
    unreachable_pub,
    reason = "public for the fuzz targets, which are crates of their own"
)]
#[path = "../../fuzz/bodies/lib.rs"]
mod bodies;

use bodies::{close, connection, diagnose, extension, frame, handshake, redact};
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #[test]
    fn frames_of_any_bytes(data in vec(any::<u8>(), 0..40)) {
        frame::run(&data);
    }

    #[test]
    fn connections_with_any_bytes(setting in any::<[u8; 2]>(), stream in vec(any::<u8>(), 0..300)) {
        connection::run(&[&setting[..], &stream].concat());
    }

    #[test]
    fn close_payloads_of_any_bytes(data in vec(any::<u8>(), 0..140)) {
        close::run(&data);
    }

    #[test]
    fn close_payloads_with_text(code in any::<u16>(), reason in "\\PC{0,40}") {
        close::run(&[&code.to_be_bytes(), reason.as_bytes()].concat());
    }

    #[test]
    fn extension_headers(text in "(permessage-deflate|x-[a-z]{1,4}|[ -~]{0,8})([;,=\" ]{1,2}(client_max_window_bits|server_no_context_takeover|[0-9]{1,3}|[ -~]{0,8})){0,6}") {
        extension::run(text.as_bytes());
    }

    #[test]
    fn handshake_heads(text in "(101|200|403|[ -~]{0,6})(\n(upgrade|connection|sec-websocket-(accept|protocol|extensions|key|version)|[!-~]{0,12}): ?(websocket|Upgrade|graphql-ws|permessage-deflate|s3pPLMBiTxaQ9kYGzzhZRbK\\+xOo=|[ -~]{0,12})){0,8}") {
        handshake::run(text.as_bytes());
    }

    #[test]
    fn refusals_of_any_text(
        status in 100_u16..600,
        head in "(\n(server|via|location|retry-after|www-authenticate|content-type|cf-ray|date|[!-~]{0,12}): ?[ -~]{0,20}){0,5}",
        body in "(<html>|<title>|forbidden|origin|upgrade|blocked|rate limit|\\PC{0,12}){0,6}",
    ) {
        diagnose::run(format!("{status}{head}\n\n{body}").as_bytes());
    }

    #[test]
    fn secrets_in_any_text(text in "(authorization|cookie|://|\\?|&|=|token|@|;|ey[A-Za-z0-9]{1,12}\\.|\\PC{0,6}){0,10}") {
        redact::run(text.as_bytes());
    }
}
