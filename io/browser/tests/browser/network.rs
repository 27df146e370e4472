//! What lies between the browser and the server: private authorities, proxies, fixed addresses, HTTP/2.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use towpath_browser::{
    BrowserOptions, BrowserProxy, CaptureRequest, Credentials, FixedAddress, HandshakeVersion,
    capture,
};

use crate::support::{Manner, Server, options, serve, start_proxy};

/// A certificate authority of its own and a server certificate for `site.test`.
fn authority(alpn: &[&[u8]]) -> (String, TlsAcceptor) {
    let mut authority = CertificateParams::new(Vec::new()).expect("no names");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("key"))
        .expect("authority");
    let key = KeyPair::generate().expect("key");
    let leaf = CertificateParams::new(vec!["site.test".to_owned()]).expect("name");
    let leaf = leaf.signed_by(&key, &authority).expect("signed");
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .expect("certificate");
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    (authority.pem(), TlsAcceptor::from(Arc::new(config)))
}

async fn tls_server(acceptor: TlsAcceptor) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("address");
    tokio::spawn(async move {
        let heads = Arc::new(Mutex::new(Vec::new()));
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, heads) = (acceptor.clone(), Arc::clone(&heads));
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    let mut stream = serve(stream, Manner::Refuse, "secure", &heads).await;
                    let _ = stream.shutdown().await;
                }
            });
        }
    });
    address
}

fn at(server: SocketAddr, roots: Option<String>) -> (BrowserOptions, CaptureRequest) {
    let options = BrowserOptions {
        extra_roots_pem: roots,
        resolve: vec![FixedAddress {
            host: "site.test".into(),
            port: server.port(),
            address: server.ip(),
        }],
        ..options()
    };
    (
        options,
        CaptureRequest::open(format!("wss://site.test:{}/socket", server.port())),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_given_authority_is_trusted_and_tls_is_told() {
    let (root, acceptor) = authority(&[b"http/1.1"]);
    let server = tls_server(acceptor).await;
    let (options, request) = at(server, Some(root));
    let capture = capture(&options, &request).await.expect("capture");
    assert_eq!(capture.page.error, None);
    assert!(capture.page.security.is_some());
    let socket = capture.opened().expect("socket");
    let response = socket.response.as_ref().expect("the refusal inside TLS");
    assert_eq!(
        (response.status, response.header("x-reason")),
        (403, Some("origin"))
    );
    let connection = socket.connection.as_ref().expect("connection");
    assert_eq!(connection.remote_address, Some(server));
    let tls = connection.tls.as_ref().expect("TLS");
    assert_eq!(
        (tls.version.as_deref(), tls.alpn.as_str()),
        (Some("TLS 1.3"), "http/1.1")
    );
    assert_eq!(tls.client_hello.first(), Some(&1), "a ClientHello message");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_authority_is_refused_and_its_certificate_kept() {
    let (_, acceptor) = authority(&[b"http/1.1"]);
    let (options, request) = at(tls_server(acceptor).await, None);
    let capture = capture(&options, &request).await.expect("capture");
    assert_eq!(
        capture.page.error.as_deref(),
        Some("net::ERR_CERT_AUTHORITY_INVALID")
    );
    let socket = capture.opened().expect("socket");
    assert_eq!(
        socket.net_error.as_deref(),
        Some("ERR_CERT_AUTHORITY_INVALID")
    );
    assert_eq!(socket.request, None);
    let tls = socket
        .connection
        .as_ref()
        .and_then(|connection| connection.tls.as_ref())
        .expect("TLS");
    assert_eq!(tls.certificates_pem.len(), 1, "{tls:?}");
    assert_eq!(tls.issued_by_known_root, Some(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http2_the_pseudo_headers_and_the_answer_are_kept() {
    let (root, acceptor) = authority(&[b"h2", b"http/1.1"]);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let server = listener.local_addr().expect("address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let stream = acceptor.accept(stream).await.ok()?;
                let mut builder = h2::server::Builder::new();
                let handshake = builder
                    .enable_connect_protocol()
                    .handshake::<_, Bytes>(stream);
                let mut connection = handshake.await.ok()?;
                while let Some(Ok((request, mut respond))) = connection.accept().await {
                    let status = if request.method() == "CONNECT" {
                        418
                    } else {
                        200
                    };
                    let response = http::Response::builder()
                        .status(status)
                        .header("x-from", "h2")
                        .body(())
                        .ok()?;
                    respond.send_response(response, true).ok()?;
                }
                Some(())
            });
        }
    });
    let (options, request) = at(server, Some(root));
    let capture = capture(&options, &request).await.expect("capture");
    assert_eq!(capture.page.http_version.as_deref(), Some("h2"));
    let socket = capture.opened().expect("socket");
    let request = socket.request.as_ref().expect("request");
    assert_eq!(request.version, HandshakeVersion::Http2, "{socket:?}");
    assert_eq!(request.header(":protocol"), Some("websocket"));
    let response = socket.response.as_ref().expect("response");
    assert_eq!(
        (response.status, response.header("x-from")),
        (418, Some("h2"))
    );
    assert!(
        socket
            .connection
            .as_ref()
            .is_some_and(|connection| connection.reused)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_gets_its_password_and_shows_in_the_capture() {
    let server = Server::start(Manner::Refuse, "hi").await;
    // "mary:pw" in base64.
    let (proxy, tunnels) = start_proxy("Basic bWFyeTpwdw==").await;
    let options = BrowserOptions {
        proxy: BrowserProxy::Server {
            url: format!("http://{proxy}"),
            credentials: Some(Credentials {
                username: "mary".into(),
                password: "pw".into(),
            }),
        },
        ..options()
    };
    let capture = capture(&options, &CaptureRequest::open(server.websocket("/")))
        .await
        .expect("capture");
    assert_eq!(capture.page.status, Some(200), "{:?}", capture.page);
    let socket = capture.opened().expect("socket");
    let connection = socket.connection.as_ref().expect("connection");
    assert!(
        connection
            .proxy
            .as_deref()
            .is_some_and(|chain| chain.contains(&proxy.to_string())),
        "{connection:?}"
    );
    assert_eq!(connection.remote_address, Some(proxy));
    assert!(
        connection
            .proxy_answer
            .iter()
            .any(|line| line.contains("Via")),
        "{connection:?}"
    );
    assert_eq!(
        socket.response.as_ref().map(|response| response.status),
        Some(403),
        "{socket:?}"
    );
    let tunnels = tunnels.lock().expect("no test panics while it holds this");
    assert_eq!(tunnels.as_slice(), [server.address.to_string()]);
}
