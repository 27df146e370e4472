//! Extended CONNECT with a small HTTP/2 server at the other end of a pipe.

use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

fn request() -> RequestHead {
    let header = |name: &str, value: &str| Header {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let http1 = RequestHead {
        method: "GET".to_owned(),
        target: "/ws?a=1".to_owned(),
        version: "HTTP/1.1".to_owned(),
        headers: vec![
            header("Host", "h.example"),
            header("Upgrade", "websocket"),
            header("Connection", "Upgrade"),
            header("Sec-WebSocket-Key", "x"),
            header("Sec-WebSocket-Version", "13"),
        ],
    };
    head(&http1, "https", "h.example")
}

/// Serves one stream: 200 and an echo for `/ws`, 403 with a body for everything else.
async fn serve(far: DuplexStream, enabled: bool) {
    let mut builder = h2::server::Builder::new();
    if enabled {
        builder.enable_connect_protocol();
    }
    let mut connection = builder.handshake::<_, Bytes>(far).await.unwrap();
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        assert_eq!(request.headers()["sec-websocket-version"], "13");
        assert!(request.extensions().get::<Protocol>().is_some());
        tokio::spawn(async move {
            let open = request.uri().path() == "/ws";
            let status = if open { 200 } else { 403 };
            let response = http::Response::builder().status(status).body(()).unwrap();
            let mut out = respond.send_response(response, false).unwrap();
            if !open {
                out.send_data(Bytes::from_static(b"no"), true).unwrap();
                return;
            }
            let mut incoming = request.into_body();
            while let Some(Ok(data)) = incoming.data().await {
                let _ = incoming.flow_control().release_capacity(data.len());
                out.send_data(data, false).unwrap();
            }
        });
    }
}

async fn asked(request: RequestHead, enabled: bool) -> Result<Asked, Failure> {
    let (near, far) = tokio::io::duplex(64 * 1024);
    tokio::spawn(serve(far, enabled));
    connect(Stream::new(near), &request, &Limits::default()).await
}

#[test]
fn nothing_of_the_hop_is_sent() {
    let names: Vec<String> = request().headers.into_iter().map(|h| h.name).collect();
    let expected = [
        ":protocol",
        ":scheme",
        ":authority",
        "sec-websocket-version",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn bytes_go_both_ways() {
    let asked = asked(request(), true).await.unwrap();
    assert_eq!(asked.answer.status, 200);
    let mut stream = asked.stream.unwrap();
    stream.write_all(b"hello").await.unwrap();
    let mut back = [0; 5];
    stream.read_exact(&mut back).await.unwrap();
    assert_eq!(&back, b"hello");
}

#[tokio::test]
async fn a_server_that_did_not_enable_it_is_not_asked() {
    let failure = asked(request(), false).await.unwrap_err();
    assert_eq!(failure, Failure::ExtendedConnectNotOffered);
}

#[tokio::test]
async fn a_refusal_keeps_its_body() {
    let mut elsewhere = request();
    elsewhere.target = "/other".to_owned();
    let asked = asked(elsewhere, true).await.unwrap();
    assert_eq!(asked.answer.status, 403);
    assert_eq!(&asked.answer.body[..], b"no");
    assert!(asked.stream.is_none());
}

#[tokio::test]
async fn a_peer_without_settings_agreed_to_nothing() {
    let limits = Limits {
        http2_settings: Duration::from_millis(100),
        ..Limits::default()
    };
    for answer in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b""] {
        let (near, mut far) = tokio::io::duplex(64 * 1024);
        far.write_all(answer).await.unwrap();
        let asked = connect(Stream::new(near), &request(), &limits).await;
        assert_eq!(asked.unwrap_err(), Failure::Http2NotAgreed, "{answer:?}");
    }
}

#[tokio::test]
async fn a_stream_that_is_reset_tells_its_code() {
    let (near, far) = tokio::io::duplex(64 * 1024);
    tokio::spawn(async move {
        let mut builder = h2::server::Builder::new();
        builder.enable_connect_protocol();
        let mut connection = builder.handshake::<_, Bytes>(far).await.unwrap();
        while let Some(Ok((_, mut respond))) = connection.accept().await {
            respond.send_reset(h2::Reason::REFUSED_STREAM);
        }
    });
    let asked = connect(Stream::new(near), &request(), &Limits::default()).await;
    let Failure::Http2 { detail } = asked.unwrap_err() else {
        panic!("another failure");
    };
    assert!(detail.contains("REFUSED_STREAM"), "{detail}");
}
