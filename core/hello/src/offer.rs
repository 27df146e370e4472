//! What a hello offers (RFC 8446 section 4.1.2).

use towpath_diagnosis::observation::ClientHello;

use crate::fingerprint;

/// Everything of a hello that is looked at. Values reserved for mixing in (GREASE, RFC 8701) are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    /// The version in the fixed part.
    pub legacy_version: u16,
    /// The cipher suites in order.
    pub cipher_suites: Vec<u16>,
    /// The types of the extensions in order.
    pub extensions: Vec<u16>,
    /// The name in `server_name`.
    pub server_name: Option<String>,
    /// The protocols in ALPN.
    pub alpn: Vec<Vec<u8>>,
    /// The versions in `supported_versions`.
    pub versions: Vec<u16>,
    /// The signature algorithms in order.
    pub signature_algorithms: Vec<u16>,
    /// The groups for which a key share was sent.
    pub key_shares: Vec<u16>,
    /// Whether reserved values were mixed in.
    pub grease: bool,
    /// Length of the handshake message with its head, in bytes.
    pub bytes: u32,
}

impl Offer {
    /// Reads a whole handshake message. Nothing where it is no `ClientHello`, or where its lengths contradict each other.
    pub fn parse(message: &[u8]) -> Option<Self> {
        let mut rest = Reader(message);
        if rest.take(1)? != [CLIENT_HELLO] {
            return None;
        }
        rest.take(3)?;
        let mut offer = Self {
            legacy_version: rest.number16()?,
            bytes: u32::try_from(message.len()).ok()?,
            ..Self::default()
        };
        rest.take(RANDOM_BYTES)?;
        let _session = rest.sized8()?;
        offer.cipher_suites = offer.plain(rest.sized16()?);
        let _compressions = rest.sized8()?;
        if rest.0.is_empty() {
            return Some(offer);
        }
        let mut extensions = Reader(rest.sized16()?);
        while let Some(kind) = extensions.number16() {
            let body = extensions.sized16()?;
            if is_reserved(kind) {
                offer.grease = true;
                continue;
            }
            offer.extensions.push(kind);
            // A body that cannot be read leaves its field empty; that it was there is known.
            let _ = offer.read_extension(kind, Reader(body));
        }
        Some(offer)
    }

    /// The facts of it for an observation.
    pub fn facts(&self) -> ClientHello {
        let versions = if self.extensions.contains(&SUPPORTED_VERSIONS) {
            self.versions.clone()
        } else {
            vec![self.legacy_version]
        };
        let alpn = self.alpn.iter().take(ALPN_MAX);
        ClientHello {
            ja4: fingerprint::ja4(self),
            bytes: self.bytes,
            versions: versions.into_iter().take(VERSIONS_MAX).collect(),
            extensions: self
                .extensions
                .iter()
                .copied()
                .take(EXTENSIONS_MAX)
                .collect(),
            alpn: alpn.map(|name| readable(name)).collect(),
            grease: self.grease,
            post_quantum: self
                .key_shares
                .iter()
                .any(|group| POST_QUANTUM.contains(group)),
        }
    }

    fn read_extension(&mut self, kind: u16, mut body: Reader<'_>) -> Option<()> {
        match kind {
            SERVER_NAME => {
                let mut list = Reader(body.sized16()?);
                list.take(1)?;
                let name = String::from_utf8_lossy(list.sized16()?).into_owned();
                self.server_name = Some(name);
            }
            SIGNATURE_ALGORITHMS => self.signature_algorithms = self.plain(body.sized16()?),
            ALPN => {
                let mut list = Reader(body.sized16()?);
                while let Some(name) = list.sized8() {
                    if is_reserved_name(name) {
                        self.grease = true;
                    } else {
                        self.alpn.push(name.to_vec());
                    }
                }
            }
            SUPPORTED_VERSIONS => self.versions = self.plain(body.sized8()?),
            KEY_SHARE => {
                let mut list = Reader(body.sized16()?);
                while let Some(group) = list.number16() {
                    list.sized16()?;
                    if is_reserved(group) {
                        self.grease = true;
                    } else {
                        self.key_shares.push(group);
                    }
                }
            }
            _ => {}
        }
        Some(())
    }

    /// A list of numbers without the reserved ones.
    fn plain(&mut self, list: &[u8]) -> Vec<u16> {
        let mut list = Reader(list);
        let numbers = std::iter::from_fn(|| list.number16());
        let (reserved, plain): (Vec<u16>, Vec<u16>) = numbers.partition(|one| is_reserved(*one));
        self.grease |= !reserved.is_empty();
        plain
    }
}

/// A name in ALPN as text, cut.
fn readable(name: &[u8]) -> String {
    let shown = &name[..name.len().min(ALPN_BYTES_MAX)];
    String::from_utf8_lossy(shown).into_owned()
}

/// Values of RFC 8701: both bytes alike and ending in `a`.
fn is_reserved(value: u16) -> bool {
    let [high, low] = value.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

fn is_reserved_name(name: &[u8]) -> bool {
    matches!(name, [high, low] if is_reserved(u16::from_be_bytes([*high, *low])))
}

/// Takes from the front; nothing as soon as there is too little.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number16(&mut self) -> Option<u16> {
        self.take(2).map(|two| u16::from_be_bytes([two[0], two[1]]))
    }

    fn sized8(&mut self) -> Option<&'a [u8]> {
        let length = self.take(1)?[0];
        self.take(usize::from(length))
    }

    fn sized16(&mut self) -> Option<&'a [u8]> {
        let length = self.number16()?;
        self.take(usize::from(length))
    }
}

const CLIENT_HELLO: u8 = 1;
const RANDOM_BYTES: usize = 32;
pub(crate) const SERVER_NAME: u16 = 0;
pub(crate) const ALPN: u16 = 16;
const SIGNATURE_ALGORITHMS: u16 = 13;
const SUPPORTED_VERSIONS: u16 = 43;
const KEY_SHARE: u16 = 51;

/// ML-KEM alone and joined with a curve, and the draft that browsers sent before it.
const POST_QUANTUM: [u16; 7] = [0x0200, 0x0201, 0x0202, 0x11eb, 0x11ec, 0x11ed, 0x6399];

const EXTENSIONS_MAX: usize = 64;
const VERSIONS_MAX: usize = 16;
const ALPN_MAX: usize = 8;
const ALPN_BYTES_MAX: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_and_contradictory_messages_are_no_offer() {
        for length in 0..60 {
            assert_eq!(Offer::parse(&vec![1; length]), None, "{length}");
        }
    }

    #[test]
    fn reserved_values_are_left_out_and_noted() {
        assert!(is_reserved(0x0a0a) && is_reserved(0xfafa));
        assert!(!is_reserved(0x0a1a) && !is_reserved(0x1301));
        let mut offer = Offer::default();
        assert_eq!(offer.plain(&[0x1a, 0x1a, 0x13, 0x01]), [0x1301]);
        assert!(offer.grease);
    }
}
