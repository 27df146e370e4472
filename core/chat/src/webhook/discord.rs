//! What Discord's webhooks take. Nobody is mentioned by it, whatever the text is: `allowed_mentions` allows none.

use serde_json::{Value, json};

use crate::outgoing::Outgoing;

/// Most characters of a name.
const NAME_CHARS_MAX: usize = 80;

/// The body that says a piece.
pub fn discord_post(outgoing: &Outgoing) -> Value {
    let mut body = discord_edit(outgoing);
    if let Some(name) = discord_name(&outgoing.author.name) {
        body["username"] = name.into();
    }
    if let Some(avatar) = &outgoing.author.avatar {
        body["avatar_url"] = avatar.as_str().into();
    }
    body
}

/// The body that gives an earlier message another text.
pub fn discord_edit(outgoing: &Outgoing) -> Value {
    json!({ "content": outgoing.text, "allowed_mentions": { "parse": [] } })
}

/// A name that Discord takes: 1 to 80 characters, without those it forbids, and without `discord` and `clyde`. None where nothing is
/// left.
pub fn discord_name(name: &str) -> Option<String> {
    let allowed = name
        .chars()
        .filter(|c| !c.is_control() && !"@#:`".contains(*c));
    let joined: String = allowed.collect();
    let mut name = joined.split_whitespace().collect::<Vec<_>>().join(" ");
    for (forbidden, at, instead) in [("discord", 4, "0"), ("clyde", 1, "1")] {
        // ASCII letters alone change their case here, so that places stay the same.
        while let Some(place) = name.to_ascii_lowercase().find(forbidden) {
            name.replace_range(place + at..=place + at, instead);
        }
    }
    if matches!(name.to_ascii_lowercase().as_str(), "everyone" | "here") {
        name.push('_');
    }
    let short: String = name.chars().take(NAME_CHARS_MAX).collect();
    let short = short.trim_end();
    (!short.is_empty()).then(|| short.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Author;
    use proptest::prelude::*;

    #[test]
    fn nobody_is_mentioned() {
        let outgoing = Outgoing {
            author: Author {
                name: "alice".to_owned(),
                avatar: Some("https://a.example/a.png".to_owned()),
                ..Author::default()
            },
            ..Outgoing::text("@everyone <@1>")
        };
        let body = discord_post(&outgoing);
        assert_eq!(body["allowed_mentions"], json!({ "parse": [] }));
        assert_eq!(body["username"], "alice");
        assert_eq!(body["avatar_url"], "https://a.example/a.png");
        assert_eq!(discord_edit(&outgoing)["username"], Value::Null);
    }

    #[test]
    fn forbidden_names_are_changed_as_little_as_possible() {
        let check = |name: &str, expected: Option<&str>| {
            assert_eq!(discord_name(name).as_deref(), expected, "{name}");
        };
        check("alice", Some("alice"));
        check("Discord Clyde", Some("Disc0rd C1yde"));
        check("@here", Some("here_"));
        check(" a\u{7}  b ", Some("a b"));
        check("@#:`", None);
        check(&"ä".repeat(200), Some(&"ä".repeat(80)));
    }

    proptest! {
        #[test]
        fn every_name_is_taken(name in "(\\PC|discord|Clyde|@| ){0,100}") {
            if let Some(name) = discord_name(&name) {
                let low = name.to_lowercase();
                prop_assert!(!low.contains("discord") && !low.contains("clyde"), "{}", name);
                prop_assert!((1..=80).contains(&name.chars().count()));
                prop_assert!(!name.contains(['@', '#', ':', '`']));
            }
        }
    }
}
