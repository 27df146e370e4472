//! `towpath token`: get, list and forget tokens.
//!
//! It must never print a token unless that is what was asked for.
