//! Passed and failed, read from what test runners print at their end.

use std::fmt;
use std::ops::AddAssign;

/// How many checks passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) passed: usize,
    pub(super) failed: usize,
}

impl Count {
    pub(super) const fn one_passed() -> Self {
        Self {
            passed: 1,
            failed: 0,
        }
    }

    pub(super) const fn one_failed() -> Self {
        Self {
            passed: 0,
            failed: 1,
        }
    }

    /// Reads nextest's summary line; `None` when there is none, so a run that never got to its end is no success.
    pub(super) fn of_nextest<'a>(lines: impl DoubleEndedIterator<Item = &'a str>) -> Option<Self> {
        let summary = lines
            .rev()
            .find(|line| line.trim_start().starts_with("Summary ["))?;
        let (run, results) = summary.split_once("run: ")?;
        let started = number_before(run, "test")?;
        let passed = number_before(results, "passed").unwrap_or(0);
        // Failed, timed out, leaky and never finished all count as failed: whatever was started and did not pass.
        Some(Self {
            passed,
            failed: started.saturating_sub(passed),
        })
    }

    /// Reads the summary of `node --test` in its TAP form; `None` when there is none.
    pub(super) fn of_node<'a>(
        lines: &(impl DoubleEndedIterator<Item = &'a str> + Clone),
    ) -> Option<Self> {
        let last = |name: &str| -> Option<usize> {
            lines.clone().rev().find_map(|line| {
                line.strip_prefix("# ")?
                    .strip_prefix(name)?
                    .trim()
                    .parse()
                    .ok()
            })
        };
        let (tests, passed) = (last("tests ")?, last("pass ")?);
        Some(Self {
            passed,
            failed: tests.saturating_sub(passed + last("skipped ").unwrap_or(0)),
        })
    }

    /// Adds up the `test result:` lines of `cargo test`; `None` when there is none.
    pub(super) fn of_cargo_test<'a>(lines: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut total = None;
        for line in lines.filter(|line| line.starts_with("test result: ")) {
            let count = total.get_or_insert_with(Self::default);
            count.passed += number_before(line, "passed")?;
            count.failed += number_before(line, "failed")?;
        }
        total
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// The number that stands right before the first word that starts with `word`.
fn number_before(text: &str, word: &str) -> Option<usize> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words
        .iter()
        .position(|candidate| candidate.starts_with(word))?;
    // nextest writes `8/12 tests run` when it was interrupted: the second number is how many there were.
    words
        .get(at.checked_sub(1)?)?
        .rsplit('/')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nextest(line: &str, passed: usize, failed: usize) {
        assert_eq!(
            Count::of_nextest([line].into_iter()),
            Some(Count { passed, failed }),
            "{line}"
        );
    }

    #[test]
    fn nextest_summaries() {
        nextest(
            "     Summary [   0.123s] 12 tests run: 12 passed, 0 skipped",
            12,
            0,
        );
        nextest(
            "     Summary [   0.123s] 1 test run: 1 passed, 3 skipped",
            1,
            0,
        );
        nextest(
            "     Summary [  61.123s] 12 tests run: 9 passed (1 slow), 2 failed, 1 timed out, 0 skipped",
            9,
            3,
        );
        nextest(
            "     Summary [  61.123s] 2 tests run: 0 passed, 2 failed, 0 skipped",
            0,
            2,
        );
        nextest(
            "     Summary [  61.123s] 8/12 tests run: 7 passed, 1 failed, 0 skipped",
            7,
            5,
        );
    }

    #[test]
    fn no_summary_is_no_count() {
        assert_eq!(
            Count::of_nextest(["error: could not compile"].into_iter()),
            None
        );
        assert_eq!(
            Count::of_cargo_test(["error: could not compile"].into_iter()),
            None
        );
    }

    #[test]
    fn summaries_of_node() {
        let lines = [
            "ok 1 - a",
            "# tests 5",
            "# pass 3",
            "# fail 1",
            "# cancelled 1",
            "# skipped 0",
        ];
        assert_eq!(
            Count::of_node(&lines.into_iter()),
            Some(Count {
                passed: 3,
                failed: 2
            })
        );
        assert_eq!(Count::of_node(&["not ok 1"].into_iter()), None);
    }

    #[test]
    fn results_of_cargo_test_add_up() {
        let lines = [
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ];
        assert_eq!(
            Count::of_cargo_test(lines.into_iter()),
            Some(Count {
                passed: 4,
                failed: 2
            })
        );
    }

    #[test]
    fn the_last_line_has_the_form_that_machines_read() {
        assert_eq!(
            Count {
                passed: 4,
                failed: 2
            }
            .to_string(),
            "4 passed, 2 failed"
        );
    }
}
