//! What stands behind the gateway: address, TLS, and what it is told about clients.

use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use url::Url;

use super::BackendLimits;
use super::headers::ForwardPolicy;
use crate::config::{HostPolicy, Settings};
use crate::error::ServeError;

/// The upstream, ready to be dialled. Cheap to share, holds no connection.
#[derive(Debug)]
pub(crate) struct Upstream {
    host: Box<str>,
    port: u16,
    authority: Box<str>,
    prefix: Box<str>,
    host_policy: HostPolicy,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    policy: ForwardPolicy,
    limits: BackendLimits,
}

impl Upstream {
    /// Reads roots from disk where the upstream speaks TLS.
    pub(crate) fn new(settings: &Settings) -> Result<Self, ServeError> {
        let chosen = &settings.upstream;
        let url = chosen.url.url();
        let host = url.host().ok_or(ServeError::UpstreamHost)?;
        let bare = match &host {
            url::Host::Domain(name) => (*name).to_owned(),
            url::Host::Ipv4(address) => address.to_string(),
            url::Host::Ipv6(address) => address.to_string(),
        };
        let secure = matches!(url.scheme(), "wss" | "https");
        let port = url.port().unwrap_or(if secure { 443 } else { 80 });
        let tls = if secure {
            let name = ServerName::try_from(bare.clone()).map_err(|_| ServeError::UpstreamHost)?;
            Some((Arc::new(client_config(settings)?), name))
        } else {
            None
        };
        Ok(Self {
            authority: authority(url, &host.to_string()).into(),
            host: bare.into(),
            port,
            prefix: url.path().trim_end_matches('/').into(),
            host_policy: chosen.host,
            tls,
            policy: ForwardPolicy::new(&chosen.forward_headers, &chosen.drop_headers),
            limits: BackendLimits {
                handshake: settings.limits.handshake_seconds.duration(),
                head_bytes: settings.limits.header_bytes,
                refusal_body_bytes: REFUSAL_BODY_BYTES_MAX,
            },
        })
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn tls(&self) -> Option<&(Arc<ClientConfig>, ServerName<'static>)> {
        self.tls.as_ref()
    }

    pub(crate) fn limits(&self) -> BackendLimits {
        self.limits
    }

    pub(crate) fn policy(&self) -> &ForwardPolicy {
        &self.policy
    }

    /// The path and query at the upstream of a client's path and query.
    pub(crate) fn target(&self, target: &str) -> String {
        format!("{}{target}", self.prefix)
    }

    /// What `Host` says to a client's `Host`.
    pub(crate) fn host_header<'a>(&'a self, of_client: &'a str) -> &'a str {
        match self.host_policy {
            HostPolicy::Preserve if !of_client.is_empty() => of_client,
            _ => &self.authority,
        }
    }
}

fn authority(url: &Url, host: &str) -> String {
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// The system's roots and Mozilla's, or only the given ones.
fn client_config(settings: &Settings) -> Result<ClientConfig, ServeError> {
    let mut roots = RootCertStore::empty();
    if let Some(file) = &settings.upstream.ca {
        for certificate in crate::tls::read_certificates(file)? {
            roots
                .add(certificate)
                .map_err(|error| ServeError::certificate(file, error))?;
        }
    } else {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    let mut config = ClientConfig::builder_with_provider(crate::tls::provider())
        .with_safe_default_protocol_versions()
        .expect("the provider supports TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Most bytes of a refusal's body that are read and handed on.
const REFUSAL_BODY_BYTES_MAX: usize = 256 * 1024;
