//! A person on IRC, who says things and remembers what others said. It knows the protocol on its own, apart from the relay's.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::task::AbortHandle;

use super::until;

/// A connected person.
pub(super) struct Person {
    write: Arc<tokio::sync::Mutex<OwnedWriteHalf>>,
    heard: Arc<Mutex<Heard>>,
    reader: AbortHandle,
}

/// A line in the channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) nick: String,
    pub(super) text: String,
}

#[derive(Debug, Default)]
struct Heard {
    is_in: bool,
    lines: Vec<Line>,
}

impl Person {
    /// Comes onto the server and into the channel.
    pub(super) async fn join(address: SocketAddr, nick: &str, room: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        let (read, write) = stream.into_split();
        let write = Arc::new(tokio::sync::Mutex::new(write));
        let heard = Arc::new(Mutex::new(Heard::default()));
        let reader = tokio::spawn(listen(read, Arc::clone(&write), Arc::clone(&heard)));
        let person = Self {
            write,
            heard,
            reader: reader.abort_handle(),
        };
        person
            .send(&format!(
                "NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\nJOIN {room}\r\n"
            ))
            .await?;
        until("ben to be in the channel", || {
            person.heard(|heard| heard.is_in).then_some(())
        })
        .await?;
        Ok(person)
    }

    pub(super) async fn say(&self, room: &str, text: &str) -> anyhow::Result<()> {
        self.send(&format!("PRIVMSG {room} :{text}\r\n")).await
    }

    /// What others said in the channel, the oldest first.
    pub(super) fn lines(&self) -> Vec<Line> {
        self.heard(|heard| heard.lines.clone())
    }

    fn heard<T>(&self, read: impl FnOnce(&Heard) -> T) -> T {
        read(&self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn send(&self, text: &str) -> anyhow::Result<()> {
        let mut write = self.write.lock().await;
        let written = write.write_all(text.as_bytes()).await;
        written.context("the IRC server is gone")
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

async fn listen(
    read: OwnedReadHalf,
    write: Arc<tokio::sync::Mutex<OwnedWriteHalf>>,
    heard: Arc<Mutex<Heard>>,
) {
    let mut lines = BufReader::new(read).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(token) = line.strip_prefix("PING ") {
            let answer = format!("PONG {token}\r\n");
            if write
                .lock()
                .await
                .write_all(answer.as_bytes())
                .await
                .is_err()
            {
                return;
            }
            continue;
        }
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        // 366 ends the list of names that follows a join.
        heard.is_in |= line.split(' ').nth(1) == Some("366");
        heard.lines.extend(said(&line));
    }
}

/// What a line says in a channel, if it says something there.
fn said(line: &str) -> Option<Line> {
    let (source, rest) = line.strip_prefix(':')?.split_once(' ')?;
    let (_, text) = rest.strip_prefix("PRIVMSG #")?.split_once(" :")?;
    let (nick, _) = source.split_once('!')?;
    Some(Line {
        nick: nick.to_owned(),
        text: text.to_owned(),
    })
}
