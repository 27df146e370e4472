//! The reliable engine fed by a hostile peer: it never panics, holds no more than its limits, delivers in order, and every
//! end has a name.

use towpath_session::{Envelope, Fault, Kind, Part, Session, Settings, Side};

/// Cost that the peer may have on its way.
const WINDOW: u64 = 2000;

/// Does what `data` says: pairs of a command and a number, and what the peer sends.
pub fn run(data: &[u8]) {
    let Some((&side, data)) = data.split_first() else {
        return;
    };
    let side = if side % 2 == 0 {
        Side::Gateway
    } else {
        Side::Client
    };
    let mut session = Session::new(Settings {
        window_bytes: WINDOW,
        outbox_bytes_max: WINDOW,
        ..Settings::new(side)
    });
    let mut delivered = 0;
    let mut now = 0;
    for step in data.chunks_exact(3) {
        now += u64::from(step[2] >> 4);
        let outcome = match step[0] % 8 {
            0..=3 => peer(&mut session, step, delivered, now),
            4 => {
                session.detach(now);
                Ok(())
            }
            5 => {
                if session.has_room() {
                    session.push(Kind::Binary, vec![0; usize::from(step[1])].into());
                }
                Ok(())
            }
            6 => {
                if let Some(item) = session.deliver() {
                    assert_eq!(item.sequence, delivered + 1, "in order");
                    delivered = item.sequence;
                    session.consumed(item.cost(), now);
                }
                Ok(())
            }
            _ => {
                transmit(&mut session, now, usize::from(step[1]) + 300);
                Ok(())
            }
        };
        assert!(session.inbox_cost() <= WINDOW, "within the window");
        assert!(session.buffered_cost() < WINDOW + 300, "within the outbox");
        if let Err(fault) = outcome {
            assert!(matches!(fault.outcome().name(), "malformed" | "flow"));
            return;
        }
    }
}

/// What comes from the peer: items, acks and new attachments.
fn peer(session: &mut Session, step: &[u8], delivered: u64, now: u64) -> Result<(), Fault> {
    let number = u64::from(step[1]);
    let huge = step[2] == 0xff;
    match step[0] % 8 {
        2 => {
            let received = if huge { 1 << 52 } else { number };
            let credit = number * 40;
            session.receive(Envelope::Ack { received, credit }, now)
        }
        3 => session.attach(number, number * 40, now),
        _ => {
            // Few distinct numbers, so that some continue what came before; now and then a large one.
            let jump = if huge { 1 << 52 } else { number % 8 };
            let payload = vec![step[2]; usize::from(step[1])];
            let part = Part {
                sequence: (delivered + jump).max(1),
                kind: Kind::from_byte(0x10 + step[0] % 7).expect("seven kinds"),
                payload: &payload,
            };
            session.receive(Envelope::Item(part), now)
        }
    }
}

fn transmit(session: &mut Session, now: u64, budget: usize) {
    let mut out = Vec::new();
    let wanted = session.wants_to_transmit(now);
    let count = session.transmit(now, budget, &mut out);
    assert_eq!(count, out.len());
    assert!(count <= budget, "within the budget");
    assert_eq!(wanted, count > 0, "writes what it said it would");
    let mut last = 0;
    for envelope in towpath_session::whole(&out) {
        if let Envelope::Item(part) = envelope.expect("what is written can be read") {
            assert!(last == 0 || part.sequence == last + 1, "without gaps");
            last = part.sequence;
        }
    }
}
