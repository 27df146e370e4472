#![no_main]

#[path = "../bodies/explain.rs"]
mod explain;

libfuzzer_sys::fuzz_target!(|data: &[u8]| explain::run(data));
