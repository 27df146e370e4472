//! The body of the fuzz target on random input: a short look in every test run, a long one is `cargo fuzz`.

#[expect(
    unreachable_pub,
    reason = "public for the fuzz target, which is a crate of its own"
)]
#[path = "../../../fuzz/bodies/irc.rs"]
mod irc;

use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn servers_of_any_bytes(data in vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..400)) {
        irc::run(&data);
    }

    #[test]
    fn servers_of_any_lines(
        size in any::<u8>(),
        lines in vec("(@(time=2027-01-15T08:00:00.000Z;)?(msgid=[ab];)?(batch=1;)?(label=t[1-9])? )?(:(bot|ann|s\\.x)(!u@h)? )?(PRIVMSG|NOTICE|JOIN|PART|KICK|NICK|BATCH|PONG|CAP|MODE|FAIL|ACK|[0-9]{3}|[A-Z]{1,6}) (#room|bot|\\+1|-1|\\*|ACK)( (bot|chathistory|:sent-[0-9]|:past-[0-9]|:\\PC{0,12}))?( \\PC{0,12})?", 0..30),
    ) {
        irc::run(&[&[size], lines.join("\r\n").as_bytes(), b"\r\n"].concat());
    }
}
