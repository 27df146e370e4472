#![no_main]

#[path = "../bodies/compose.rs"]
mod compose;

libfuzzer_sys::fuzz_target!(|data: &[u8]| compose::run(data));
