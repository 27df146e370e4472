//! What takes a real Chromium. nextest runs these one at a time.

mod checks;
mod ends;
mod many;
mod stand_ins;
mod tokens;
