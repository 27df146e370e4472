//! `towpath demo --relay`: a stand-in for Kosmi, a real IRC server, and the relay between them, all on this machine.
//!
//! A scene is played whose every line has to arrive once, in order, also what is said while the relay is dead. It must never leave
//! anything behind: no process, no file, no token.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use towpath_lab::{Kosmi, KosmiOptions, start_kosmi};

use super::folder::Folder;

mod irc_server;
mod person;
mod process;
mod scene;

use irc_server::IrcServer;
use person::Person;
use process::RelayProcess;

/// Plays the scene, and then, unless headless, leaves both rooms open until Ctrl-C or SIGTERM.
pub(super) async fn run(headless: bool) -> anyhow::Result<ExitCode> {
    let ended = super::super::signals::ended()?;
    tokio::select! {
        shown = show(headless) => shown,
        // What was started ends and goes with what holds it. A scene that was not seen to its end proves nothing.
        () = ended => Ok(ExitCode::from(u8::from(headless))),
    }
}

async fn show(headless: bool) -> anyhow::Result<ExitCode> {
    let folder = Folder::new()?;
    let irc = IrcServer::start(&folder).await?;
    let kosmi = start_kosmi(KosmiOptions::default()).await?;
    let ben = Person::join(irc.address(), "ben", IRC_ROOM).await?;
    let mut relay = RelayProcess::configured(&folder, &kosmi, &irc)?;
    say(
        "Rooms: @lounge of Kosmi (a stand-in), #lounge of IRC (ngircd). Between them: towpath relay.\n",
    )?;
    relay.start().await?;
    let rooms = Rooms { kosmi, ben };
    let is_right = scene::play(&rooms, &mut relay).await?;
    if let Some((own, all)) = relay.memory() {
        let megabytes = |bytes: u64| format!("{}.{}", bytes / 1_000_000, bytes / 100_000 % 10);
        say(&format!(
            "The relay takes {} MB of memory of its own; with what it has mapped of the program's file {} MB.",
            megabytes(own),
            megabytes(all)
        ))?;
    }
    if !headless {
        say(&greeting(&rooms, &irc, &relay))?;
        scene::show_more(&rooms).await?;
    }
    relay.end().await;
    Ok(ExitCode::from(u8::from(!is_right)))
}

/// Both rooms, as people see them.
struct Rooms {
    kosmi: Kosmi,
    ben: Person,
}

fn greeting(rooms: &Rooms, irc: &IrcServer, relay: &RelayProcess) -> String {
    let (host, port) = (irc.address().ip(), irc.address().port());
    let control = format!("http://{}/control/say", rooms.kosmi.address());
    format!(
        "\nJoin with any IRC client, without TLS:   {host} port {port}, channel {IRC_ROOM}\n\
         Say something in the room of Kosmi:      curl {control} -d '{{\"room\":\"{KOSMI_ROOM}\",\"name\":\"ann\",\"text\":\"hello\"}}'\n\
         How the relay goes:                      {}\n\nCtrl-C ends it.\n",
        relay.status_url()
    )
}

fn say(line: &str) -> anyhow::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "{line}").and_then(|()| out.flush())?;
    Ok(())
}

/// Waits until something is so.
async fn until<T>(what: &str, mut now: impl FnMut() -> Option<T>) -> anyhow::Result<T> {
    let wait = async {
        loop {
            if let Some(value) = now() {
                return value;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, wait).await;
    waited.with_context(|| format!("waited {} s in vain: {what}", PATIENCE.as_secs()))
}

const KOSMI_ROOM: &str = "@lounge";
const IRC_ROOM: &str = "#lounge";

const LOOK_EVERY: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(40);
