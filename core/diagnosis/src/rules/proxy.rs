//! Rules for causes in the layer of proxies and inspecting middleboxes.

use super::Rule;

/// The rules of this layer.
pub const RULES: &[Rule] = &[];
