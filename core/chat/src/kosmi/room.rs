//! A room's id, as people write it. It must never guess whether a room has a name of its own, which begins with an `@`.

/// A text that names no room.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` names no room: a room is `@name` or a short code, 2 to 64 letters, digits, `-` and `_`, or the address of its page"
)]
pub struct RoomError(pub String);

/// Reads a room's id out of the id itself or the address of its page.
pub fn room_id(text: &str) -> Result<String, RoomError> {
    let text = text.trim();
    let id = match text.split_once("/room/") {
        Some((_, after)) => after.split(['/', '?', '#']).next().unwrap_or(after),
        None => text,
    };
    let id = id.replace("%40", "@");
    let name = id.strip_prefix('@').unwrap_or(&id);
    let well_formed = (2..=64).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if well_formed {
        Ok(id)
    } else {
        Err(RoomError(
            text.chars().take(80).filter(|c| !c.is_control()).collect(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_are_read_as_people_write_them() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(room_id(text).ok().as_deref(), expect, "{text}");
        };
        check("@lounge", Some("@lounge"));
        check("e8az5s", Some("e8az5s"));
        check(" https://app.kosmi.io/room/@lounge?x=1 ", Some("@lounge"));
        check("https://app.kosmi.io/room/%40lounge/", Some("@lounge"));
        check("app.kosmi.io/room/e8az5s", Some("e8az5s"));
        for text in [
            "",
            "@",
            "x",
            "#lounge",
            "a b",
            "https://app.kosmi.io/",
            "@a\r\nb",
        ] {
            check(text, None);
        }
        check(&"x".repeat(65), None);
    }
}
