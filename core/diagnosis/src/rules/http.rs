//! Rules for causes in the layer of the opening handshake.

use super::Rule;

/// The rules of this layer.
pub const RULES: &[Rule] = &[];
