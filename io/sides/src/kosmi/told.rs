//! What Kosmi tells, as messages of ours. It must never change a text, but for the addresses of pictures, which become files.

use towpath_chat::kosmi::{Said, User};
use towpath_chat::{Author, File, Kind, Message};
use url::Url;

/// Bytes of a text; what is longer is cut, with a sign of it. No room shows as much.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Characters of a user's name.
const NAME_CHARS_MAX: usize = 100;

/// Bytes of an id; a longer one is none.
const ID_BYTES_MAX: usize = 256;

/// Pictures of one message; further ones stay in the text.
const PICTURES_MAX: usize = 10;

/// Where things are told, for the messages made of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) side: &'a str,
    pub(super) room: &'a str,
    /// Hosts whose addresses are pictures.
    pub(super) picture_hosts: &'a [String],
}

impl Place<'_> {
    /// Something that was said, live or in the history.
    pub(super) fn said(&self, mut said: Said, now_unix_ms: i64) -> Message {
        bound(&mut said);
        let (text, files) = pictures(&said.body, self.picture_hosts);
        let id = said
            .id
            .or_else(|| made_id(&said.user, said.at_unix_ms?, &said.body));
        Message {
            id,
            text,
            reply_to: said.reply_to,
            files,
            at_unix_ms: said.at_unix_ms.unwrap_or(now_unix_ms),
            ..self.done_by(said.user, Kind::Text, now_unix_ms)
        }
    }

    /// A message that has another text now. It has no time of its own; edits are told live only.
    pub(super) fn edited(&self, mut said: Said, now_unix_ms: i64) -> Option<Message> {
        bound(&mut said);
        let of = said.id?;
        let (text, files) = pictures(&said.body, self.picture_hosts);
        Some(Message {
            id: Some(format!("{of}/edit/{now_unix_ms}")),
            text,
            files,
            ..self.done_by(said.user, Kind::Edit { of }, now_unix_ms)
        })
    }

    /// A message that is gone.
    pub(super) fn deleted(&self, of: String, now_unix_ms: i64) -> Message {
        Message {
            id: Some(format!("{of}/delete")),
            ..self.done_by(User::default(), Kind::Delete { of }, now_unix_ms)
        }
    }

    /// Something that a user did, without any text.
    pub(super) fn done_by(&self, user: User, kind: Kind, now_unix_ms: i64) -> Message {
        Message {
            side: self.side.to_owned(),
            room: self.room.to_owned(),
            id: None,
            author: Author {
                id: user.id,
                name: name(&user.name),
                avatar: user.avatar,
                network: None,
            },
            kind,
            text: String::new(),
            at_unix_ms: now_unix_ms,
            reply_to: None,
            files: Vec::new(),
        }
    }
}

fn name(name: &str) -> String {
    let name: String = name.trim().chars().take(NAME_CHARS_MAX).collect();
    if name.is_empty() {
        NAMELESS.to_owned()
    } else {
        name
    }
}

/// What a user without a name is called.
const NAMELESS: &str = "Anonymous";

/// Keeps what a server may send within what is kept.
fn bound(said: &mut Said) {
    if said.body.len() > TEXT_BYTES_MAX {
        said.body
            .truncate(said.body.floor_char_boundary(TEXT_BYTES_MAX));
        said.body.push('…');
    }
    for id in [&mut said.id, &mut said.user.id, &mut said.reply_to] {
        id.take_if(|id| id.len() > ID_BYTES_MAX);
    }
}

/// An id for a message that has none, the same whenever it is told: without one it could be told twice.
fn made_id(user: &User, at_unix_ms: i64, body: &str) -> Option<String> {
    let author = user.id.as_deref().unwrap_or(&user.name);
    let hash = [author, "\n", body]
        .concat()
        .bytes()
        .fold(FNV_BASIS, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME)
        });
    (!author.is_empty()).then(|| format!("~{at_unix_ms}-{hash:016x}"))
}

/// The 64-bit FNV-1a hash: it only has to be the same in every process.
const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

/// Takes the addresses of pictures out of a text.
fn pictures(body: &str, hosts: &[String]) -> (String, Vec<File>) {
    let mut files = Vec::new();
    if !body.contains("://") {
        return (body.to_owned(), files);
    }
    let mut text = String::with_capacity(body.len());
    for part in body.split_inclusive(char::is_whitespace) {
        let word = part.trim_end();
        match picture(word, hosts) {
            Some(file) if files.len() < PICTURES_MAX => {
                files.push(file);
                // A line break beside it still parts what stands before and after.
                text.extend(part[word.len()..].chars().filter(|c| *c == '\n'));
            }
            _ => text.push_str(part),
        }
    }
    if files.is_empty() {
        return (body.to_owned(), files);
    }
    (text.trim().to_owned(), files)
}

fn picture(word: &str, hosts: &[String]) -> Option<File> {
    let url = Url::parse(word).ok()?;
    let is_web = matches!(url.scheme(), "https" | "http");
    let is_known = hosts.iter().any(|host| url.host_str() == Some(host));
    let name = url.path_segments()?.next_back()?.to_owned();
    (is_web && is_known && !name.is_empty() && url.username().is_empty()).then(|| File {
        name,
        url: word.to_owned(),
        comment: String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(body: &str) -> (String, Vec<String>) {
        let (text, files) = pictures(body, &["img.kosmi.io".to_owned()]);
        (text, files.into_iter().map(|file| file.url).collect())
    }

    #[test]
    fn pictures_become_files_and_other_text_stays() {
        let picture = "https://img.kosmi.io/0b1c.webp";
        assert_eq!(told(picture), (String::new(), vec![picture.to_owned()]));
        let around = format!("look:  {picture} nice\nline");
        assert_eq!(
            told(&around),
            ("look:  nice\nline".to_owned(), vec![picture.to_owned()])
        );
        for other in [
            "https://example.org/x.webp  two  spaces ",
            "https://img.kosmi.io/",
            "https://img.kosmi.io.example.org/x.webp",
            "https://a:b@img.kosmi.io/x.webp",
            "javascript://img.kosmi.io/x",
        ] {
            assert_eq!(told(other), (other.to_owned(), Vec::new()));
        }
        let many = [picture; PICTURES_MAX + 1].join(" ");
        assert_eq!(told(&many).1.len(), PICTURES_MAX);
        assert_eq!(told(&many).0, picture);
    }

    #[test]
    fn what_is_too_long_is_cut() {
        let mut said = Said {
            id: Some("x".repeat(ID_BYTES_MAX + 1)),
            body: "é".repeat(TEXT_BYTES_MAX),
            ..Said::default()
        };
        bound(&mut said);
        assert_eq!(said.id, None);
        assert!(said.body.len() <= TEXT_BYTES_MAX + 4 && said.body.ends_with("é…"));
    }

    #[test]
    fn a_message_without_an_id_has_the_same_one_each_time() {
        let place = Place {
            side: "kosmi.main",
            room: "@room",
            picture_hosts: &[],
        };
        let said = |body: &str, at_unix_ms| Said {
            id: None,
            user: User {
                id: Some("u1".to_owned()),
                ..User::default()
            },
            body: body.to_owned(),
            at_unix_ms,
            reply_to: None,
        };
        let id = |body, at| place.said(said(body, at), 7).id;
        assert!(id("hi", Some(1_000)).is_some());
        assert_eq!(id("hi", Some(1_000)), id("hi", Some(1_000)));
        assert_ne!(id("hi", Some(1_000)), id("ho", Some(1_000)));
        assert_eq!(id("hi", None), None);
    }
}
