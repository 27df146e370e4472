//! Who may come in: how many, and pages of which origins.

pub(crate) mod cors;
pub(crate) mod count;
pub(crate) mod origin;
pub(crate) mod rate;
