//! What the browser transport promises, and whether a run kept it. It must never round a miss into a hit.

use super::browser::{growth, middle, rate, round_trips, row};
use crate::experiments::Reached;
use crate::party::FLOOR;
use crate::statistics::median;
use std::fmt::Write as _;

/// A promise about one figure.
struct Bar {
    what: &'static str,
    unit: &'static str,
    digits: usize,
    /// The figure of one way, given the floor's.
    figure: fn(&Reached, &Reached) -> Option<f64>,
    /// The bound by way: for the headless shell, for the full browser.
    bounds: [Bound; 2],
}

#[derive(Clone, Copy)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// The ways that the promises are about, in the order of `Bar::bounds`.
const PROMISING: [&str; 2] = ["dial browser, headless shell", "dial browser, Chromium"];

const BARS: [Bar; 5] = [
    Bar {
        what: "first message cold",
        unit: "s",
        digits: 2,
        figure: |way, _| middle(&way.cold),
        bounds: [Bound::AtMost(0.5), Bound::AtMost(1.2)],
    },
    Bar {
        what: "memory of a further socket",
        unit: "MB",
        digits: 3,
        figure: |way, _| Some(growth(way)? / 1e6),
        bounds: [Bound::AtMost(0.2); 2],
    },
    Bar {
        what: "added round trip, 100 B text",
        unit: "ms",
        digits: 3,
        figure: added_round_trip,
        bounds: [Bound::AtMost(0.6); 2],
    },
    Bar {
        what: "rate, 100 B text",
        unit: "messages/s",
        digits: 0,
        figure: |way, _| rate(way.paces.first()?),
        bounds: [Bound::AtLeast(7_000.0); 2],
    },
    Bar {
        what: "rate, 10 KB binary",
        unit: "messages/s",
        digits: 0,
        figure: |way, _| rate(way.paces.get(1)?),
        bounds: [Bound::AtLeast(4_000.0); 2],
    },
];

/// Milliseconds that a message takes longer than over the floor, paired by round.
fn added_round_trip(way: &Reached, floor: &Reached) -> Option<f64> {
    let (way, floor) = (way.paces.first()?, floor.paces.first()?);
    let added: Vec<f64> = round_trips(way)
        .into_iter()
        .zip(round_trips(floor))
        .filter_map(|(way, floor)| Some((way? - floor?) * 1e3))
        .collect();
    median(&added)
}

/// One row for each promise; nothing where no browser was measured.
pub(super) fn table(all: &[Reached], text: &mut String) {
    let find = |name: &str| all.iter().find(|reached| reached.way == name);
    let nobody = Reached::default();
    let floor = find(FLOOR).unwrap_or(&nobody);
    let ways = PROMISING.map(find);
    if ways.iter().all(Option::is_none) {
        return;
    }
    let _ = writeln!(
        text,
        "The bars\n\n| what | {} | {} |\n| --- | --- | --- |",
        PROMISING[0], PROMISING[1]
    );
    for bar in BARS {
        let cells = row(ways.iter().zip(bar.bounds).map(|(way, bound)| {
            let figure = way.and_then(|way| (bar.figure)(way, floor));
            bar.judge(figure, bound)
        }));
        let _ = writeln!(text, "| {} | {cells} |", bar.what);
    }
    text.push('\n');
}

impl Bar {
    fn judge(&self, figure: Option<f64>, bound: Bound) -> String {
        let Some(figure) = figure else {
            return "not measured".to_owned();
        };
        let (holds, relation, bound) = match bound {
            Bound::AtMost(bound) => (figure <= bound, "at most", bound),
            Bound::AtLeast(bound) => (figure >= bound, "at least", bound),
        };
        let word = if holds { "holds" } else { "**missed**" };
        let digits = self.digits;
        format!(
            "{figure:.digits$} {}: {word} ({relation} {bound})",
            self.unit
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cold(way: &'static str, seconds: &[f64]) -> Reached {
        Reached {
            way,
            cold: seconds.iter().copied().map(Some).collect(),
            ..Reached::default()
        }
    }

    #[test]
    fn each_browser_has_its_own_bound_and_what_is_missing_is_said() {
        let all = [
            cold(PROMISING[0], &[0.4, 0.6, 0.501]),
            cold(PROMISING[1], &[0.6, 0.7, 0.5]),
        ];
        let mut text = String::new();
        table(&all, &mut text);
        let row = |what: &str| text.lines().find(|line| line.contains(what)).unwrap();
        assert_eq!(
            row("first message"),
            "| first message cold | 0.50 s: **missed** (at most 0.5) | 0.60 s: holds (at most 1.2) |"
        );
        assert!(row("further socket").contains("not measured"));
    }

    #[test]
    fn without_a_browser_there_are_no_promises() {
        let mut text = String::new();
        table(&[cold(FLOOR, &[0.1])], &mut text);
        assert_eq!(text, "");
    }
}
