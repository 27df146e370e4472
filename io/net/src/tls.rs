//! TLS by either library, with the chain recorded before it is judged.
//!
//! Both libraries accept any chain while they shake hands, so that it can be recorded; then one
//! judge decides offline for both ([`trust`]). A chain that is not accepted ends the connection
//! before a request is sent. Nothing here hides a certificate problem to carry on.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use bytes::BytesMut;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;
use towpath_diagnosis::observation::{
    Fact, Failure, Route, TlsAttempt, TlsEstablished, TlsLibrary, TlsOutcome,
};

use crate::failure;
use crate::limits::milliseconds;
use crate::settings::Settings;
use crate::stream::{Carrier, Stream};
use crate::witness::Witness;

pub mod alert;
pub mod chain;
pub mod offer;
mod openssl;
pub mod recorder;
mod rustls;
pub mod trust;

pub use offer::{Offer, Versions};

use recorder::{FirstBytes, Recorder};

/// What a library agreed on, before anybody judged the chain.
struct Agreed {
    stream: Stream,
    version: String,
    cipher: String,
    group: Option<String>,
    alpn: Option<String>,
    chain: Vec<Vec<u8>>,
}

/// Whether the server asked for a client certificate; it outlives a handshake that fails.
type Requested = Arc<AtomicBool>;

/// A TLS connection whose chain is accepted.
#[derive(Debug)]
pub struct Secured {
    /// The stream inside.
    pub stream: Stream,
    /// The issuer of the server's certificate.
    pub issuer: Option<String>,
    /// The application protocol chosen.
    pub alpn: Option<String>,
}

/// A handshake that gave no usable connection.
#[derive(Debug)]
pub struct Unsecured {
    /// Why.
    pub failure: Failure,
    /// The issuer of the chain that was presented, where one was.
    pub issuer: Option<String>,
}

/// Shakes hands over a connection to the target and judges the chain for `host`.
pub async fn secure(
    carrier: impl Carrier + 'static,
    host: &str,
    offer: &Offer,
    route: &Route,
    settings: &Settings,
    witness: &mut dyn Witness,
) -> Result<Secured, Unsecured> {
    let began = Instant::now();
    let first = FirstBytes::default();
    let carrier = Recorder::new(carrier, first.clone());
    let requested = Requested::default();
    let shaken = timeout(settings.limits.tls, async {
        match offer.library {
            TlsLibrary::Rustls => rustls::shake(carrier, host, offer, settings, &requested).await,
            TlsLibrary::OpenSsl => openssl::shake(carrier, host, offer, settings).await,
        }
    });
    let shaken = match shaken.await {
        Ok(shaken) => shaken,
        Err(_) => Err(failure::timed_out(settings.limits.tls)),
    };
    // Reading trust anchors and waiting for a late refusal are no part of the handshake's time.
    let elapsed = began.elapsed();
    let shaken = match shaken {
        Ok(agreed) if requested.load(Ordering::Relaxed) => unrefused(agreed, settings).await,
        other => other,
    };
    let (outcome, secured) = match shaken {
        Ok(agreed) => judged(agreed, &requested, host, settings),
        Err(failure) => failed(not_tls(&first).unwrap_or(failure)),
    };
    witness.saw(Fact::Tls(TlsAttempt {
        variation: offer.variation.clone(),
        library: offer.library,
        route: route.clone(),
        server_name: offer.server_name.clone(),
        alpn_offered: offer.alpn.clone(),
        client_certificate_requested: requested.load(Ordering::Relaxed),
        outcome,
        elapsed_ms: milliseconds(elapsed),
    }));
    secured
}

/// Listens for a server that refuses this side's certificate, or the lack of one, after TLS 1.3's
/// last flight. What else it sends stays in the stream.
async fn unrefused(mut agreed: Agreed, settings: &Settings) -> Result<Agreed, Failure> {
    let mut early = BytesMut::with_capacity(1024);
    let limit = settings.limits.certificate_refusal;
    match timeout(limit, agreed.stream.read_buf(&mut early)).await {
        Err(_) => Ok(agreed),
        Ok(Ok(0)) => Err(Failure::EndOfStream),
        Ok(Ok(_)) => {
            agreed.stream.unread(early.freeze());
            Ok(agreed)
        }
        Ok(Err(error)) => Err(failure::of_io(&error, limit)),
    }
}

fn failed(failure: Failure) -> (TlsOutcome, Result<Secured, Unsecured>) {
    let unsecured = Unsecured {
        failure: failure.clone(),
        issuer: None,
    };
    (TlsOutcome::Failed(failure), Err(unsecured))
}

fn judged(
    agreed: Agreed,
    requested: &Requested,
    host: &str,
    settings: &Settings,
) -> (TlsOutcome, Result<Secured, Unsecured>) {
    let trust = settings.anchors.judge(&agreed.chain, host);
    let accepted = trust.accepted;
    let chain: Vec<_> = agreed
        .chain
        .iter()
        .take(settings.limits.chain_max)
        .map(|der| chain::describe(der))
        .collect();
    let issuer = chain.first().map(|leaf| leaf.issuer.clone());
    let outcome = TlsOutcome::Established(Box::new(TlsEstablished {
        version: agreed.version,
        cipher: agreed.cipher,
        group: agreed.group,
        alpn: agreed.alpn.clone(),
        client_certificate_requested: requested.load(Ordering::Relaxed),
        chain,
        trust,
    }));
    let secured = if accepted {
        Ok(Secured {
            stream: agreed.stream,
            issuer,
            alpn: agreed.alpn,
        })
    } else {
        Err(Unsecured {
            failure: Failure::NotTrusted,
            issuer,
        })
    };
    (outcome, secured)
}

/// What the peer said first, if that cannot be a TLS record.
fn not_tls(first: &FirstBytes) -> Option<Failure> {
    let bytes = first.get();
    let (kind, major) = (bytes.first()?, bytes.get(1));
    // Record types 20 to 24 (RFC 8446 section 5.1, RFC 6520), then a version that begins with 3.
    let is_record = (20..=24).contains(kind) && major.is_none_or(|&major| major == 3);
    (!is_record).then(|| Failure::NotTls {
        first_bytes: failure::printable(&bytes),
    })
}

/// The TLS failure inside an input/output error, where there is one.
pub fn failure_within(error: &io::Error) -> Option<Failure> {
    let inner = error.get_ref()?;
    if let Some(error) = inner.downcast_ref::<::rustls::Error>() {
        return Some(rustls::failure_of(error));
    }
    inner
        .downcast_ref::<::openssl::ssl::Error>()
        .map(openssl::failure_of)
}

#[cfg(test)]
mod tests;
