//! TLS on both legs.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::client::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};
use towpath_serve::{Running, config, start};

use crate::support::{Backend, OPEN, PATIENCE, Wire, gateway, handshake};

/// Writes a new pair for `localhost`; the certificate.
pub(crate) fn write_pair(folder: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.join("chain.pem"), cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.der().clone()
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

pub(crate) async fn secure(backend: &Backend, folder: &Path) -> Running {
    let settings = format!(
        "[tls]\ncertificate = {:?}\nkey = {:?}\n",
        path(folder, "chain.pem"),
        path(folder, "key.pem")
    );
    gateway(backend.address, &settings).await
}

/// Connects and trusts only this certificate.
async fn connect(
    running: &Running,
    trusted: &CertificateDer<'static>,
    alpn: &[&[u8]],
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(running.addresses()[0]).await?;
    secured(stream, trusted, alpn).await
}

pub(crate) async fn secured(
    stream: TcpStream,
    trusted: &CertificateDer<'static>,
    alpn: &[&[u8]],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

#[tokio::test]
async fn a_websocket_over_tls_is_https_to_the_backend() {
    let folder = tempfile::tempdir().unwrap();
    let trusted = write_pair(folder.path());
    let mut backend = Backend::echo().await;
    let running = secure(&backend, folder.path()).await;
    let mut client = Wire(connect(&running, &trusted, &[]).await.unwrap());
    client
        .send(handshake("/", "Origin: https://chat.example.com\r\n"))
        .await;
    assert!(client.head().await.starts_with("HTTP/1.1 101"));
    assert!(
        backend
            .seen()
            .await
            .contains("\r\nX-Forwarded-Proto: https\r\n")
    );
    let all: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let (from, to) = tokio::io::split(client.0);
    let (mut from, mut to) = (Wire(tokio::io::join(from, tokio::io::sink())), to);
    let sent = all.clone();
    let sending = tokio::spawn(async move {
        tokio::io::AsyncWriteExt::write_all(&mut to, &sent)
            .await
            .unwrap();
        to
    });
    assert!(from.take(all.len()).await == all);
    sending.await.unwrap();
}

#[tokio::test]
async fn http2_is_agreed_on_where_it_is_offered() {
    let folder = tempfile::tempdir().unwrap();
    let trusted = write_pair(folder.path());
    let backend = Backend::echo().await;
    let running = secure(&backend, folder.path()).await;
    for (offered, agreed) in [
        (&[&b"h2"[..], b"http/1.1"][..], &b"h2"[..]),
        (&[b"http/1.1"], b"http/1.1"),
    ] {
        let stream = connect(&running, &trusted, offered).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(agreed));
    }
}

#[tokio::test]
async fn a_new_certificate_is_used_and_a_bad_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let first = write_pair(folder.path());
    let backend = Backend::echo().await;
    let running = secure(&backend, folder.path()).await;
    let mut open = Wire(connect(&running, &first, &[]).await.unwrap());
    let second = write_pair(folder.path());
    let changed = async {
        while connect(&running, &second, &[]).await.is_err() {
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, changed).await.unwrap();
    // The connection from before goes on.
    open.send("GET /.towpath/health HTTP/1.1\r\nHost: h\r\n\r\n")
        .await;
    assert!(open.head().await.starts_with("HTTP/1.1 200"));
    fs::write(folder.path().join("chain.pem"), "no certificate at all").unwrap();
    // Twice the time between two looks.
    sleep(Duration::from_secs(4)).await;
    connect(&running, &second, &[]).await.unwrap();
    let third = write_pair(folder.path());
    let mended = async {
        while connect(&running, &third, &[]).await.is_err() {
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, mended).await.unwrap();
}

#[tokio::test]
async fn a_key_that_does_not_fit_is_found_at_the_start() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_pair(one.path());
    write_pair(other.path());
    let text = format!(
        "[tls]\ncertificate = {:?}\nkey = {:?}\n",
        path(one.path(), "chain.pem"),
        path(other.path(), "key.pem")
    );
    let refused = start(config::from_text(&text).unwrap()).await.unwrap_err();
    assert!(refused.to_string().contains("chain.pem"), "{refused}");
    let text = text.replace("chain.pem", "missing.pem");
    let refused = start(config::from_text(&text).unwrap()).await.unwrap_err();
    assert!(refused.to_string().contains("missing.pem"), "{refused}");
}

#[tokio::test]
async fn an_upstream_over_tls_is_verified() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = write_pair(folder.path());
    let key = rustls::pki_types::pem::PemObject::from_pem_file(folder.path().join("key.pem"));
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.unwrap())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut wire = Wire(stream);
            wire.head().await;
            wire.send(OPEN).await;
            let byte = wire.take(1).await;
            wire.send(byte).await;
        }
    });
    let url = format!("[upstream]\nurl = \"wss://localhost:{}\"\n", address.port());
    let trusting = format!("{url}ca = {:?}\n", path(folder.path(), "chain.pem"));
    let running = gateway(address, &trusting).await;
    let mut client = Wire::to(&running).await;
    client.send(handshake("/", "")).await;
    assert!(client.head().await.starts_with("HTTP/1.1 101"));
    client.send("x").await;
    assert_eq!(client.take(1).await, b"x");
    let running = gateway(address, &url).await;
    let mut client = Wire::to(&running).await;
    client.send(handshake("/", "")).await;
    assert!(client.head().await.starts_with("HTTP/1.1 502"));
}

#[tokio::test]
async fn proxy_protocol_comes_before_tls() {
    let folder = tempfile::tempdir().unwrap();
    let trusted = write_pair(folder.path());
    let mut backend = Backend::echo().await;
    let settings = format!(
        "[network]\nproxy_protocol = true\nproxy_protocol_from = [\"127.0.0.1\"]\n[tls]\ncertificate = {:?}\nkey = {:?}\n",
        path(folder.path(), "chain.pem"),
        path(folder.path(), "key.pem")
    );
    let running = gateway(backend.address, &settings).await;
    let mut stream = TcpStream::connect(running.addresses()[0]).await.unwrap();
    let header = b"PROXY TCP4 192.0.2.7 10.0.0.1 4711 443\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut stream, header)
        .await
        .unwrap();
    let mut client = Wire(secured(stream, &trusted, &[]).await.unwrap());
    client.send(handshake("/", "")).await;
    assert!(client.head().await.starts_with("HTTP/1.1 101"));
    let seen = backend.seen().await;
    assert!(
        seen.contains("\r\nX-Forwarded-For: 192.0.2.7\r\n"),
        "{seen}"
    );
    assert!(seen.contains("\r\nX-Forwarded-Proto: https\r\n"), "{seen}");
}

#[tokio::test]
async fn a_plain_listener_stands_beside_tls() {
    let folder = tempfile::tempdir().unwrap();
    let trusted = write_pair(folder.path());
    let mut backend = Backend::echo().await;
    let settings = format!(
        "listen_plain = [\"127.0.0.1:0\"]\n[tls]\ncertificate = {:?}\nkey = {:?}\n",
        path(folder.path(), "chain.pem"),
        path(folder.path(), "key.pem")
    );
    let running = gateway(backend.address, &settings).await;
    let secure = connect(&running, &trusted, &[]).await.unwrap();
    let plain = TcpStream::connect(running.addresses()[1]).await.unwrap();
    let mut client = Wire(secure);
    client.send(handshake("/", "")).await;
    assert!(client.head().await.starts_with("HTTP/1.1 101"));
    assert!(
        backend
            .seen()
            .await
            .contains("X-Forwarded-Proto: https\r\n")
    );
    let mut client = Wire(plain);
    client.send(handshake("/", "")).await;
    assert!(client.head().await.starts_with("HTTP/1.1 101"));
    assert!(backend.seen().await.contains("X-Forwarded-Proto: http\r\n"));
}
