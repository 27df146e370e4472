//! What takes a real Chromium. nextest runs these one at a time.

mod attached;
mod checks;
mod ends;
mod many;
mod stand_ins;
mod tokens;
