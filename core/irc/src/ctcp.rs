//! CTCP, as much of it as a relay needs: actions, and one modest answer. It must never answer in a room, nor to a notice.

/// What a text between two `\x01` asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ctcp<'a> {
    /// `/me`.
    Action(&'a str),
    /// Anything else, by its name.
    Other(&'a str),
}

/// Reads a text; `None` where it is an ordinary one. The closing mark may be missing, as clients leave it out.
pub(crate) fn parse(text: &str) -> Option<Ctcp<'_>> {
    let inner = text.strip_prefix('\x01')?;
    let inner = inner.strip_suffix('\x01').unwrap_or(inner);
    let (name, rest) = inner.split_once(' ').unwrap_or((inner, ""));
    Some(if name.eq_ignore_ascii_case("ACTION") {
        Ctcp::Action(rest)
    } else {
        Ctcp::Other(name)
    })
}

/// An action as it is sent.
pub(crate) fn action(text: &str) -> String {
    format!("\x01ACTION {text}\x01")
}

/// The text of an action without its marks; any other text as it is.
pub(crate) fn inner(text: &str) -> &str {
    match parse(text) {
        Some(Ctcp::Action(inner)) => inner,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_told_from_requests_and_text() {
        assert_eq!(parse("\x01ACTION waves\x01"), Some(Ctcp::Action("waves")));
        assert_eq!(parse("\x01action waves"), Some(Ctcp::Action("waves")));
        assert_eq!(parse("\x01ACTION\x01"), Some(Ctcp::Action("")));
        assert_eq!(parse("\x01VERSION\x01"), Some(Ctcp::Other("VERSION")));
        assert_eq!(parse("ACTION waves"), None);
        assert_eq!(parse(&action("a")), Some(Ctcp::Action("a")));
    }
}
