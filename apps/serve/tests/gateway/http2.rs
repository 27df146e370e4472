//! WebSockets over HTTP/2 (RFC 8441) in front of a backend that speaks HTTP/1.1.

use bytes::Bytes;
use h2::client::SendRequest;
use h2::ext::Protocol;
use http::{Method, Request, Response, StatusCode};
use tokio::net::TcpStream;

use crate::support::{Backend, OPEN, Wire, gateway};

/// A client that knows that extended CONNECT is allowed.
async fn connect(address: std::net::SocketAddr) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(address).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let client = client.ready().await.unwrap();
    // The first answer comes behind the server's settings.
    let mut client = client;
    let health = Request::get("http://chat.example.com/.towpath/health")
        .body(())
        .unwrap();
    let (answer, _) = client.send_request(health, true).unwrap();
    assert_eq!(answer.await.unwrap().status(), StatusCode::OK);
    assert!(client.is_extended_connect_protocol_enabled());
    client
}

fn extended(path: &str) -> Request<()> {
    Request::builder()
        .method(Method::CONNECT)
        .uri(format!("http://chat.example.com{path}"))
        .extension(Protocol::from_static("websocket"))
        .header("sec-websocket-version", "13")
        .header("sec-websocket-protocol", "chat")
        .header("origin", "http://chat.example.com")
        .body(())
        .unwrap()
}

#[tokio::test]
async fn a_websocket_over_http2_reaches_a_backend_over_http1() {
    let mut backend = Backend::accepting().await;
    let running = gateway(backend.address, "").await;
    let mut client = connect(running.addresses()[0]).await;
    let (answer, mut up) = client.send_request(extended("/socket?a=1"), false).unwrap();
    let answer: Response<_> = answer.await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["sec-websocket-protocol"], "chat");
    assert!(!answer.headers().contains_key("sec-websocket-accept"));
    let seen = backend.seen().await;
    assert!(
        seen.starts_with("GET /socket?a=1 HTTP/1.1\r\nHost: chat.example.com\r\n"),
        "{seen}"
    );
    assert!(
        seen.contains("\r\nOrigin: http://chat.example.com\r\n"),
        "{seen}"
    );
    let mut body = answer.into_body();
    let sent: Vec<u8> = (0..=255).cycle().take(200_000).collect();
    let mut got = Vec::new();
    let expected = sent.clone();
    let send = async move {
        for piece in sent.chunks(10_000) {
            up.reserve_capacity(piece.len());
            let mut rest = Bytes::copy_from_slice(piece);
            while !rest.is_empty() {
                let room = std::future::poll_fn(|cx| up.poll_capacity(cx))
                    .await
                    .unwrap()
                    .unwrap();
                let now = rest.split_to(room.min(rest.len()));
                up.send_data(now, false).unwrap();
            }
        }
        up.send_data(Bytes::new(), true).unwrap();
    };
    let receive = async {
        while let Some(piece) = body.data().await {
            let piece = piece.unwrap();
            body.flow_control().release_capacity(piece.len()).unwrap();
            got.extend_from_slice(&piece);
        }
    };
    tokio::join!(send, receive);
    assert!(got == expected, "{} of {}", got.len(), expected.len());
}

#[tokio::test]
async fn a_refusal_and_a_wrong_accept_come_as_statuses() {
    let refusing = Backend::answers(
        b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 3\r\n\r\nno!",
    )
    .await;
    let running = gateway(refusing.address, "").await;
    let mut client = connect(running.addresses()[0]).await;
    let (answer, _up) = client.send_request(extended("/"), false).unwrap();
    let answer = answer.await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(answer.headers()["www-authenticate"], "Basic");
    assert_eq!(answer.into_body().data().await.unwrap().unwrap(), "no!");

    let wrong = Backend::answers(OPEN.as_bytes()).await;
    let running = gateway(wrong.address, "").await;
    let mut client = connect(running.addresses()[0]).await;
    let (answer, _up) = client.send_request(extended("/"), false).unwrap();
    assert_eq!(answer.await.unwrap().status(), StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn a_reset_by_the_client_ends_the_backend_s_connection() {
    let (told, mut ended) = tokio::sync::mpsc::unbounded_channel();
    let backend = Backend::accepting_then(move |mut wire: Wire<TcpStream>| {
        let told = told.clone();
        async move {
            wire.rest().await;
            told.send(()).unwrap();
        }
    })
    .await;
    let running = gateway(backend.address, "").await;
    let mut client = connect(running.addresses()[0]).await;
    let (answer, mut up) = client.send_request(extended("/"), false).unwrap();
    assert_eq!(answer.await.unwrap().status(), StatusCode::OK);
    up.send_reset(h2::Reason::CANCEL);
    let ended = tokio::time::timeout(crate::support::PATIENCE, ended.recv()).await;
    assert_eq!(ended.unwrap(), Some(()));
}

#[tokio::test]
async fn other_kinds_of_connect_are_no_tunnels() {
    let backend = Backend::accepting().await;
    let running = gateway(backend.address, "").await;
    let mut client = connect(running.addresses()[0]).await;
    let plain = Request::builder()
        .method(Method::CONNECT)
        .uri("internal.test:22")
        .body(())
        .unwrap();
    let (answer, _up) = client.send_request(plain, false).unwrap();
    assert_eq!(answer.await.unwrap().status(), StatusCode::BAD_REQUEST);
}
