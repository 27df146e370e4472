//! One connection to the gateway: name, TCP, proxy and TLS, by the same code that diagnoses.
//!
//! It must never retry: when and how often to dial is the driver's to say.

use std::sync::Arc;

use towpath_diagnosis::observation::TlsVariation;
use towpath_net::{Names, Plan, Stream, TlsPlan, open};

use super::Settings;
use super::failure::Failure;
use super::target::Target;

/// The length of an attempt id.
pub(crate) const ATTEMPT_LETTERS: usize = 8;

/// Dials the gateway of one session.
#[derive(Debug, Clone)]
pub(crate) struct Dialer {
    pub(crate) settings: Arc<Settings>,
    pub(crate) target: Arc<Target>,
    /// What joins the attempts of this client in the gateway's reports (docs/reports.md, section 1); no secret.
    pub(crate) attempt: Arc<str>,
}

impl Dialer {
    /// A dialer whose attempt id is made of `random`.
    pub(crate) fn new(settings: Settings, target: Target, random: [u8; ATTEMPT_LETTERS]) -> Self {
        Self {
            settings: Arc::new(settings),
            target: Arc::new(target),
            attempt: attempt_id(random).into(),
        }
    }

    /// Opens a stream; the second value says whether HTTP/2 was agreed on by ALPN.
    pub(crate) async fn dial(&self, protocols: &[&str]) -> Result<(Stream, bool), Failure> {
        let variation = TlsVariation::Alpn {
            protocols: protocols.iter().map(ToString::to_string).collect(),
        };
        let plan = Plan {
            host: self.target.host.clone(),
            port: self.target.port,
            address: None,
            proxy: self.settings.proxy.clone(),
            tls: self.target.tls.then(|| TlsPlan::of(variation)),
        };
        let mut names = Names::default();
        let opened = open(&self.settings.net, &mut names, &plan, &mut ())
            .await
            .map_err(|not_opened| Failure::Dial(format!("{:?}", not_opened.failed)))?;
        let is_http2 = opened.alpn.as_deref() == Some("h2");
        Ok((opened.stream, is_http2))
    }

    /// The headers that every request carries: the caller's, and an `Origin` where it gave none.
    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        let mut headers = self.settings.headers.clone();
        if !headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("origin"))
        {
            headers.push(("Origin".to_owned(), self.target.origin()));
        }
        headers
    }
}

/// One of `[a-z0-9]` for each byte.
fn attempt_id(random: [u8; ATTEMPT_LETTERS]) -> String {
    let letters = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let letter = |byte: u8| char::from(letters[usize::from(byte) % letters.len()]);
    random.map(letter).iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_makes_a_letter_of_an_attempt_id() {
        for first in 0..=u8::MAX {
            let random =
                std::array::from_fn(|place| first.wrapping_add(place.to_le_bytes()[0] * 29));
            let id = attempt_id(random);
            assert!(towpath_session::body::is_attempt(&id), "{id}");
        }
        assert_ne!(attempt_id([0; _]), attempt_id([1; _]));
    }
}
