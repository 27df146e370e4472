//! Rules for causes in the layer of name resolution.

use super::Rule;

mod answer;
mod disagree;
mod missing;

pub(crate) use answer::private;
pub(crate) use disagree::localhost;
pub(crate) use missing::offline as unreachable_resolver;

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
