//! The TLS client on rustls.
//!
//! Its verifier accepts every chain (the judge comes later) and checks handshake signatures, so
//! that the peer is known to hold the key of the certificate that is recorded.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, NamedGroup, PeerMisbehaved, ProtocolVersion,
    SignatureScheme, version,
};
use tokio_rustls::TlsConnector;
use towpath_diagnosis::observation::Failure;

use super::offer::{Offer, Versions};
use super::{Agreed, Requested, alert};
use crate::failure;
use crate::settings::{ClientCertificate, Settings};
use crate::stream::{Carrier, Stream};

/// The one source of cryptography.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// Shakes hands.
pub(super) async fn shake(
    carrier: impl Carrier + 'static,
    host: &str,
    offer: &Offer,
    settings: &Settings,
    requested: &Requested,
) -> Result<Agreed, Failure> {
    let presenter = Presenter::of(settings.client_certificate.as_ref(), requested)?;
    let config = configuration(offer, Arc::new(presenter))?;
    // Without indication the name is still needed to begin; it is not sent.
    let named = offer.server_name.as_deref().unwrap_or(host);
    let name = ServerName::try_from(named.to_owned()).map_err(|error| Failure::Other {
        detail: error.to_string(),
    })?;
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, carrier)
        .await
        .map_err(|error| failure::of_io(&error, Duration::ZERO))?;
    let (_, connection) = stream.get_ref();
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLSv1.3".to_owned(),
        Some(ProtocolVersion::TLSv1_2) => "TLSv1.2".to_owned(),
        other => format!("{other:?}"),
    };
    let cipher = connection
        .negotiated_cipher_suite()
        .map_or_else(String::new, |suite| format!("{:?}", suite.suite()));
    let alpn = connection
        .alpn_protocol()
        .map(|protocol| String::from_utf8_lossy(protocol).into_owned());
    let chain = connection
        .peer_certificates()
        .unwrap_or_default()
        .iter()
        .map(|certificate| certificate.to_vec())
        .collect();
    Ok(Agreed {
        version,
        cipher,
        alpn,
        group: connection
            .negotiated_key_exchange_group()
            .map(|group| format!("{:?}", group.name())),
        chain,
        stream: Stream::new(stream),
    })
}

fn configuration(offer: &Offer, presenter: Arc<Presenter>) -> Result<ClientConfig, Failure> {
    let mut provider = aws_lc_rs::default_provider();
    if !offer.post_quantum {
        provider
            .kx_groups
            .retain(|group| group.name() != NamedGroup::X25519MLKEM768);
    }
    let provider = Arc::new(provider);
    let versions: &[&rustls::SupportedProtocolVersion] = match offer.versions {
        Versions::Current => &[&version::TLS13, &version::TLS12],
        // Older versions are OpenSSL's; rustls has none.
        Versions::Only12 | Versions::UpTo11 => &[&version::TLS12],
    };
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .map_err(|error| failure_of(&error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyChain(provider)))
        .with_client_cert_resolver(presenter);
    config.enable_sni = offer.server_name.is_some();
    config.alpn_protocols = offer.alpn.iter().map(|name| name.clone().into()).collect();
    // A resumed session would hide the chain.
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// Names what rustls says.
pub(super) fn failure_of(error: &Error) -> Failure {
    match error {
        Error::AlertReceived(description) => alert::received(u8::from(*description)),
        Error::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedApplicationProtocol) => {
            Failure::ProtocolNotOffered
        }
        other => Failure::Other {
            detail: format!("rustls: {other}"),
        },
    }
}

/// Accepts every chain, checks every signature.
#[derive(Debug)]
struct AnyChain(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyChain {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Shows the user's certificate to a server that asks, and remembers that it asked.
#[derive(Debug)]
struct Presenter {
    requested: Requested,
    key: Option<Arc<CertifiedKey>>,
}

impl Presenter {
    fn of(certificate: Option<&ClientCertificate>, requested: &Requested) -> Result<Self, Failure> {
        let key = certificate
            .map(|given| {
                CertifiedKey::from_der(given.chain.clone(), given.key.clone_key(), &provider())
                    .map(Arc::new)
            })
            .transpose()
            .map_err(|error| failure_of(&error))?;
        Ok(Self {
            requested: Arc::clone(requested),
            key,
        })
    }
}

impl ResolvesClientCert for Presenter {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.requested.store(true, Ordering::Relaxed);
        self.key.clone()
    }

    // Always, or the server's request would pass unseen.
    fn has_certs(&self) -> bool {
        true
    }
}
