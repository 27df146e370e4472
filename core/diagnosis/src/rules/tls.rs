//! Rules for causes in the layer of TLS.

use super::Rule;

/// The rules of this layer.
pub const RULES: &[Rule] = &[];
