//! What a network would take for a call to people, made harmless by an invisible character. It must never change a letter that is seen.

use crate::rules::Markup;

/// Breaks what `markup` takes for a mention, a command or a masked link. Doing so twice changes nothing more.
pub(crate) fn break_mentions(text: &str, markup: Markup) -> String {
    if matches!(markup, Markup::None | Markup::Irc) {
        return text.to_owned();
    }
    let mut broken = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        broken.push(character);
        let calls = match character {
            '@' => calls_people(rest, markup),
            '<' => opens_reference(rest),
            ']' => rest.starts_with('('),
            _ => false,
        };
        if calls {
            broken.push(BREAK);
        }
    }
    broken
}

/// Whether an `@` in front of `rest` is a call to many, or, where the network reads it so, to one. What stands before it and whether the
/// word goes on does not count: a long text is parted anywhere, and the part must call nobody either.
fn calls_people(rest: &str, markup: Markup) -> bool {
    let starts = |word: &&str| {
        rest.get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    // Names begin with a letter there, so that the `_` of an action behind an `@` calls nobody.
    MANY.iter().any(starts)
        || (markup == Markup::Mattermost && rest.starts_with(char::is_alphanumeric))
}

/// Whether a `<` in front of `rest` opens a reference to a user, a group, a room, a picture, a time or a command.
fn opens_reference(rest: &str) -> bool {
    rest.starts_with(['@', '#', '!', '&', ':', '/'])
        || ["a:", "t:", "id:"]
            .iter()
            .any(|start| rest.starts_with(start))
}

/// A space without width.
pub(crate) const BREAK: char = '\u{200b}';

const MANY: [&str; 7] = [
    "everyone", "here", "all", "channel", "room", "group", "online",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MARKUPS: [Markup; 5] = [
        Markup::Discord,
        Markup::Slack,
        Markup::Mattermost,
        Markup::Matterbridge,
        Markup::Kosmi,
    ];

    #[test]
    fn calls_are_broken_everywhere() {
        for markup in MARKUPS {
            for text in [
                "@everyone",
                "@Here!",
                "x@everyonex",
                "@channel",
                "@all",
                "@allison",
                "<@123>",
                "<@!1>",
                "<@&1>",
                "<#1>",
                "<!channel>",
                "<:a:1>",
                "<a:b:1>",
                "<t:1>",
                "</cmd:1>",
                "[x](http://y)",
                "<@everyone>",
            ] {
                let broken = break_mentions(text, markup);
                assert_ne!(broken, text, "{markup:?}");
                assert_eq!(broken.replace(BREAK, ""), text, "{markup:?}");
            }
        }
    }

    #[test]
    fn what_calls_nobody_stays() {
        for markup in MARKUPS {
            for text in [
                "@ben.example",
                "1 < 2",
                "a <b> c",
                "x [y] (z)",
                "5 @ 3",
                "_by @_",
            ] {
                let expect = if markup == Markup::Mattermost {
                    text.replace("@b", "@\u{200b}b")
                } else {
                    text.to_owned()
                };
                assert_eq!(break_mentions(text, markup), expect, "{markup:?}");
            }
        }
        for markup in [Markup::None, Markup::Irc] {
            assert_eq!(break_mentions("@everyone <@1>", markup), "@everyone <@1>");
        }
    }

    proptest! {
        #[test]
        fn breaking_twice_changes_nothing(text in crate::compose::hostile::text()) {
            for markup in MARKUPS {
                let once = break_mentions(&text, markup);
                prop_assert_eq!(break_mentions(&once, markup), once);
            }
        }
    }
}
