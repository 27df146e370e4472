use towpath_diagnosis::observation::{AttachmentEnd, Transport};

use super::*;

const NOW: u64 = 1_700_000_000_000;

fn cut(end: AttachmentEnd) -> Attachment {
    Attachment {
        transport: Transport::Websocket,
        generation: 1,
        http2: false,
        attached: true,
        used: true,
        age_ms: 60_000,
        first_up_ms: Some(1),
        silent_up_ms: 60_000,
        silent_down_ms: 60_000,
        bytes_up: 10,
        bytes_down: 10,
        messages_up: Some(1),
        messages_down: Some(1),
        round_trip_us: None,
        end,
    }
}

fn network(number: u32) -> IpAddr {
    IpAddr::V4((number << 8).into())
}

#[test]
fn three_cuts_are_told_once_a_minute() {
    let mut past = Past::default();
    let here = network(1);
    for (number, expected) in [(0, 0), (1, 0), (2, 2), (3, 0)] {
        past.ended(here, number, cut(AttachmentEnd::Reset), NOW);
        let told = past.telling(here, NOW);
        assert_eq!(told.len(), expected, "{number}");
    }
    past.ended(here, 1, cut(AttachmentEnd::Superseded), NOW + 60_000);
    assert_eq!(past.telling(here, NOW + 60_000), [], "the newest is no cut");
    past.ended(here, 1, cut(AttachmentEnd::Silent), NOW + 60_000);
    let told = past.telling(here, NOW + 60_000);
    assert_eq!(told, [Scope::Network(here), Scope::All]);
    let history = past.history(Scope::Network(here), NOW + 60_000).unwrap();
    assert_eq!(history.network, "0.0.1.0/24");
    assert_eq!((history.clients, history.ends.len()), (4, 6));
    assert_eq!((history.span_ms, history.ends[5].at_ms), (60_000, 60_000));
    let clients: Vec<u32> = history.ends.iter().map(|end| end.client).collect();
    assert_eq!(clients, [0, 1, 2, 3, 1, 1]);
}

#[test]
fn ends_that_come_out_of_order_make_no_endless_span() {
    let mut past = Past::default();
    for at in [NOW + 1, NOW] {
        past.ended(network(1), 1, cut(AttachmentEnd::Reset), at);
    }
    let history = past.history(Scope::Network(network(1)), NOW).unwrap();
    assert_eq!((history.span_ms, history.ends[1].at_ms), (0, 0));
}

#[test]
fn lost_upgrades_are_told_of_whoever_is_to_blame() {
    let mut past = Past::default();
    let (here, there) = (network(1), network(2));
    for (number, expected) in [(0, 0), (1, 0), (2, 1), (3, 0)] {
        past.arrived(here, number, true, NOW);
        assert_eq!(past.telling(here, NOW).len(), expected, "{number}");
    }
    let later = NOW + 60_000;
    assert_eq!(past.telling(here, later), [Scope::All], "nobody's arrive");
    past.arrived(there, 7, false, later);
    assert_eq!(past.telling(here, later), [Scope::Network(here)]);
    assert_eq!(past.telling(there, later + 60_000), []);
}

#[test]
fn requests_are_counted_by_client() {
    let mut past = Past::default();
    past.arrived(network(1), 7, true, NOW);
    past.arrived(network(1), 7, true, NOW);
    past.arrived(network(2), 8, false, NOW);
    let one = past.history(Scope::Network(network(1)), NOW).unwrap();
    assert_eq!(
        one.arrivals,
        [PastArrival {
            client: 0,
            whole: 0,
            lost_upgrade: 2
        }]
    );
    assert_eq!(past.history(Scope::All, NOW).unwrap().arrivals.len(), 2);
    assert_eq!(past.history(Scope::Network(network(3)), NOW), None);
}

#[test]
fn everything_is_bounded() {
    let mut past = Past::default();
    for number in 0..u32::try_from(NETWORKS_MAX).unwrap() + 10 {
        past.arrived(network(number), 1, false, NOW + u64::from(number));
    }
    assert_eq!(past.networks.len(), NETWORKS_MAX);
    assert!(!past.networks.contains_key(&network(0)));
    for number in 0..200 {
        for user in 0..300 {
            let end = cut(AttachmentEnd::Reset);
            past.ended(network(number), user, end, NOW + 10_000);
        }
    }
    assert!(past.ends <= ENDS_OF_ALL_MAX);
    let counted: usize = past.networks.values().map(|one| one.ends.len()).sum();
    assert_eq!(past.ends, counted);
    assert!(past.all.ends.len() == ENDS_MAX && past.all.clients.len() <= CLIENTS_MAX);
    let later = NOW + 10_000 + SPAN_MS + 1;
    assert_eq!(past.history(Scope::All, later), None, "too long ago");
}
