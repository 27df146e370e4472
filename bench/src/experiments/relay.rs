//! Memory of the chat relay: between a stand-in for Kosmi and ngircd, at rest and after a thousand messages each way.
//!
//! Every message has to arrive, else there is no figure.

use super::super::process::{self, Core, Footprint, Log, Program};
use crate::settings::Settings;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

/// What the relay took.
#[derive(Debug)]
pub(crate) struct Relayed {
    /// Messages each way.
    pub(crate) messages: usize,
    /// With both sides ready and nothing said.
    pub(crate) idle: Footprint,
    /// After all messages, at rest again.
    pub(crate) after: Footprint,
    /// CPU time of the relay for one message, in seconds.
    pub(crate) cpu_per_message: f64,
    /// From the first message to the last proof, in seconds.
    pub(crate) took: f64,
}

/// Measures it; nothing where ngircd is missing.
pub(crate) fn run(settings: &Settings) -> Result<Option<Relayed>> {
    let Some(ngircd) = process::find("ngircd") else {
        eprintln!("relay: ngircd is not installed");
        return Ok(None);
    };
    eprintln!("relay");
    let folder = tempfile::tempdir()?;
    let towpath = std::path::absolute(&settings.towpath)?;
    let towpath = towpath.to_str().context("a path that is no text")?;
    let ngircd = ngircd.to_str().context("a path that is no text")?;
    let places = Places::free()?;
    places.write(folder.path())?;
    let log = folder.path().join("log");
    let start = |core, words: &[&str], address| {
        let mut program = Program::start(core, words, folder.path(), Log::File(&log))?;
        program.wait_for(address)?;
        anyhow::Ok(program)
    };
    let kosmi = places.kosmi.to_string();
    let _irc = start(
        Core::Generator,
        &[ngircd, "--nodaemon", "--config", "ngircd.conf"],
        places.irc,
    )?;
    // A file of its own: pages that both programs have mapped would count half.
    let lab = folder.path().join("lab");
    std::fs::copy(towpath, &lab)?;
    let lab = lab.to_str().context("a path that is no text")?;
    let _kosmi = start(
        Core::Generator,
        &[lab, "lab", "kosmi", "--listen", &kosmi],
        places.kosmi,
    )?;
    let mut witness = Witness::join(places.irc)?;
    let relay = start(
        Core::Party,
        &[towpath, "relay", "--config", "relay.toml"],
        places.status,
    )?;
    until("the relay to be ready", || {
        Ok(get(places.status, "/healthz")?.starts_with("HTTP/1.1 200"))
    })?;
    std::thread::sleep(settings.settle());
    let ids = process::family(relay.id());
    let idle = process::footprint(&ids);
    let cpu = process::cpu_seconds(&ids);
    let messages = settings.relay_messages();
    let start = Instant::now();
    talk(&places, &mut witness, messages)?;
    let took = start.elapsed().as_secs_f64();
    let used = process::cpu_seconds(&ids) - cpu;
    std::thread::sleep(settings.settle());
    #[expect(clippy::cast_precision_loss)]
    let cpu_per_message = used / (2 * messages) as f64;
    Ok(Some(Relayed {
        messages,
        idle,
        after: process::footprint(&ids),
        cpu_per_message,
        took,
    }))
}

/// Says everything on both sides, and waits until all of it stands on the other.
fn talk(places: &Places, witness: &mut Witness, messages: usize) -> Result<()> {
    for number in 0..messages {
        witness.write(&format!(
            "PRIVMSG {IRC_ROOM} :message {number} from IRC\r\n"
        ))?;
        let said = json!({ "room": KOSMI_ROOM, "name": "ann", "text": format!("message {number} from Kosmi") });
        let answer = post(places.kosmi, "/control/say", &said)?;
        ensure!(
            answer.starts_with("HTTP/1.1 200"),
            "the stand-in says {answer}"
        );
    }
    witness.hear(messages)?;
    until("all messages to stand in the room of Kosmi", || {
        let answer = get(places.kosmi, "/control/room?room=%40bench")?;
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let room: Value = serde_json::from_str(body).unwrap_or_default();
        let lines = room["messages"].as_array().map_or(0, |lines| {
            lines
                .iter()
                .filter(|line| line["by_client"] == json!(true))
                .count()
        });
        Ok(lines >= messages)
    })
}

struct Places {
    irc: SocketAddr,
    kosmi: SocketAddr,
    status: SocketAddr,
}

impl Places {
    fn free() -> Result<Self> {
        Ok(Self {
            irc: process::free_address()?,
            kosmi: process::free_address()?,
            status: process::free_address()?,
        })
    }

    fn write(&self, folder: &Path) -> Result<()> {
        let irc = format!(
            "[Global]\nName = irc.bench.test\nInfo = bench\nListen = 127.0.0.1\nPorts = {}\nMotdPhrase = hello\n\
             [Limits]\nMaxConnectionsIP = 0\nMaxPenaltyTime = 0\nMaxNickLength = 30\n[Options]\nDNS = no\nIdent = no\nPAM = no\n",
            self.irc.port()
        );
        std::fs::write(folder.join("ngircd.conf"), irc)?;
        let relay = format!(
            "state = \"relay.sqlite\"\n[status]\nlisten = \"{}\"\n\
             [kosmi.bench]\nurl = \"ws://{}/gql-ws\"\nlogin_url = \"http://{}/\"\n\
             [irc.bench]\nserver = \"{}\"\ntls = false\nnick = \"{NICK}\"\nflood_every = \"0 ms\"\n\
             [[link]]\nname = \"bench\"\nmembers = [{{ side = \"kosmi.bench\", room = \"{KOSMI_ROOM}\" }}, \
             {{ side = \"irc.bench\", room = \"{IRC_ROOM}\" }}]\n",
            self.status, self.kosmi, self.kosmi, self.irc
        );
        std::fs::write(folder.join("relay.toml"), relay)?;
        Ok(())
    }
}

/// Somebody on IRC who speaks, and counts what the relay says.
struct Witness {
    read: BufReader<TcpStream>,
    write: TcpStream,
}

impl Witness {
    fn join(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut witness = Self {
            write: stream.try_clone()?,
            read: BufReader::new(stream),
        };
        witness.write(&format!(
            "NICK ben\r\nUSER ben 0 * :ben\r\nJOIN {IRC_ROOM}\r\n"
        ))?;
        while !witness.line()?.contains(" 366 ") {}
        Ok(witness)
    }

    fn write(&mut self, text: &str) -> Result<()> {
        Ok(self.write.write_all(text.as_bytes())?)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        let read = self.read.read_line(&mut line).context("IRC went silent")?;
        ensure!(read > 0, "the IRC server closed");
        if let Some(token) = line.strip_prefix("PING ") {
            let answer = format!("PONG {token}");
            self.write(&answer)?;
        }
        Ok(line)
    }

    fn hear(&mut self, messages: usize) -> Result<()> {
        let mut heard = 0;
        while heard < messages {
            let line = self.line()?;
            heard +=
                usize::from(line.starts_with(&format!(":{NICK}!")) && line.contains(" PRIVMSG "));
        }
        Ok(())
    }
}

fn get(address: SocketAddr, path: &str) -> Result<String> {
    ask(
        address,
        &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"),
    )
}

fn post(address: SocketAddr, path: &str, body: &Value) -> Result<String> {
    let body = body.to_string();
    let length = body.len();
    ask(
        address,
        &format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        ),
    )
}

/// The answer with its head. It ends where its length says, since not every server closes.
fn ask(address: SocketAddr, request: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request.as_bytes())?;
    let mut stream = BufReader::new(stream.take(ANSWER_BYTES_MAX));
    let mut answer = String::new();
    let mut length = 0;
    while !answer.ends_with("\r\n\r\n") {
        let mut line = String::new();
        ensure!(
            stream.read_line(&mut line)? > 0,
            "{address} closed in the middle of its answer"
        );
        let field = line.to_ascii_lowercase();
        if let Some(value) = field.strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
        answer.push_str(&line);
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    answer.push_str(&String::from_utf8_lossy(&body));
    Ok(answer)
}

fn until(what: &str, mut now: impl FnMut() -> Result<bool>) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    while !now()? {
        ensure!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

const NICK: &str = "towpath";
const IRC_ROOM: &str = "#bench";
const KOSMI_ROOM: &str = "@bench";
const PATIENCE: Duration = Duration::from_mins(2);
const ANSWER_BYTES_MAX: u64 = 16 << 20;
