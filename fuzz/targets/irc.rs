#![no_main]

#[path = "../bodies/irc.rs"]
mod irc;

libfuzzer_sys::fuzz_target!(|data: &[u8]| irc::run(data));
