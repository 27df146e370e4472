#![no_main]

#[path = "../bodies/matterbridge.rs"]
mod matterbridge;

libfuzzer_sys::fuzz_target!(|data: &[u8]| matterbridge::run(data));
