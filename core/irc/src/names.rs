//! Which nickname to try next. It must never try the same one twice in a row of refusals.

/// Nicknames of one registration: the wanted one, its alternatives, then the wanted one with something behind it.
const TRIES_MAX: usize = 12;

/// Bytes that every server takes (RFC 1459 section 1.2 allows nine; nobody is that strict any more).
const SHORT: usize = 16;

/// Gives nicknames one after another.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    wanted: String,
    alternatives: Vec<String>,
    tried: usize,
}

impl Names {
    pub(crate) fn new(wanted: &str, alternatives: &[String]) -> Self {
        Self {
            wanted: wanted.to_owned(),
            alternatives: alternatives.to_vec(),
            tried: 0,
        }
    }

    /// The next one to try, or `None` after too many.
    pub(crate) fn next(&mut self) -> Option<String> {
        let index = self.tried;
        self.tried += 1;
        if index >= TRIES_MAX + self.alternatives.len() {
            return None;
        }
        if index == 0 {
            return Some(self.wanted.clone());
        }
        if let Some(alternative) = self.alternatives.get(index - 1) {
            return Some(alternative.clone());
        }
        let number = index - self.alternatives.len();
        Some(if number <= 2 {
            format!("{}{}", self.wanted, "_".repeat(number))
        } else {
            // Where the server cuts names, only a short one with a number differs from the one before.
            let short: String = self.wanted.chars().take(SHORT - 3).collect();
            format!("{short}{number}")
        })
    }

    /// Whether a nickname may be one of these.
    pub(crate) fn may_be_ours(&self, nick: &str) -> bool {
        let mut all = Self::new(&self.wanted, &self.alternatives);
        std::iter::from_fn(move || all.next()).any(|ours| ours.eq_ignore_ascii_case(nick))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nicknames_come_in_order_and_end() {
        let mut names = Names::new("towpath", &["bargee".to_owned()]);
        let all: Vec<String> = std::iter::from_fn(|| names.next()).collect();
        assert_eq!(
            &all[..5],
            ["towpath", "bargee", "towpath_", "towpath__", "towpath3"]
        );
        assert_eq!(all.len(), 13);
        let mut unique = all.clone();
        unique.dedup();
        assert_eq!(unique.len(), all.len());
        assert!(names.may_be_ours("TOWPATH_"));
        assert!(!names.may_be_ours("somebody"));
    }
}
