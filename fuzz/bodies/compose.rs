//! What a chat side is told: of any message, by any format that parses, no piece is too long, breaks a line or calls people.

use towpath_chat::{
    Author, Context, File, FormatSettings, Kind, Markup, Message, Rules, Takes, compose,
};

/// Reads `data` as the switches of a side in three bytes and as texts behind them, with a NUL between two.
pub fn run(data: &[u8]) {
    let [length, switches, markup, texts @ ..] = data else {
        return;
    };
    let texts = String::from_utf8_lossy(texts);
    let mut texts = texts.split('\0').map(str::to_owned);
    let mut next = || texts.next().unwrap_or_default();
    let bytes_max = usize::from(*length).max(towpath_chat::rules::LENGTH_MIN);
    let is = |bit: u8| switches & (1 << bit) != 0;
    let rules = Rules {
        bytes_max: Some(bytes_max),
        chars_max: None,
        several_lines: is(0),
        name_apart: is(1),
        markup: MARKUPS[usize::from(*markup) % MARKUPS.len()],
        takes: Takes {
            files: is(2),
            ..Takes::default()
        },
        pieces_max: usize::from(switches >> 4),
    };
    let settings = FormatSettings {
        text: Some(next()).filter(|format| !format.is_empty()),
        ..FormatSettings::default()
    };
    let Ok(formats) = settings.formats(&rules) else {
        return;
    };
    let message = message(next(), next(), next());
    let context = Context {
        network: next(),
        now_unix_ms: if is(3) { i64::MAX } else { 0 },
        ..Context::default()
    };
    let pieces = compose(&message, &formats, &context, &rules);
    assert!(pieces.len() <= rules.pieces_max.max(1));
    for piece in &pieces {
        assert!(piece.text.len() <= bytes_max);
        let broken = |c: char| c.is_control() && !(rules.several_lines && c == '\n');
        assert!(!piece.text.contains(broken), "{:?}", piece.text);
        assert!(!piece.author.name.contains(char::is_control));
        let entities = rules.markup == Markup::Slack;
        assert!(!(entities && piece.text.contains(['<', '>'])));
        let calls = !matches!(rules.markup, Markup::None | Markup::Irc);
        assert!(!(calls && settings.text.is_none() && piece.text.contains("@everyone")));
    }
}

fn message(name: String, text: String, url: String) -> Message {
    Message {
        side: "irc.a".to_owned(),
        room: "#a".to_owned(),
        id: None,
        author: Author {
            name,
            ..Author::default()
        },
        kind: Kind::Text,
        text,
        at_unix_ms: 0,
        reply_to: None,
        files: vec![File {
            name: url.clone(),
            comment: String::new(),
            url,
        }],
    }
}

const MARKUPS: [Markup; 7] = [
    Markup::None,
    Markup::Irc,
    Markup::Discord,
    Markup::Slack,
    Markup::Mattermost,
    Markup::Matterbridge,
    Markup::Kosmi,
];
