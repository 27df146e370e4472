//! Rules for causes in the layer of name resolution.

use super::Rule;

mod answer;
mod disagree;
mod missing;

/// The rules of this layer.
pub const RULES: &[Rule] = &[
    missing::NO_SUCH_NAME,
    missing::FAILS,
    answer::FILTERED,
    disagree::SPLIT,
    disagree::REBIND_GUARD,
    disagree::OVERRIDE,
    disagree::STALE,
];

#[cfg(test)]
mod tests;
