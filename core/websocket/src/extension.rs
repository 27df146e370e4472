//! The extension header, and what permessage-deflate may say in it (RFC 6455 section 9.1, RFC 7692
//! section 7.1).
//!
//! Reading a header and judging it are two steps: [`parse_extensions`] gives names and parameters as they
//! stand; [`DeflateOffer`] and [`DeflateParameters`] say whether they make sense. Nothing is compressed here.

use std::fmt;

mod deflate;
mod syntax;

pub use deflate::{
    ClientWindow, DeflateOffer, DeflateParameters, ParameterProblem, WINDOW_BITS_MAX,
};
pub use syntax::{ExtensionSyntaxError, is_token, parse_extensions};

/// The name under which RFC 7692 compression is negotiated.
pub const PERMESSAGE_DEFLATE: &str = "permessage-deflate";

/// One element of a `Sec-WebSocket-Extensions` header.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Extension {
    /// The extension token as written.
    pub name: String,
    /// Parameters in order; the value is `None` where there is no equals sign, unquoted otherwise.
    pub parameters: Vec<(String, Option<String>)>,
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for (name, value) in &self.parameters {
            match value {
                None => write!(f, "; {name}")?,
                Some(value) if is_token(value) => write!(f, "; {name}={value}")?,
                Some(value) => {
                    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
                    write!(f, "; {name}=\"{escaped}\"")?;
                }
            }
        }
        Ok(())
    }
}
