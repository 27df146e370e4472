//! Rules for causes in the layer of idle time and lifetime.

use super::Rule;

/// The rules of this layer.
pub const RULES: &[Rule] = &[];
