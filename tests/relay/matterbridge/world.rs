//! A Matterbridge with another network behind its gateway: the stand-in with its control, or the real program with an IRC server.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use towpath_lab::{Matterbridge, MatterbridgeOptions, start_matterbridge};
use towpath_sides::http::{Http, HttpLimits, HttpRequest};
use towpath_sides::{Hidden, Network};
use towpath_tests::boxes::{Running, ngircd};
use towpath_tests::support::irc::Person;
use towpath_tests::support::{Folder, Program, port};
use url::Url;

use super::{PATIENCE, ROOM};

/// A Matterbridge and what is behind it.
pub(super) enum World {
    Double {
        server: Option<Matterbridge>,
        options: MatterbridgeOptions,
    },
    Real(Box<Real>),
}

/// The real program.
pub(super) struct Real {
    binary: PathBuf,
    program: Option<Program>,
    port: u16,
    ircd: Running,
    person: Person,
}

/// The token of all worlds.
const TOKEN: &str = "a-t0ken-of-the-tests";

/// Names the program, where it is not in the path.
const VARIABLE: &str = "TOWPATH_MATTERBRIDGE";

impl World {
    /// The stand-in as it is by default, with a token.
    pub(super) async fn double() -> Self {
        Self::double_with(MatterbridgeOptions {
            token: Some(TOKEN.to_owned()),
            ..MatterbridgeOptions::default()
        })
        .await
    }

    pub(super) async fn double_with(options: MatterbridgeOptions) -> Self {
        let server = start_matterbridge(options.clone()).await.unwrap();
        let listen = server.address();
        Self::Double {
            server: Some(server),
            // It comes back where it was.
            options: MatterbridgeOptions { listen, ..options },
        }
    }

    /// The real program, where there is one.
    pub(super) async fn real() -> Option<Self> {
        let binary = binary()?;
        let ircd = ngircd::start();
        let person = Person::join(ircd.port, "ann", &["#lounge"]);
        let mut real = Real {
            binary,
            program: None,
            port: port::free(),
            ircd,
            person,
        };
        real.start().await;
        Some(Self::Real(Box::new(real)))
    }

    pub(super) fn url(&self) -> Url {
        let url = match self {
            Self::Double { options, .. } => format!("http://{}", options.listen),
            Self::Real(real) => format!("http://127.0.0.1:{}", real.port),
        };
        url.parse().unwrap()
    }

    pub(super) fn token(&self) -> Option<Hidden> {
        match self {
            Self::Double { options, .. } => options.token.as_deref().map(Hidden::new),
            Self::Real(_) => Some(Hidden::new(TOKEN)),
        }
    }

    /// Says something as `ann` on the other network.
    pub(super) async fn say(&self, text: &str) {
        match self {
            Self::Double { .. } => {
                let said = json!({ "room": ROOM, "name": "ann", "text": text });
                self.control("say", &said).await;
            }
            Self::Real(real) => real.person.say("#lounge", text),
        }
    }

    /// Does something as `ann` on the other network.
    pub(super) async fn act(&self, text: &str) {
        match self {
            Self::Double { .. } => {
                let event = "user_action";
                let done = json!({ "room": ROOM, "name": "ann", "text": text, "event": event });
                self.control("say", &done).await;
            }
            Self::Real(real) => real
                .person
                .say("#lounge", &format!("\u{1}ACTION {text}\u{1}")),
        }
    }

    /// Waits until somebody on the other network has heard this by this name.
    pub(super) async fn hears(&self, name: &str, text: &str) {
        let began = Instant::now();
        loop {
            let heard = self.heard().await;
            if heard.iter().any(|(by, what)| by == name && what == text) {
                return;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "not {text} by {name}: {heard:?}"
            );
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// What came from the relay: names and texts in order.
    pub(super) async fn heard(&self) -> Vec<(String, String)> {
        match self {
            Self::Double { .. } => {
                let room = self
                    .control(&format!("room?room={ROOM}"), &Value::Null)
                    .await;
                let all = room["messages"].as_array().unwrap().iter();
                all.filter(|message| message["by_client"] == true)
                    .map(|message| (text(message, "name"), text(message, "text")))
                    .collect()
            }
            Self::Real(real) => {
                let all = real.person.said("#lounge").into_iter();
                all.filter_map(|said| {
                    // As its settings below format it.
                    let (name, text) = said.text.strip_prefix('<')?.split_once("> ")?;
                    Some((name.to_owned(), text.to_owned()))
                })
                .collect()
            }
        }
    }

    /// Ends it and starts it again at the same place.
    pub(super) async fn restart(&mut self) {
        match self {
            Self::Double { server, options } => {
                *server = None;
                let began = Instant::now();
                // The old one lets go of its port when its task has ended.
                while server.is_none() {
                    *server = start_matterbridge(options.clone()).await.ok();
                    assert!(began.elapsed() < PATIENCE, "its port is not free");
                    tokio::task::yield_now().await;
                }
            }
            Self::Real(real) => {
                real.program = None;
                real.start().await;
            }
        }
    }

    /// Works the stand-in.
    pub(super) async fn control(&self, what: &str, body: &Value) -> Value {
        let url = self.url().join(&format!("/control/{what}")).unwrap();
        let request = HttpRequest::new("POST".parse().unwrap(), url).with_json(body.to_string());
        let network = Network::default();
        let http = Http::new(network.net, network.proxy);
        let answer = http.request(request, &HttpLimits::default()).await.unwrap();
        assert!(answer.is_success(), "{what}: {}", answer.excerpt(200));
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// One number of the stand-in's counts.
    pub(super) async fn count(&self, name: &str) -> u64 {
        let counts = self.control("counts", &Value::Null).await;
        counts[name].as_u64().unwrap()
    }
}

impl Real {
    /// Starts the program, and waits until it is in the room.
    async fn start(&mut self) {
        let folder = Folder::new();
        let settings = format!(
            "[irc.lab]\nServer = \"127.0.0.1:{}\"\nNick = \"bridge\"\nMessageDelay = 1\n\
             RemoteNickFormat = \"<{{NICK}}> \"\n[api.lab]\nBindAddress = \"127.0.0.1:{}\"\nBuffer = 100\n\
             Token = \"{TOKEN}\"\nRemoteNickFormat = \"{{NICK}}\"\n[[gateway]]\nname = \"{ROOM}\"\nenable = true\n\
             [[gateway.inout]]\naccount = \"irc.lab\"\nchannel = \"#lounge\"\n\
             [[gateway.inout]]\naccount = \"api.lab\"\nchannel = \"api\"\n",
            self.ircd.port, self.port
        );
        let settings = folder.write("matterbridge.toml", &settings);
        let mut command = Command::new(&self.binary);
        command.arg("-conf").arg(settings);
        let before = self.arrivals();
        let program = Program::start(folder, &mut command).listening(self.port);
        self.program = Some(program);
        let began = Instant::now();
        while self.arrivals() == before {
            assert!(began.elapsed() < PATIENCE, "it did not come onto IRC");
            sleep(Duration::from_millis(20)).await;
        }
    }

    fn arrivals(&self) -> usize {
        let lines = self.person.lines();
        let is_arrival = |line: &&String| line.contains("bridge") && line.contains(" JOIN ");
        lines.iter().filter(is_arrival).count()
    }
}

/// The program, where there is one; what to do otherwise is printed.
fn binary() -> Option<PathBuf> {
    let named = std::env::var_os(VARIABLE).map(PathBuf::from);
    let is_it = |path: &PathBuf| {
        // Another program of the same name turns lamps on and off.
        let version = Command::new(path).arg("-version").output();
        version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("version: "))
    };
    let found = named
        .or_else(|| Some(PathBuf::from("matterbridge")))
        .filter(is_it);
    if found.is_none() {
        eprintln!(
            "skipped: there is no Matterbridge here. `cargo xtask install` makes one where Go is; {VARIABLE} names another."
        );
    }
    found
}

fn text(object: &Value, name: &str) -> String {
    object[name].as_str().unwrap_or_default().to_owned()
}
