//! Rules for causes in the layer of frames and messages.

use super::Rule;

/// The rules of this layer.
pub const RULES: &[Rule] = &[];
