#![no_main]

#[path = "../bodies/graphql.rs"]
mod graphql;

libfuzzer_sys::fuzz_target!(|data: &[u8]| graphql::run(data));
