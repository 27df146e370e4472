use super::*;
use crate::connection::{Connection, Event};
use crate::deviation::Severity;
use crate::extension::DeflateParameters;
use crate::limits::Limits;

const KEY: [u8; 4] = [0xa1, 0x02, 0xc3, 0x04];

fn deviations(events: &[Event]) -> Vec<FrameDeviation> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::Deviation { deviation, .. } => Some(deviation.clone()),
            _ => None,
        })
        .collect()
}

/// What a receiver says of a specimen, ended by the stream's end or (if the specimen has none) a close.
fn seen(specimen: &Specimen, sender: Role) -> Vec<FrameDeviation> {
    let deflate = DeflateParameters::default();
    let mut receiver = Connection::new(sender.peer(), Limits::default(), Some(deflate));
    let mut events = receiver.feed(&specimen.bytes);
    let is_ending = specimen.deviation.as_str().starts_with("end-");
    if !is_ending && !receiver.close_received() {
        let mut close = Writer {
            key: (sender == Role::Client).then_some(KEY),
            bytes: Vec::new(),
        };
        close.frame(FrameHeader::close(0), b"");
        events.extend(receiver.feed(&close.bytes));
    }
    events.extend(receiver.finish());
    deviations(&events)
}

#[test]
fn each_specimen_is_recognised_as_itself_and_as_nothing_else() {
    for sender in [Role::Client, Role::Server] {
        for name in SPECIMENS {
            let Some(specimen) = specimen(name, sender, KEY) else {
                assert!(
                    name.ends_with("masked"),
                    "{name} cannot be shown by {sender:?}"
                );
                continue;
            };
            assert_eq!(specimen.deviation.as_str(), *name);
            let mut expected = vec![specimen.deviation.clone()];
            if name.starts_with("end-inside") {
                expected.push(FrameDeviation::EndWithoutClose);
            }
            assert_eq!(seen(&specimen, sender), expected, "{name} from {sender:?}");
        }
    }
}

#[test]
fn each_grave_specimen_stops_a_strict_receiver() {
    for sender in [Role::Client, Role::Server] {
        for specimen in SPECIMENS
            .iter()
            .filter_map(|name| specimen(name, sender, KEY))
        {
            let limits = Limits {
                stop_at: Some(Severity::MustFail),
                ..Limits::default()
            };
            let deflate = Some(DeflateParameters::default());
            let mut receiver = Connection::new(sender.peer(), limits, deflate);
            receiver.feed(&specimen.bytes);
            let expected = (specimen.deviation.severity() == Severity::MustFail)
                .then(|| specimen.deviation.close_code());
            assert_eq!(receiver.failure(), expected, "{}", specimen.deviation);
        }
    }
}

#[test]
fn names_sections_and_sentences_are_told_apart() {
    let mut sentences = std::collections::BTreeSet::new();
    for name in SPECIMENS {
        let one = specimen(name, Role::Client, KEY).or_else(|| specimen(name, Role::Server, KEY));
        let deviation = one.expect("one side can show it").deviation;
        assert!(deviation.rfc_section().starts_with("RFC "));
        assert!(sentences.insert(deviation.to_string()), "{deviation}");
    }
    assert_eq!(specimen("no-such-name", Role::Client, KEY), None);
}
