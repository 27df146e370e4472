//! A person on an IRC server: says things, and remembers all that the server told.
//!
//! It asks for `IRCv3`'s times, identities and echo where they are offered, so that it sees its own lines come back. It knows the protocol
//! on its own, apart from the program under test.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A connected person. Dropping it ends the connection.
#[derive(Debug)]
pub struct Person {
    nick: String,
    stream: TcpStream,
    heard: Arc<Mutex<Heard>>,
}

/// Something that was said in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// By which nick.
    pub nick: String,
    /// `PRIVMSG` or `NOTICE`.
    pub command: String,
    /// In which room.
    pub room: String,
    /// The text.
    pub text: String,
    /// The server's identity of it, where it gives one.
    pub id: Option<String>,
    /// Whether the server told it of the time before the person came in.
    pub is_history: bool,
}

impl Said {
    /// What a line of the server says was said, if it is of that kind.
    pub fn read(line: &str) -> Option<Self> {
        said(line)
    }
}

#[derive(Debug, Default)]
struct Heard {
    lines: Vec<String>,
    is_over: bool,
}

impl Person {
    /// Comes onto the server and into the rooms, and waits until that is done.
    pub fn join(port: u16, nick: &str, rooms: &[&str]) -> Self {
        Self::try_join(port, nick, rooms).unwrap_or_else(|error| panic!("{nick} on IRC: {error}"))
    }

    /// The same for a server that may be going away.
    pub fn try_join(port: u16, nick: &str, rooms: &[&str]) -> io::Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        let heard = Arc::new(Mutex::new(Heard::default()));
        let person = Self {
            nick: nick.to_owned(),
            stream: stream.try_clone()?,
            heard: Arc::clone(&heard),
        };
        thread::spawn(move || listen(&stream, &heard));
        person.write(&format!(
            "CAP LS 302\r\nNICK {nick}\r\nUSER {nick} 0 * :{nick}\r\n"
        ))?;
        person.heard_within(PATIENCE, |line| {
            word(line, 0) == "CAP" || word(line, 0) == "421"
        })?;
        person.write("CAP REQ :server-time message-tags echo-message batch\r\nCAP END\r\n")?;
        person.heard_within(PATIENCE, |line| word(line, 0) == "001")?;
        for room in rooms {
            person.write(&format!("JOIN {room}\r\n"))?;
            person.heard_within(PATIENCE, |line| {
                word(line, 0) == "366" && line.contains(&format!(" {room} "))
            })?;
        }
        Ok(person)
    }

    /// Says one line in a room.
    pub fn say(&self, room: &str, text: &str) {
        self.try_say(room, text).expect("the server is there");
    }

    /// The same for a server that may be going away.
    pub fn try_say(&self, room: &str, text: &str) -> io::Result<()> {
        self.write(&format!("PRIVMSG {room} :{text}\r\n"))
    }

    /// Sends lines as they are, with their ends.
    pub fn write(&self, lines: &str) -> io::Result<()> {
        (&self.stream).write_all(lines.as_bytes())
    }

    /// Whether the server took all that was written so far: it answers what is asked behind it.
    pub fn try_settle(&self, token: &str) -> io::Result<()> {
        self.write(&format!("PING {token}\r\n"))?;
        self.heard_within(PATIENCE, |line| {
            word(line, 0) == "PONG" && line.ends_with(token)
        })
    }

    /// All lines so far, without their ends.
    pub fn lines(&self) -> Vec<String> {
        self.hold(|heard| heard.lines.clone())
    }

    /// What was said in a room so far, by others and, where the server echoes, by this person. What the server told of the time before
    /// the person came in is not in here.
    pub fn said(&self, room: &str) -> Vec<Said> {
        let mut said = self.all_said(room);
        said.retain(|said| !said.is_history);
        said
    }

    /// The same with what the server told of the time before.
    pub fn all_said(&self, room: &str) -> Vec<Said> {
        let lines = self.lines();
        let said = lines.iter().filter_map(|line| said(line));
        said.filter(|said| said.room.eq_ignore_ascii_case(room))
            .collect()
    }

    /// What others said in a room so far.
    pub fn others(&self, room: &str) -> Vec<Said> {
        let mut said = self.said(room);
        said.retain(|said| said.nick != self.nick);
        said
    }

    /// Waits until somebody else said something with these words in it, and gives it.
    pub fn hears(&self, room: &str, words: &str) -> Said {
        let began = Instant::now();
        loop {
            let found = self
                .others(room)
                .into_iter()
                .find(|said| said.text.contains(words));
            if let Some(found) = found {
                return found;
            }
            assert!(
                began.elapsed() < PATIENCE && !self.is_over(),
                "{} heard nothing of {words:?}:\n{}",
                self.nick,
                self.lines().join("\n")
            );
            thread::sleep(BEAT);
        }
    }

    /// Whether the connection has ended.
    pub fn is_over(&self) -> bool {
        self.hold(|heard| heard.is_over)
    }

    /// Waits for a line, from the first one on.
    pub fn heard_within(&self, within: Duration, is_it: impl Fn(&str) -> bool) -> io::Result<()> {
        let began = Instant::now();
        loop {
            if self.hold(|heard| heard.lines.iter().any(|line| is_it(line))) {
                return Ok(());
            }
            if self.is_over() {
                return Err(io::Error::other("the connection ended"));
            }
            if began.elapsed() > within {
                let told = self.lines().join("\n");
                return Err(io::Error::other(format!("it did not answer:\n{told}")));
            }
            thread::sleep(BEAT);
        }
    }

    fn hold<T>(&self, of: impl FnOnce(&Heard) -> T) -> T {
        of(&self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        // The server may have ended it already.
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }
}

fn listen(stream: &TcpStream, heard: &Mutex<Heard>) {
    for line in BufReader::new(stream).split(b'\n') {
        let Ok(line) = line else { break };
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        if let Some(token) = line.strip_prefix("PING ") {
            // A connection that is over shows itself at the next reading.
            let _ = write!(&*stream, "PONG {token}\r\n");
        }
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.lines.push(line);
    }
    let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
    heard.is_over = true;
}

/// The value of a tag before a line.
fn tag(line: &str, name: &str) -> Option<String> {
    let tags = line.strip_prefix('@')?.split(' ').next()?;
    let mut pairs = tags.split(';').filter_map(|tag| tag.split_once('='));
    let value = pairs.find(|(own, _)| *own == name)?.1;
    Some(value.to_owned())
}

/// The word at a place behind tags and source; 0 is the command.
fn word(line: &str, place: usize) -> &str {
    let words = line.split(' ').filter(|word| !word.is_empty());
    let mut words = words.skip_while(|word| word.starts_with(['@', ':']));
    words.nth(place).unwrap_or_default()
}

fn said(line: &str) -> Option<Said> {
    let command = word(line, 0);
    if !matches!(command, "PRIVMSG" | "NOTICE") {
        return None;
    }
    let source = line.split(' ').find(|word| word.starts_with(':'))?;
    let (_, text) = line.split_once(&format!(" {} ", word(line, 1)))?;
    Some(Said {
        nick: source[1..].split('!').next()?.to_owned(),
        command: command.to_owned(),
        room: word(line, 1).to_owned(),
        text: text.strip_prefix(':').unwrap_or(text).to_owned(),
        id: tag(line, "msgid"),
        is_history: tag(line, "batch").is_some(),
    })
}

/// How long a server may take. It takes a second alone to welcome somebody.
const PATIENCE: Duration = Duration::from_secs(10);
const BEAT: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_read() {
        let line = "@time=2026-01-01T00:00:00.000Z;msgid=1 :ann!a@h PRIVMSG #x :one: two";
        let expected = Said {
            nick: "ann".to_owned(),
            command: "PRIVMSG".to_owned(),
            room: "#x".to_owned(),
            text: "one: two".to_owned(),
            id: Some("1".to_owned()),
            is_history: false,
        };
        assert_eq!(said(line), Some(expected.clone()));
        let bare = Said {
            text: "two".to_owned(),
            id: None,
            ..expected
        };
        assert_eq!(said(":ann!a@h PRIVMSG #x two"), Some(bare));
        assert_eq!(said(":ann!a@h JOIN #x"), None);
    }
}
