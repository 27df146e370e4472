//! Stand-ins for chat servers, to try the relay on.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::bail;
use towpath_lab::{KosmiOptions, MatterbridgeOptions, start_kosmi, start_matterbridge};

use crate::arguments::LabArguments;

/// A stand-in by its name.
pub(super) struct Server {
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Kosmi { legacy: bool },
    Matterbridge { keeps_history: bool },
}

/// All of them, in the order of the list.
pub(super) const SERVERS: &[Server] = &[
    Server {
        name: "kosmi",
        summary: "a stand-in for Kosmi's engine, built from published notes and never compared with it",
        kind: Kind::Kosmi { legacy: false },
    },
    Server {
        name: "kosmi-legacy",
        summary: "the same by the older subprotocol, graphql-ws",
        kind: Kind::Kosmi { legacy: true },
    },
    Server {
        name: "matterbridge",
        summary: "a stand-in for Matterbridge's HTTP API, built from the facts of its source",
        kind: Kind::Matterbridge {
            keeps_history: false,
        },
    },
    Server {
        name: "matterbridge-history",
        summary: "the same as a version that was never released, which gives each websocket what was said before",
        kind: Kind::Matterbridge {
            keeps_history: true,
        },
    },
];

/// Messages that the stand-in for Matterbridge buffers: as many as somebody sets who wants none to be lost.
const MATTERBRIDGE_BUFFER: usize = 1000;

pub(super) fn find(name: &str) -> Option<&'static Server> {
    SERVERS.iter().find(|server| server.name == name)
}

/// Runs one until Ctrl-C.
pub(super) fn run(server: &Server, arguments: &LabArguments) -> anyhow::Result<ExitCode> {
    if arguments.upstream.is_some() || arguments.tls || arguments.ca_out.is_some() {
        bail!(
            "`{}` is a server without TLS and takes no upstream",
            server.name
        );
    }
    super::super::block_on(async {
        match server.kind {
            Kind::Kosmi { legacy } => {
                let own = KosmiOptions::default();
                let kosmi = start_kosmi(KosmiOptions {
                    listen: arguments.listen,
                    archive: arguments.archive.clone(),
                    silence: arguments.seconds.unwrap_or(own.silence),
                    legacy,
                    ..own
                })
                .await?;
                greet(&format!(
                    "{} (chat) at {}\n{}\n\nsocket   {}\nlogin    {}\ncontrol  {}control/\n\nCtrl-C ends it.\n",
                    server.name,
                    kosmi.address(),
                    server.summary,
                    kosmi.url(),
                    kosmi.login_url(),
                    kosmi.login_url(),
                ))?;
                super::super::interrupted().await;
            }
            Kind::Matterbridge { keeps_history } => {
                let matterbridge = start_matterbridge(MatterbridgeOptions {
                    listen: arguments.listen,
                    archive: arguments.archive.clone(),
                    buffer: MATTERBRIDGE_BUFFER,
                    keeps_history,
                    ..MatterbridgeOptions::default()
                })
                .await?;
                greet(&format!(
                    "{} (chat) at {}\n{}\n\napi      {}/api/\ncontrol  {}/control/\n\nCtrl-C ends it.\n",
                    server.name,
                    matterbridge.address(),
                    server.summary,
                    matterbridge.url(),
                    matterbridge.url(),
                ))?;
                super::super::interrupted().await;
            }
        }
        Ok(ExitCode::SUCCESS)
    })?
}

fn greet(text: &str) -> io::Result<()> {
    let mut out = io::stdout();
    out.write_all(text.as_bytes())?;
    out.flush()
}
