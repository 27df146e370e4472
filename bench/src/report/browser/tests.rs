//! Two ways and a few rounds, as rows of the tables.

use super::*;
use crate::load::Reading;
use crate::process::Footprint;

fn pace(microseconds: f64) -> Pace {
    let turn = |slower: f64| {
        Some(Turn {
            round_trips: vec![microseconds * slower * 1e-6; 3],
            rate: Reading {
                messages_per_second: 1e6 / microseconds / slower,
                cpu_per_message: 50e-6,
            },
        })
    };
    Pace {
        turns: vec![turn(1.0), None, turn(2.0)],
    }
}

fn held(anonymous: [u64; 2]) -> Vec<Held> {
    let one = |(sockets, anonymous)| Held {
        sockets,
        footprint: Footprint {
            processes: 7,
            proportional: anonymous + 120_000_000,
            anonymous,
        },
    };
    [1, 101].into_iter().zip(anonymous).map(one).collect()
}

fn ways() -> [Reached; 2] {
    let way = |way, microseconds| Reached {
        way,
        cold: vec![Some(0.4), None, Some(0.5)],
        further: vec![Some(0.006)],
        held: vec![
            held([60_000_000, 61_000_000]),
            held([60_000_000, 65_000_000]),
        ],
        paces: vec![pace(microseconds), pace(microseconds)],
        remark: None,
    };
    [way(FLOOR, 100.0), way("dial browser", 500.0)]
}

fn row<'a>(text: &'a str, heading: &str) -> &'a str {
    let (_, table) = text.split_once(heading).expect("the table");
    table
        .lines()
        .find(|line| line.starts_with("| dial"))
        .expect("the row")
}

#[test]
fn rows_tell_medians_of_the_rounds_that_gave_a_value() {
    let mut text = String::new();
    tables(&ways(), &mut text);
    assert_eq!(row(&text, "first echo"), "| dial browser | 450 | 6.0 |");
    assert_eq!(
        row(&text, "Memory"),
        "| dial browser | 180 (60) | 183 (63) | 0.030 | 7 |"
    );
    assert_eq!(
        row(&text, "100 B text"),
        "| dial browser | 500 | 1000 | 5.0 | 1500 | 50 |"
    );
}

#[test]
fn a_way_that_failed_stays_with_its_reason() {
    let mut failed = Reached {
        way: "dial browser",
        ..Reached::default()
    };
    failed.remark(&anyhow::anyhow!("not installed"));
    let mut text = String::new();
    tables(&[failed], &mut text);
    assert_eq!(
        row(&text, "first echo"),
        "| dial browser (not installed) |  |  |"
    );
}
