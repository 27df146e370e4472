//! The TLS client on OpenSSL: another `ClientHello`, older versions, wider ciphers.
//!
//! OpenSSL's own verification is off: the same judge decides as for rustls. It cannot tell whether
//! the server asked for a client certificate; only rustls' attempts do.

use std::pin::Pin;
use std::time::Duration;

use openssl::error::ErrorStack;
use openssl::pkey::{Id, PKey};
use openssl::ssl::{
    ErrorCode, Ssl, SslContext, SslContextBuilder, SslMethod, SslRef, SslVerifyMode, SslVersion,
};
use openssl::x509::X509;
use tokio_openssl::SslStream;
use towpath_diagnosis::observation::Failure;

use super::offer::{Offer, Versions};
use super::{Agreed, alert};
use crate::failure;
use crate::settings::{ClientCertificate, Settings};
use crate::stream::{Carrier, Stream};

/// Everything OpenSSL still implements, without the suites that neither encrypt nor authenticate.
const WIDE_CIPHERS: &str = "ALL:!aNULL:!eNULL:@SECLEVEL=0";

/// Alert numbers appear in OpenSSL's reason codes with this added.
const ALERT_REASON_OFFSET: i32 = 1000;

/// Shakes hands.
pub(super) async fn shake(
    carrier: impl Carrier + 'static,
    _host: &str,
    offer: &Offer,
    settings: &Settings,
) -> Result<Agreed, Failure> {
    let ssl = configured(offer, settings.client_certificate.as_ref()).map_err(|error| {
        Failure::Other {
            detail: error.to_string(),
        }
    })?;
    let mut stream = SslStream::new(ssl, carrier).map_err(|error| Failure::Other {
        detail: error.to_string(),
    })?;
    Pin::new(&mut stream)
        .connect()
        .await
        .map_err(|error| failure_of(&error))?;
    let ssl = stream.ssl();
    let chain = ssl
        .peer_cert_chain()
        .map(|chain| chain.iter().filter_map(|one| one.to_der().ok()).collect())
        .unwrap_or_default();
    let alpn = ssl
        .selected_alpn_protocol()
        .map(|protocol| String::from_utf8_lossy(protocol).into_owned());
    if alpn
        .as_ref()
        .is_some_and(|chosen| !offer.alpn.contains(chosen))
    {
        return Err(Failure::ProtocolNotOffered);
    }
    Ok(Agreed {
        version: ssl.version_str().to_owned(),
        cipher: ssl
            .current_cipher()
            .map(|cipher| cipher.standard_name().unwrap_or(cipher.name()).to_owned())
            .unwrap_or_default(),
        alpn,
        group: group(ssl),
        chain,
        stream: Stream::new(stream),
    })
}

/// The group of the peer's ephemeral key; absent for key exchanges without one.
fn group(ssl: &SslRef) -> Option<String> {
    let key = ssl.peer_tmp_key().ok()?;
    match key.ec_key() {
        Ok(curve) => curve
            .group()
            .curve_name()
            .and_then(|name| name.short_name().ok())
            .map(str::to_owned),
        Err(_) => match key.id() {
            Id::X25519 => Some("X25519".to_owned()),
            Id::X448 => Some("X448".to_owned()),
            Id::DH => Some("DH".to_owned()),
            _ => None,
        },
    }
}

fn configured(offer: &Offer, certificate: Option<&ClientCertificate>) -> Result<Ssl, ErrorStack> {
    let mut context = SslContext::builder(SslMethod::tls_client())?;
    context.set_verify(SslVerifyMode::NONE);
    let (oldest, newest) = match offer.versions {
        Versions::Current => (SslVersion::TLS1_2, SslVersion::TLS1_3),
        Versions::Only12 => (SslVersion::TLS1_2, SslVersion::TLS1_2),
        Versions::UpTo11 => (SslVersion::TLS1, SslVersion::TLS1_1),
    };
    context.set_min_proto_version(Some(oldest))?;
    context.set_max_proto_version(Some(newest))?;
    if offer.wide_ciphers || offer.versions == Versions::UpTo11 {
        context.set_security_level(0);
        context.set_cipher_list(WIDE_CIPHERS)?;
    }
    if !offer.alpn.is_empty() {
        context.set_alpn_protos(&alpn_wire(&offer.alpn))?;
    }
    if let Some(certificate) = certificate {
        present(&mut context, certificate)?;
    }
    let mut ssl = Ssl::new(&context.build())?;
    if let Some(name) = &offer.server_name {
        ssl.set_hostname(name)?;
    }
    Ok(ssl)
}

fn present(
    context: &mut SslContextBuilder,
    certificate: &ClientCertificate,
) -> Result<(), ErrorStack> {
    let mut chain = certificate.chain.iter();
    if let Some(leaf) = chain.next() {
        context.set_certificate(X509::from_der(leaf)?.as_ref())?;
    }
    for above in chain {
        context.add_extra_chain_cert(X509::from_der(above)?)?;
    }
    context.set_private_key(PKey::private_key_from_der(certificate.key.secret_der())?.as_ref())
}

/// Each protocol behind its length (RFC 7301 section 3.1).
fn alpn_wire(protocols: &[String]) -> Vec<u8> {
    let mut wire = Vec::new();
    for protocol in protocols {
        if let Ok(length) = u8::try_from(protocol.len()) {
            wire.push(length);
            wire.extend_from_slice(protocol.as_bytes());
        }
    }
    wire
}

/// Names what OpenSSL says.
pub(super) fn failure_of(error: &openssl::ssl::Error) -> Failure {
    if let Some(inner) = error.io_error() {
        return failure::of_io(inner, Duration::ZERO);
    }
    let reasons = error
        .ssl_error()
        .map(ErrorStack::errors)
        .unwrap_or_default();
    let alerted = reasons
        .iter()
        .find_map(|reason| u8::try_from(reason.reason_code() - ALERT_REASON_OFFSET).ok());
    match (alerted, error.code()) {
        (Some(code), _) => alert::received(code),
        (None, ErrorCode::SYSCALL | ErrorCode::ZERO_RETURN) => Failure::EndOfStream,
        // OpenSSL 3 reports an end without close_notify as a protocol error of this reason.
        (None, _)
            if reasons
                .iter()
                .any(|reason| reason.reason() == Some("unexpected eof while reading")) =>
        {
            Failure::EndOfStream
        }
        (None, _) => Failure::Other {
            detail: format!("OpenSSL: {error}"),
        },
    }
}
