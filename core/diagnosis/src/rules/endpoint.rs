//! Rules for causes in the layer of software on this machine.

use super::Rule;

/// The rules of this layer.
pub const RULES: &[Rule] = &[];
