//! What Matterbridge's API may send: of any JSON, a message has a room, an id that stays the same, and only addresses of the web; and
//! no name is refused by Discord.

use towpath_chat::matterbridge::{Read, format_time, parse_time, read};
use towpath_chat::webhook::discord_name;

/// Reads `data` as JSON, as a time and as a name.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Some(at) = parse_time(&text) {
        assert_eq!(parse_time(&format_time(at)), Some(at));
    }
    if let Some(name) = discord_name(&text) {
        let low = name.to_lowercase();
        assert!(!low.contains("discord") && !low.contains("clyde"));
        assert!((1..=80).contains(&name.chars().count()));
    }
    let Ok(object) = serde_json::from_slice(data) else {
        return;
    };
    let Read::Message(message) = read("matterbridge.a", &object, 0) else {
        return;
    };
    assert!(!message.room.is_empty());
    assert_eq!(message.id.as_ref().map(String::len), Some(32));
    let is_web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
    assert!(message.author.avatar.as_deref().is_none_or(is_web));
    assert!(message.files.iter().all(|file| is_web(&file.url)));
    let Read::Message(again) = read("matterbridge.a", &object, 1) else {
        panic!("it was a message before");
    };
    assert_eq!(again.id, message.id);
}
