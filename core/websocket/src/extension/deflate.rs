//! What the two sides may say about permessage-deflate (RFC 7692 section 7.1).
//!
//! An offer and an answer look alike and mean different things, so they are two types.

use super::{Extension, PERMESSAGE_DEFLATE};
use std::fmt;
use thiserror::Error;

/// The largest window, and the one in force where nothing is said: 2 to the 15th bytes.
pub const WINDOW_BITS_MAX: u8 = 15;

const WINDOW_BITS_MIN: u8 = 8;
const SERVER_NO_CONTEXT_TAKEOVER: &str = "server_no_context_takeover";
const CLIENT_NO_CONTEXT_TAKEOVER: &str = "client_no_context_takeover";
const SERVER_MAX_WINDOW_BITS: &str = "server_max_window_bits";
const CLIENT_MAX_WINDOW_BITS: &str = "client_max_window_bits";

/// Why an offer or an answer of permessage-deflate cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Error)]
pub enum ParameterProblem {
    /// A name that RFC 7692 does not define.
    #[error("the parameter {name} is unknown")]
    Unknown {
        /// The parameter.
        name: String,
    },
    /// The same name twice.
    #[error("the parameter {name} is given twice")]
    Repeated {
        /// The parameter.
        name: String,
    },
    /// A value where none may be, none where one must be, or one out of range.
    #[error("the parameter {name} has the value {value:?}")]
    Value {
        /// The parameter.
        name: String,
        /// The value, empty where there is none.
        value: String,
    },
    /// The answer limits the client's window, which the offer did not permit.
    #[error("the answer sets {CLIENT_MAX_WINDOW_BITS}, which the offer did not name")]
    ClientWindowNotOffered,
    /// The answer does not promise what the offer asked for.
    #[error("the answer does not meet the offered {name}")]
    NotMet {
        /// The parameter of the offer.
        name: String,
    },
}

/// What a client's offer says about the client's own window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ClientWindow {
    /// Nothing: the server must not limit it.
    #[default]
    Fixed,
    /// The server may limit it to any size.
    Any,
    /// As `Any`, with the hint that the client will use no more than this, in bits.
    UpTo(u8),
}

/// One offer of permessage-deflate by a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DeflateOffer {
    /// The server is asked to compress each message on its own.
    pub server_no_context_takeover: bool,
    /// The client says that it will compress each message on its own.
    pub client_no_context_takeover: bool,
    /// The largest window the server may use, in bits from 8 to 15.
    pub server_max_window_bits: Option<u8>,
    /// What the server may ask of the client's window.
    pub client_max_window_bits: ClientWindow,
}

/// What both sides agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeflateParameters {
    /// The server compresses each message on its own.
    pub server_no_context_takeover: bool,
    /// The client compresses each message on its own.
    pub client_no_context_takeover: bool,
    /// The server's window, in bits from 8 to 15.
    pub server_max_window_bits: u8,
    /// The client's window, in bits from 8 to 15.
    pub client_max_window_bits: u8,
}

impl Default for DeflateParameters {
    fn default() -> Self {
        Self {
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: WINDOW_BITS_MAX,
            client_max_window_bits: WINDOW_BITS_MAX,
        }
    }
}

impl DeflateOffer {
    /// What Chromium and Firefox offer.
    pub const BROWSER: Self = Self {
        server_no_context_takeover: false,
        client_no_context_takeover: false,
        server_max_window_bits: None,
        client_max_window_bits: ClientWindow::Any,
    };

    /// Reads the parameters of one offered element.
    pub fn parse(extension: &Extension) -> Result<Self, ParameterProblem> {
        let raw = Raw::parse(extension)?;
        let client_max_window_bits = match raw.client_max_window_bits {
            None => ClientWindow::Fixed,
            Some(None) => ClientWindow::Any,
            Some(Some(bits)) => ClientWindow::UpTo(bits),
        };
        Ok(Self {
            server_no_context_takeover: raw.server_no_context_takeover,
            client_no_context_takeover: raw.client_no_context_takeover,
            server_max_window_bits: raw.server_max_window_bits,
            client_max_window_bits,
        })
    }

    /// The server's answer that costs it least: every offer is met, and no state is kept between
    /// messages. `None` if the offer asks for a window of 8 bits, which zlib cannot write.
    pub fn answer_without_takeover(&self) -> Option<DeflateParameters> {
        let server_max_window_bits = self.server_max_window_bits.unwrap_or(WINDOW_BITS_MAX);
        (server_max_window_bits > WINDOW_BITS_MIN).then_some(DeflateParameters {
            server_no_context_takeover: true,
            client_no_context_takeover: true,
            server_max_window_bits,
            client_max_window_bits: WINDOW_BITS_MAX,
        })
    }

    /// Reads a server's answer to this offer.
    pub fn check_answer(&self, answer: &Extension) -> Result<DeflateParameters, ParameterProblem> {
        let raw = Raw::parse(answer)?;
        if raw.client_max_window_bits == Some(None) {
            let (name, value) = (CLIENT_MAX_WINDOW_BITS.to_owned(), String::new());
            return Err(ParameterProblem::Value { name, value });
        }
        if raw.client_max_window_bits.is_some()
            && self.client_max_window_bits == ClientWindow::Fixed
        {
            return Err(ParameterProblem::ClientWindowNotOffered);
        }
        if self.server_no_context_takeover && !raw.server_no_context_takeover {
            return Err(ParameterProblem::NotMet {
                name: SERVER_NO_CONTEXT_TAKEOVER.to_owned(),
            });
        }
        let server_bits = raw.server_max_window_bits.unwrap_or(WINDOW_BITS_MAX);
        if self
            .server_max_window_bits
            .is_some_and(|asked| server_bits > asked)
        {
            return Err(ParameterProblem::NotMet {
                name: SERVER_MAX_WINDOW_BITS.to_owned(),
            });
        }
        let hint = match self.client_max_window_bits {
            ClientWindow::UpTo(bits) => bits,
            ClientWindow::Fixed | ClientWindow::Any => WINDOW_BITS_MAX,
        };
        let client_bits = raw
            .client_max_window_bits
            .flatten()
            .unwrap_or(WINDOW_BITS_MAX);
        Ok(DeflateParameters {
            server_no_context_takeover: raw.server_no_context_takeover,
            // The client keeps to what it said in its offer, whether or not the answer repeats it.
            client_no_context_takeover: raw.client_no_context_takeover
                || self.client_no_context_takeover,
            server_max_window_bits: server_bits,
            client_max_window_bits: client_bits.min(hint),
        })
    }
}

impl fmt::Display for DeflateOffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let takeover = (
            self.server_no_context_takeover,
            self.client_no_context_takeover,
        );
        write_parameters(f, takeover, self.server_max_window_bits)?;
        match self.client_max_window_bits {
            ClientWindow::Fixed => Ok(()),
            ClientWindow::Any => write!(f, "; {CLIENT_MAX_WINDOW_BITS}"),
            ClientWindow::UpTo(bits) => write!(f, "; {CLIENT_MAX_WINDOW_BITS}={bits}"),
        }
    }
}

impl fmt::Display for DeflateParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = |bits: u8| (bits != WINDOW_BITS_MAX).then_some(bits);
        let takeover = (
            self.server_no_context_takeover,
            self.client_no_context_takeover,
        );
        write_parameters(f, takeover, said(self.server_max_window_bits))?;
        match said(self.client_max_window_bits) {
            None => Ok(()),
            Some(bits) => write!(f, "; {CLIENT_MAX_WINDOW_BITS}={bits}"),
        }
    }
}

fn write_parameters(
    f: &mut fmt::Formatter<'_>,
    (server_alone, client_alone): (bool, bool),
    server_bits: Option<u8>,
) -> fmt::Result {
    f.write_str(PERMESSAGE_DEFLATE)?;
    if server_alone {
        write!(f, "; {SERVER_NO_CONTEXT_TAKEOVER}")?;
    }
    if client_alone {
        write!(f, "; {CLIENT_NO_CONTEXT_TAKEOVER}")?;
    }
    if let Some(bits) = server_bits {
        write!(f, "; {SERVER_MAX_WINDOW_BITS}={bits}")?;
    }
    Ok(())
}

/// The parameters before it is known whether they are an offer or an answer.
#[derive(Default)]
struct Raw {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: Option<u8>,
    /// Named or not, then with or without a value.
    #[expect(
        clippy::option_option,
        reason = "both absences occur and mean different things"
    )]
    client_max_window_bits: Option<Option<u8>>,
}

impl Raw {
    fn parse(extension: &Extension) -> Result<Self, ParameterProblem> {
        let mut raw = Self::default();
        for (at, (name, value)) in extension.parameters.iter().enumerate() {
            if extension.parameters[..at]
                .iter()
                .any(|(earlier, _)| earlier == name)
            {
                return Err(ParameterProblem::Repeated { name: name.clone() });
            }
            let value = value.as_deref();
            let bad = || ParameterProblem::Value {
                name: name.clone(),
                value: value.unwrap_or_default().to_owned(),
            };
            match name.as_str() {
                SERVER_NO_CONTEXT_TAKEOVER if value.is_none() => {
                    raw.server_no_context_takeover = true;
                }
                CLIENT_NO_CONTEXT_TAKEOVER if value.is_none() => {
                    raw.client_no_context_takeover = true;
                }
                SERVER_MAX_WINDOW_BITS => {
                    raw.server_max_window_bits = Some(value.and_then(window_bits).ok_or_else(bad)?);
                }
                CLIENT_MAX_WINDOW_BITS => {
                    let bits = value
                        .map(|text| window_bits(text).ok_or_else(bad))
                        .transpose()?;
                    raw.client_max_window_bits = Some(bits);
                }
                SERVER_NO_CONTEXT_TAKEOVER | CLIENT_NO_CONTEXT_TAKEOVER => return Err(bad()),
                _ => return Err(ParameterProblem::Unknown { name: name.clone() }),
            }
        }
        Ok(raw)
    }
}

/// A decimal number from 8 to 15 without leading zeros (RFC 7692 section 7.1.2).
fn window_bits(text: &str) -> Option<u8> {
    (WINDOW_BITS_MIN..=WINDOW_BITS_MAX).find(|bits| bits.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::super::parse_extensions;
    use super::*;

    fn element(parameters: &str) -> Extension {
        let value = format!("permessage-deflate{parameters}");
        parse_extensions(&value)
            .expect("the test writes good syntax")
            .remove(0)
    }

    #[test]
    fn offers_are_read_and_written_alike() {
        for parameters in [
            "",
            "; client_max_window_bits",
            "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; \
             client_max_window_bits=9",
        ] {
            let offer = DeflateOffer::parse(&element(parameters)).expect(parameters);
            assert_eq!(offer.to_string(), format!("permessage-deflate{parameters}"));
        }
        assert_eq!(
            DeflateOffer::parse(&element("; client_max_window_bits")),
            Ok(DeflateOffer::BROWSER)
        );
    }

    #[test]
    fn bad_parameters_are_named() {
        let value = |name: &str, value: &str| ParameterProblem::Value {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        for (parameters, problem) in [
            (
                "; foo=1",
                ParameterProblem::Unknown {
                    name: "foo".to_owned(),
                },
            ),
            (
                "; server_no_context_takeover=1",
                value(SERVER_NO_CONTEXT_TAKEOVER, "1"),
            ),
            (
                "; server_max_window_bits",
                value(SERVER_MAX_WINDOW_BITS, ""),
            ),
            (
                "; server_max_window_bits=7",
                value(SERVER_MAX_WINDOW_BITS, "7"),
            ),
            (
                "; server_max_window_bits=16",
                value(SERVER_MAX_WINDOW_BITS, "16"),
            ),
            (
                "; client_max_window_bits=09",
                value(CLIENT_MAX_WINDOW_BITS, "09"),
            ),
            (
                "; client_max_window_bits; client_max_window_bits=9",
                ParameterProblem::Repeated {
                    name: CLIENT_MAX_WINDOW_BITS.to_owned(),
                },
            ),
        ] {
            assert_eq!(
                DeflateOffer::parse(&element(parameters)),
                Err(problem),
                "{parameters}"
            );
        }
    }

    #[test]
    fn an_answer_has_to_fit_the_offer() {
        let plain = DeflateOffer::default();
        let strict = DeflateOffer {
            server_no_context_takeover: true,
            server_max_window_bits: Some(10),
            client_max_window_bits: ClientWindow::UpTo(12),
            ..plain
        };
        assert_eq!(
            plain.check_answer(&element("")),
            Ok(DeflateParameters::default())
        );
        let unasked = plain.check_answer(&element("; client_max_window_bits=10"));
        assert_eq!(unasked, Err(ParameterProblem::ClientWindowNotOffered));
        let valueless = DeflateOffer::BROWSER.check_answer(&element("; client_max_window_bits"));
        assert!(matches!(valueless, Err(ParameterProblem::Value { .. })));
        let ignored = strict.check_answer(&element("; server_max_window_bits=10"));
        assert!(matches!(ignored, Err(ParameterProblem::NotMet { .. })));
        let wide = strict.check_answer(&element("; server_no_context_takeover"));
        assert!(matches!(wide, Err(ParameterProblem::NotMet { .. })));
        let met = strict
            .check_answer(&element(
                "; server_no_context_takeover; server_max_window_bits=9",
            ))
            .expect("it meets the offer");
        assert_eq!(
            (met.server_max_window_bits, met.client_max_window_bits),
            (9, 12)
        );
    }

    #[test]
    fn the_cheap_answer_fits_every_offer_it_is_given_for() {
        for bits in [None, Some(8), Some(9), Some(15)] {
            let offer = DeflateOffer {
                server_max_window_bits: bits,
                ..DeflateOffer::BROWSER
            };
            match offer.answer_without_takeover() {
                None => assert_eq!(bits, Some(8)),
                Some(answer) => {
                    let written = parse_extensions(&answer.to_string())
                        .expect("own syntax")
                        .remove(0);
                    assert_eq!(offer.check_answer(&written), Ok(answer));
                }
            }
        }
    }
}
