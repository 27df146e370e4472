//! Rules for causes in the layer of the application, after the connection is open.
//!
//! A close frame is a statement by the server; it is read in one place so that each closing has one meaning.

use super::Rule;

mod below;
mod close;
pub(crate) mod closing;
mod codes;
mod first_words;
pub(crate) mod generation;

/// The rules of this layer.
pub const RULES: &[Rule] = &[
    close::AUTH,
    close::INIT_TIMEOUT,
    generation::GENERATION,
    close::POLICY,
    close::ERROR,
    close::RESTART,
    close::AWAY,
    close::NORMAL,
    close::PRIVATE_CODE,
    close::LICENSE_LIMIT,
    below::OVERLOAD,
    below::UNKNOWN,
];
