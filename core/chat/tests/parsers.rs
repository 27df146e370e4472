//! The bodies of the fuzz targets on random input: a short look in every test run, a long one is `cargo fuzz`.

#[expect(
    unreachable_pub,
    reason = "public for the fuzz target, which is a crate of its own"
)]
#[path = "../../../fuzz/bodies/compose.rs"]
mod compose;
#[expect(
    unreachable_pub,
    reason = "public for the fuzz target, which is a crate of its own"
)]
#[path = "../../../fuzz/bodies/graphql.rs"]
mod graphql;
#[expect(
    unreachable_pub,
    reason = "public for the fuzz target, which is a crate of its own"
)]
#[path = "../../../fuzz/bodies/matterbridge.rs"]
mod matterbridge;

use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn messages_of_any_text(
        switches in any::<[u8; 3]>(),
        texts in "(\\{(nick|text|network|[a-z]{0,4})\\}|\0|@everyone|\r\n|\u{1}|\u{202e}|\\PC{0,8}){0,8}",
    ) {
        compose::run(&[&switches[..], texts.as_bytes()].concat());
    }

    #[test]
    fn servers_of_any_messages(
        lines in vec("\\{\"type\":\"(connection_ack|next|data|error|complete|ping|ka|[a-z]{0,4})\"(,\"id\":(\"[1-4]\"|[1-4]|null))?(,\"payload\":(\\{\\}|\\{\"data\":\\{\\}\\}|\\[\\]|[ -~]{0,8}))?\\}|\\PC{0,12}", 0..12),
    ) {
        graphql::run(lines.join("\n").as_bytes());
    }

    #[test]
    fn matterbridges_of_any_messages(
        fields in vec("\"(text|gateway|account|username|userid|avatar|event|timestamp|Extra|id)\":(\"(https://|user_action|join_leave|msg_delete|[ -!#-\\[\\]-~]{0,12})\"|null|1|\\{\"file\":\\[(\\{\"URL\":\"http://a\"\\}|1|null)\\]\\})", 0..10),
        name in "(\\PC|discord|Clyde|@| ){0,100}",
    ) {
        matterbridge::run(format!("{{{}}}", fields.join(",")).as_bytes());
        matterbridge::run(name.as_bytes());
    }

    #[test]
    fn profiles_with_a_spoiled_place(
        at in any::<prop::sample::Index>(),
        removed in 0_usize..40,
        inserted in "(\\[|\\]|\"|=|\\{|\\}|-1|\\$|\\PC{0,6})?",
    ) {
        let mut data = towpath_chat::kosmi::PROFILE_TOML.as_bytes().to_vec();
        let start = at.index(data.len());
        let end = (start + removed).min(data.len());
        data.splice(start..end, inserted.bytes());
        graphql::run(&data);
    }
}
