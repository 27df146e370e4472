//! Rules for causes in the layer of connections.

use super::Rule;

/// The rules of this layer.
pub const RULES: &[Rule] = &[];
