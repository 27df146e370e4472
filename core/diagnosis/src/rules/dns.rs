//! Rules for causes in the layer of name resolution.

use super::Rule;

/// The rules of this layer.
pub const RULES: &[Rule] = &[];
