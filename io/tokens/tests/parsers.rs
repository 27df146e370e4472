//! The body of the fuzz target on random input: a short look in every test run, a long one is `cargo fuzz`.

#[expect(
    unreachable_pub,
    reason = "public for the fuzz target, which is a crate of its own"
)]
#[path = "../../../fuzz/bodies/token.rs"]
mod token;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #[test]
    fn tokens_of_any_bytes(data in vec(any::<u8>(), 0..200)) {
        token::run(&data);
    }

    #[test]
    fn tokens_with_any_claims(
        header in "(\\{\"alg\":\"(HS256|none|[A-z]{0,4})\"\\}|\\PC{0,12})",
        claims in vec("\"(exp|iat|nbf|[a-z]{0,3})\":(-?[0-9]{1,14}|[0-9]{1,3}e[0-9]{1,3}|null|\"\\w{0,5}\")", 0..4),
    ) {
        let payload = format!("{{{}}}", claims.join(","));
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        token::run(format!("{}.{}.c2ln", encode(&header), encode(&payload)).as_bytes());
    }

    #[test]
    fn files_with_a_spoiled_place(
        at in any::<prop::sample::Index>(),
        removed in 0_usize..30,
        inserted in "(null|-1|1e99|9007199254740992|\\[\\]|\\{\\}|\"\"|,|\\\\ud800|\\PC{0,6})?",
    ) {
        let mut data = FILE.to_vec();
        let start = at.index(data.len());
        let end = (start + removed).min(data.len());
        data.splice(start..end, inserted.bytes());
        token::run(&data);
    }
}

#[test]
fn a_whole_file_is_taken() {
    assert!(towpath_tokens::Record::parse(FILE).is_ok());
    token::run(FILE);
}

/// A file as it is written today.
const FILE: &[u8] = include_bytes!("../../../fuzz/seeds/token/record.json");
