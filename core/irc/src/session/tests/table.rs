//! Whatever a server says, the machine stands, and every message has exactly one proof.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// Lines with a meaning, in any order.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(":bot!u@h JOIN #room".to_owned()),
        Just(":op!o@h KICK #room bot :x".to_owned()),
        Just(":bot!u@h PART #room".to_owned()),
        Just(":bot!u@h NICK :bot_".to_owned()),
        Just(":ann!a@h PRIVMSG #room :hi".to_owned()),
        Just(":bot!u@h PRIVMSG #room :hi".to_owned()),
        Just("@label=t1 ACK".to_owned()),
        Just("BATCH +1 chathistory #room".to_owned()),
        Just("BATCH -1".to_owned()),
        Just(
            "@batch=1;time=2027-01-15T07:30:00.000Z;msgid=a :ann!a@h PRIVMSG #room :old".to_owned()
        ),
        Just("FAIL CHATHISTORY X #room :no".to_owned()),
        Just("CAP bot DEL :echo-message".to_owned()),
        (0u64..12).prop_map(|n| format!("PONG s.x :sent-{n}")),
        (0u64..12).prop_map(|n| format!("PONG s.x :past-{n}")),
        (1u16..1000).prop_map(|code| format!(":s.x {code:03} bot #room :words")),
        "[ -~]{0,60}",
    ]
}

proptest! {
    #[test]
    fn every_message_has_exactly_one_proof(
        lines in prop::collection::vec((line(), 0i64..40_000, any::<bool>()), 0..60),
        all in any::<bool>(),
    ) {
        let capabilities = if all { "batch server-time message-tags echo-message labeled-response draft/chathistory" } else { "" };
        let mut table = Table::welcomed(capabilities);
        table.join("#room", Some(1_799_999_999_000));
        let mut said = 0;
        let mut proofs: BTreeMap<u64, u32> = BTreeMap::new();
        for (line, wait, says) in lines {
            if says {
                said += 1;
                table.say(said, "hi");
            }
            for sent in table.sent() {
                prop_assert!(!sent.contains(['\r', '\n', '\0']));
            }
            table.hear(&line);
            table.wait(wait);
            for (key, _) in table.proofs() {
                *proofs.entry(key).or_default() += 1;
            }
        }
        table.session.closed("over");
        for (key, _) in table.proofs() {
            *proofs.entry(key).or_default() += 1;
        }
        prop_assert_eq!(proofs.len() as u64, said);
        prop_assert!(proofs.values().all(|&count| count == 1));
    }

    #[test]
    fn any_bytes_are_borne(lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..120), 0..40)) {
        let mut table = Table::ready("batch message-tags");
        for line in lines {
            table.session.receive(table.now, &line);
            table.wait(100);
            table.sent();
        }
    }

    #[test]
    fn the_clock_is_always_ahead_or_something_is_done(waits in prop::collection::vec(0i64..100_000, 0..30)) {
        let mut table = Table::ready("");
        table.say(1, "x");
        for wait in waits {
            table.wait(wait);
            table.sent();
            if let Some(next) = table.session.next_deadline(table.now) {
                prop_assert!(next > table.now, "{next} {now}", now = table.now);
            }
        }
    }
}
