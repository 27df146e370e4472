//! Handshakes with servers on loopback that are right, wrong, or not TLS at all.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use std::pin::Pin;

use ::openssl::pkey::PKey;
use ::openssl::ssl::{Ssl, SslContext, SslMethod, SslVersion};
use ::openssl::x509::X509;
use ::rustls::server::WebPkiClientVerifier;
use ::rustls::{RootCertStore, ServerConfig};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_openssl::SslStream;
use tokio_rustls::TlsAcceptor;
use towpath_diagnosis::observation::{ChainVerdict, TlsVariation};

use super::*;
use crate::settings::ClientCertificate;

/// Longer than whatever stops this process for a while.
const PATIENCE: Duration = Duration::from_secs(30);

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn issuer() -> Issuer {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn issued(issuer: &Issuer, change: impl FnOnce(&mut CertificateParams)) -> (String, KeyPair) {
    let mut params = CertificateParams::new(vec!["h.example".to_owned()]).unwrap();
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, issuer).unwrap();
    (certificate.pem(), key)
}

fn server_config(pem: &str, key: &KeyPair, change: impl FnOnce(&mut ServerConfig)) -> ServerConfig {
    let given = ClientCertificate::from_pem(pem.as_bytes(), key.serialize_pem().as_bytes());
    let given = given.unwrap();
    let mut config = ServerConfig::builder_with_provider(rustls::provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(given.chain, given.key.clone_key())
        .unwrap();
    change(&mut config);
    config
}

/// The names that a server's clients indicated, handshake by handshake.
type Seen = UnboundedReceiver<Option<String>>;

/// Serves handshakes; a client that gets through is kept open.
async fn serve(config: ServerConfig) -> (SocketAddr, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, seen) = unbounded_channel();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                let name = stream.get_ref().1.server_name().map(str::to_owned);
                let _ = sender.send(name);
                kept.push(stream);
            }
        }
    });
    (address, seen)
}

async fn bytes_server(
    answer: &'static [u8],
    then: impl Fn(TcpStream) + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut hello = [0; 16];
            stream.read_exact(&mut hello).await.unwrap();
            stream.write_all(answer).await.unwrap();
            then(stream);
        }
    });
    address
}

fn trusting(issuer: &Issuer) -> Settings {
    let mut settings = Settings::default();
    settings.trust_only(issuer.pem().as_bytes()).unwrap();
    settings.limits.tls = PATIENCE;
    settings
}

async fn shaken(
    address: SocketAddr,
    variation: TlsVariation,
    settings: &Settings,
) -> (TlsAttempt, Result<Secured, Unsecured>) {
    let stream = TcpStream::connect(address).await.unwrap();
    let offer = Offer::of(&variation, "h.example");
    let mut facts: Vec<Fact> = Vec::new();
    let route = Route::default();
    let secured = secure(stream, "h.example", &offer, &route, settings, &mut facts).await;
    match facts.pop() {
        Some(Fact::Tls(attempt)) if facts.is_empty() => (attempt, secured),
        other => panic!("{other:?}"),
    }
}

fn established(attempt: &TlsAttempt) -> &TlsEstablished {
    match &attempt.outcome {
        TlsOutcome::Established(established) => established,
        TlsOutcome::Failed(failure) => panic!("{failure:?}"),
    }
}

fn failure(attempt: &TlsAttempt) -> &Failure {
    match &attempt.outcome {
        TlsOutcome::Failed(failure) => failure,
        TlsOutcome::Established(_) => panic!("established"),
    }
}

fn alert(code: u8, name: &str) -> Failure {
    Failure::Alert {
        code,
        name: name.to_owned(),
    }
}

#[tokio::test]
async fn both_libraries_agree_on_a_trusted_chain() {
    let issuer = issuer();
    let (pem, key) = issued(&issuer, |_| {});
    let (address, mut seen) = serve(server_config(&pem, &key, |config| {
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
    }))
    .await;
    for variation in [TlsVariation::Ordinary, TlsVariation::OpenSsl] {
        let (attempt, secured) = shaken(address, variation, &trusting(&issuer)).await;
        let established = established(&attempt);
        assert_eq!(established.version, "TLSv1.3");
        assert_eq!(established.alpn.as_deref(), Some("http/1.1"));
        assert_eq!(established.chain[0].names, ["h.example"]);
        assert_eq!(established.trust.given, Some(ChainVerdict::Trusted));
        assert_eq!(established.trust.mozilla, ChainVerdict::UnknownIssuer);
        assert!(secured.is_ok());
        assert_eq!(seen.recv().await.unwrap().as_deref(), Some("h.example"));
    }
}

#[tokio::test]
async fn an_unknown_issuer_ends_the_connection() {
    let issuer = issuer();
    let (pem, key) = issued(&issuer, |_| {});
    let (address, _) = serve(server_config(&pem, &key, |_| {})).await;
    for variation in [TlsVariation::Ordinary, TlsVariation::OpenSsl] {
        let (attempt, secured) = shaken(address, variation, &Settings::default()).await;
        assert!(!established(&attempt).trust.accepted);
        let unsecured = secured.unwrap_err();
        assert_eq!(unsecured.failure, Failure::NotTrusted);
        assert!(unsecured.issuer.is_some());
    }
}

#[tokio::test]
async fn verdicts_name_what_is_wrong() {
    let issuer = issuer();
    let verdict = async |change: fn(&mut CertificateParams)| {
        let (pem, key) = issued(&issuer, change);
        let (address, _) = serve(server_config(&pem, &key, |_| {})).await;
        let (attempt, _) = shaken(address, TlsVariation::Ordinary, &trusting(&issuer)).await;
        established(&attempt).trust.given.clone().unwrap()
    };
    let expired = verdict(|params| params.not_after = rcgen::date_time_ymd(2020, 1, 1)).await;
    assert_eq!(expired, ChainVerdict::Expired);
    let early = verdict(|params| params.not_before = rcgen::date_time_ymd(2090, 1, 1)).await;
    assert_eq!(early, ChainVerdict::NotYetValid);
    let name = verdict(|params| {
        *params = CertificateParams::new(vec!["other.example".to_owned()]).unwrap();
    })
    .await;
    assert_eq!(name, ChainVerdict::WrongName);
}

#[tokio::test]
async fn a_self_signed_authority_can_be_trusted_by_itself() {
    let mut params = CertificateParams::new(vec!["h.example".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let own = params.self_signed(&key).unwrap();
    let (address, _) = serve(server_config(&own.pem(), &key, |_| {})).await;
    let mut settings = Settings::default();
    settings.trust_only(own.pem().as_bytes()).unwrap();
    let (attempt, _) = shaken(address, TlsVariation::Ordinary, &settings).await;
    assert_eq!(
        established(&attempt).trust.given,
        Some(ChainVerdict::Trusted)
    );
    let (attempt, _) = shaken(address, TlsVariation::Ordinary, &trusting(&issuer())).await;
    assert_eq!(
        established(&attempt).trust.given,
        Some(ChainVerdict::UnknownIssuer)
    );
}

#[tokio::test]
async fn alerts_have_their_names_in_both_libraries() {
    let issuer = issuer();
    let (pem, key) = issued(&issuer, |_| {});
    let (address, _) = serve(server_config(&pem, &key, |config| {
        config.alpn_protocols = vec![b"h2".to_vec()];
    }))
    .await;
    let no_protocol = alert(120, "no_application_protocol");
    for variation in [TlsVariation::Ordinary, TlsVariation::OpenSsl] {
        let (attempt, _) = shaken(address, variation, &trusting(&issuer)).await;
        assert_eq!(failure(&attempt), &no_protocol);
    }
    let (attempt, _) = shaken(address, TlsVariation::Only11, &trusting(&issuer)).await;
    let refused = failure(&attempt);
    assert!(matches!(refused, Failure::Alert { .. }), "{refused:?}");
}

#[tokio::test]
async fn variations_change_what_they_name() {
    let issuer = issuer();
    let (pem, key) = issued(&issuer, |_| {});
    let (address, mut seen) = serve(server_config(&pem, &key, |_| {})).await;
    let settings = trusting(&issuer);
    let mut group = async |variation| {
        let (attempt, _) = shaken(address, variation, &settings).await;
        let established = established(&attempt);
        let name = seen.recv().await.unwrap();
        let group = established.group.clone().unwrap();
        (established.version.clone(), group, name)
    };
    assert_eq!(group(TlsVariation::Ordinary).await.1, "X25519MLKEM768");
    assert_eq!(group(TlsVariation::WithoutPostQuantum).await.1, "X25519");
    assert_eq!(group(TlsVariation::Only12).await.0, "TLSv1.2");
    let name = "other.example".to_owned();
    let indicated = group(TlsVariation::ServerName { name }).await.2;
    assert_eq!(indicated.as_deref(), Some("other.example"));
    assert_eq!(group(TlsVariation::NoServerName).await.2, None);
}

#[tokio::test]
async fn a_client_certificate_is_shown_where_it_is_wanted() {
    let issuer = issuer();
    let (pem, key) = issued(&issuer, |_| {});
    let mut roots = RootCertStore::empty();
    roots.add(issuer.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), rustls::provider());
    let verifier = verifier.build().unwrap();
    let given = ClientCertificate::from_pem(pem.as_bytes(), key.serialize_pem().as_bytes());
    let given = given.unwrap();
    let config = ServerConfig::builder_with_provider(rustls::provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(given.chain.clone(), given.key.clone_key())
        .unwrap();
    let (address, _) = serve(config).await;
    let mut settings = trusting(&issuer);
    let listened = std::mem::replace(&mut settings.limits.certificate_refusal, PATIENCE);
    for variation in [TlsVariation::Ordinary, TlsVariation::Only12] {
        let (attempt, _) = shaken(address, variation, &settings).await;
        assert!(attempt.client_certificate_requested);
        assert_eq!(failure(&attempt), &alert(116, "certificate_required"));
    }
    settings.limits.certificate_refusal = listened;
    settings.client_certificate = Some(given);
    for variation in [TlsVariation::Ordinary, TlsVariation::OpenSsl] {
        let (attempt, secured) = shaken(address, variation, &settings).await;
        assert!(secured.is_ok(), "{attempt:?}");
    }
}

#[tokio::test]
async fn what_is_not_tls_is_shown() {
    let address = bytes_server(b"HTTP/1.1 400 Bad Request\r\n\r\n", drop).await;
    for variation in [TlsVariation::Ordinary, TlsVariation::OpenSsl] {
        let (attempt, _) = shaken(address, variation, &Settings::default()).await;
        assert_eq!(
            failure(&attempt),
            &Failure::NotTls {
                first_bytes: "HTTP/1.1 400 Bad Request\\r\\n\\r\\n".to_owned()
            }
        );
    }
}

#[tokio::test]
async fn silence_end_and_reset_differ() {
    let (mut patient, mut settings) = (Settings::default(), Settings::default());
    patient.limits.tls = PATIENCE;
    settings.limits.tls = Duration::from_millis(300);
    let kept = Mutex::new(Vec::new());
    let silent = bytes_server(b"", move |stream| kept.lock().unwrap().push(stream)).await;
    // What the client still sends must be read, or closing resets.
    let ends = bytes_server(b"", |mut stream| {
        tokio::spawn(async move {
            stream.shutdown().await.unwrap();
            let _ = stream.read_to_end(&mut Vec::new()).await;
        });
    })
    .await;
    let resets = bytes_server(b"", |stream| stream.set_zero_linger().unwrap()).await;
    for variation in [TlsVariation::Ordinary, TlsVariation::OpenSsl] {
        let (attempt, _) = shaken(silent, variation.clone(), &settings).await;
        assert_eq!(failure(&attempt), &Failure::TimedOut { waited_ms: 300 });
        let (attempt, _) = shaken(ends, variation.clone(), &patient).await;
        assert_eq!(failure(&attempt), &Failure::EndOfStream);
        let (attempt, _) = shaken(resets, variation, &patient).await;
        assert_eq!(failure(&attempt), &Failure::Reset);
    }
}

/// Serves with OpenSSL, which still speaks what rustls does not.
async fn serve_old(issuer: &Issuer, version: SslVersion, ciphers: &'static str) -> SocketAddr {
    let (pem, key) = issued(issuer, |_| {});
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut context = SslContext::builder(SslMethod::tls_server()).unwrap();
    let key = PKey::private_key_from_pem(key.serialize_pem().as_bytes()).unwrap();
    context.set_security_level(0);
    context.set_max_proto_version(Some(version)).unwrap();
    context.set_cipher_list(ciphers).unwrap();
    let certificate = X509::from_pem(pem.as_bytes()).unwrap();
    context.set_certificate(&certificate).unwrap();
    context.set_private_key(&key).unwrap();
    let context = context.build();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let ssl = Ssl::new(&context).unwrap();
            let mut stream = SslStream::new(ssl, stream).unwrap();
            let _ = Pin::new(&mut stream).accept().await;
        }
    });
    address
}

#[tokio::test]
async fn old_servers_are_told_from_broken_ones() {
    let issuer = issuer();
    let settings = trusting(&issuer);
    let address = serve_old(&issuer, SslVersion::TLS1_1, "ALL:@SECLEVEL=0").await;
    let (attempt, _) = shaken(address, TlsVariation::Ordinary, &settings).await;
    assert_eq!(failure(&attempt), &alert(70, "protocol_version"));
    let (attempt, _) = shaken(address, TlsVariation::Only11, &settings).await;
    assert_eq!(established(&attempt).version, "TLSv1.1");

    let old = "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0";
    let address = serve_old(&issuer, SslVersion::TLS1_2, old).await;
    let (attempt, _) = shaken(address, TlsVariation::Ordinary, &settings).await;
    assert_eq!(failure(&attempt), &alert(40, "handshake_failure"));
    let (attempt, _) = shaken(address, TlsVariation::WideCiphers, &settings).await;
    assert_eq!(established(&attempt).version, "TLSv1.2");
}
