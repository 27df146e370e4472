//! Bytes and settings from anywhere: they may be refused, never panic, and never pass a limit.

use std::time::Duration;

use proptest::prelude::*;
use tokio::io::AsyncWriteExt;
use tokio::runtime::Builder;
use towpath_diagnosis::observation::RequestHead;
use towpath_net::proxy::environment::exempts;
use towpath_net::tls::chain;
use towpath_net::{Limits, ProxyServer, Settings, Stream, http1};

fn answered(bytes: &[u8]) {
    let runtime = Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(async {
        let limits = Limits {
            head: Duration::from_millis(50),
            body: Duration::from_millis(50),
            head_bytes_max: 1024,
            body_bytes_max: 1024,
            ..Limits::default()
        };
        let (near, mut far) = tokio::io::duplex(bytes.len() + 1024);
        far.write_all(bytes).await.expect("room in the pipe");
        far.shutdown().await.expect("an open pipe");
        let request = RequestHead {
            method: "GET".to_owned(),
            target: "/".to_owned(),
            version: "HTTP/1.1".to_owned(),
            headers: Vec::new(),
        };
        let answer = http1::exchange(&mut Stream::new(near), &request, &limits).await;
        if let Ok(answer) = answer {
            assert!(answer.body.len() <= limits.body_bytes_max);
            assert!(answer.headers.len() <= limits.headers_max);
        }
    });
}

fn response() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        Just("Transfer-Encoding: chunked".to_owned()),
        (0_u64..5000).prop_map(|length| format!("Content-Length: {length}")),
        "[ -~]{0,40}",
    ];
    let head = (0_u16..1000, prop::collection::vec(line, 0..6));
    (head, prop::collection::vec(any::<u8>(), 0..3000)).prop_map(|((status, lines), body)| {
        let mut bytes = format!("HTTP/1.1 {status} x\r\n").into_bytes();
        for line in lines {
            bytes.extend_from_slice(line.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&body);
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_an_answer_or_a_failure(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        answered(&bytes);
    }

    #[test]
    fn anything_like_a_response_is_an_answer_or_a_failure(bytes in response()) {
        answered(&bytes);
    }

    #[test]
    fn any_bytes_can_be_described_as_a_certificate(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
        let _ = chain::describe(&bytes);
    }

    #[test]
    fn any_setting_is_read_or_refused(text in "\\PC{0,60}", host in "\\PC{0,20}", port: u16) {
        let _ = ProxyServer::parse(&text);
        let _ = Settings::default().add_override(&text);
        let _ = exempts(&text, &host, port);
    }
}
