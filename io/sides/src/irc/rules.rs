//! What a room of IRC takes. It must never promise more bytes than a line has left for the text, whoever reads it.

use towpath_chat::{Markup, Rules};

use super::settings::Settings;

/// What the server puts before a line that it hands on, at most: `:nick!user@host ` with 32, 12 and 63 characters (RFC 2812 limits the
/// host; networks go a little beyond the rest). More would be cut off at the end of the text, where nobody sees it. It does not follow the
/// nickname of the moment, so that a text is split in the same way every time.
const PREFIX_BYTES: usize = 1 + 32 + 1 + 12 + 1 + 63 + 1;

/// What stands around the room and the text: `PRIVMSG `, ` :`, and the line's end.
const COMMAND_BYTES: usize = 8 + 2 + 2;

/// The rules for one room.
pub fn rules(_: &Settings, room: &str) -> Rules {
    let taken = PREFIX_BYTES + COMMAND_BYTES + room.len();
    Rules {
        bytes_max: Some(towpath_irc::CLASSIC_BYTES_MAX.saturating_sub(taken)),
        markup: Markup::Irc,
        ..Rules::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::irc::Server;

    #[test]
    fn a_text_fits_into_a_line_with_everything_around_it() {
        let server = Server::parse("irc.example", true).unwrap();
        let settings = Settings::new("irc.x", server, "towpath");
        let bytes = rules(&settings, "#lounge").bytes_max.unwrap();
        let text = "x".repeat(bytes);
        let (nick, user, host) = ("n".repeat(32), "u".repeat(12), "h".repeat(63));
        let line = format!(":{nick}!{user}@{host} PRIVMSG #lounge :{text}\r\n");
        assert_eq!(line.len(), 512);
    }
}
