//! Which names are the same: IRC compares nicknames and channels without regard to case, by a rule of the server's own.
//!
//! It must never change a name that is shown.

/// The rule by which a server compares names (`CASEMAPPING` of `RPL_ISUPPORT`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CaseMapping {
    /// Only A to Z have a small form.
    Ascii,
    /// `[]\~` are the capitals of `{}|^` too (RFC 1459 section 2.2). It is what holds where a server says nothing.
    #[default]
    Rfc1459,
    /// The same without `~` and `^`.
    Rfc1459Strict,
}

impl CaseMapping {
    /// Reads the server's word for it; unknown words (`rfc7613` for example) are taken as ASCII, which never joins two names that the
    /// server holds apart.
    pub fn named(name: &str) -> Self {
        match name {
            "rfc1459" => Self::Rfc1459,
            "rfc1459-strict" | "strict-rfc1459" => Self::Rfc1459Strict,
            _ => Self::Ascii,
        }
    }

    /// The form to compare by.
    pub fn fold(self, name: &str) -> String {
        name.chars().map(|c| self.lower(c)).collect()
    }

    /// Whether two names are the same.
    pub fn same(self, one: &str, other: &str) -> bool {
        let (one, other) = (one.chars(), other.chars());
        one.map(|c| self.lower(c)).eq(other.map(|c| self.lower(c)))
    }

    fn lower(self, c: char) -> char {
        match (self, c) {
            (Self::Rfc1459 | Self::Rfc1459Strict, '[') => '{',
            (Self::Rfc1459 | Self::Rfc1459Strict, ']') => '}',
            (Self::Rfc1459 | Self::Rfc1459Strict, '\\') => '|',
            (Self::Rfc1459, '~') => '^',
            _ => c.to_ascii_lowercase(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_capitals_of_braces_where_the_server_says_so() {
        assert!(CaseMapping::Rfc1459.same("Nick[a]~", "nICK{A}^"));
        assert!(!CaseMapping::Rfc1459Strict.same("a~", "a^"));
        assert!(CaseMapping::Rfc1459Strict.same("a\\", "a|"));
        assert!(!CaseMapping::Ascii.same("a[", "a{"));
        assert!(CaseMapping::named("rfc7613").same("#Ab", "#aB"));
    }

    #[test]
    fn letters_beyond_ascii_stay_apart() {
        assert!(!CaseMapping::Rfc1459.same("Ä", "ä"));
    }
}
