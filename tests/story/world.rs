//! What the tests stand on: a backend, a gateway with a console, a network, and questions to the console.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::runtime::Runtime;
use towpath_lab::{Inspector, NetworkOptions, RunningNetwork, Settings, Tls, start_network};
use towpath_tests::boxes::{self, gateway};
use towpath_tests::support::browser::Kind;
use towpath_tests::support::{Authority, Browser, Folder, port};

use crate::backend::Backend;
use crate::expected::{AT_ONCE, Expected};

/// What stands still while a browser goes from network to network.
pub(crate) struct World {
    runtime: Runtime,
    backend: Backend,
}

/// A gateway that has seen nothing yet, and the network before it.
pub(crate) struct Place {
    pub(crate) network: RunningNetwork,
    pub(crate) console: Console,
    _gateway: boxes::Running,
    _folder: Folder,
}

/// The console of a gateway.
pub(crate) struct Console {
    port: u16,
    token: String,
}

/// Takes one browser through every network that fails at once, and tells all that was wrong.
pub(crate) fn in_each_network(
    kind: Kind,
    visit: impl Fn(&Browser, &Place, &Expected) -> Result<(), String>,
) {
    let world = World::new();
    let browser = Browser::start(kind, &[]);
    let wrong: Vec<String> = AT_ONCE
        .iter()
        .filter_map(|expected| {
            let place = world.place(expected.network, Settings::default());
            visit(&browser, &place, expected)
                .err()
                .map(|wrong| format!("{}: {wrong}", expected.network))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            runtime: Runtime::new().expect("threads can be had"),
            backend: Backend::start(),
        }
    }

    /// A fresh gateway, so that it has learned nothing of other networks, and the network before it.
    pub(crate) fn place(&self, name: &str, settings: Settings) -> Place {
        let options = NetworkOptions {
            settings,
            ..NetworkOptions::default()
        };
        self.start(name, options, None)
    }

    /// The same where the network opens TLS on its way to the gateway, in a browser that trusts it.
    pub(crate) fn inspected(&self, name: &str, kind: Kind) -> (Place, Browser) {
        let (inspector, authority) = (
            Inspector::new().expect("keys can be made"),
            Authority::new("Gateway"),
        );
        let folder = Folder::new();
        let browser = Browser::start(kind, &[&folder.write("inspector.pem", &inspector.pem())]);
        let roots = fs::read_to_string(authority.root()).expect("the authority wrote it");
        let options = NetworkOptions {
            upstream_roots: roots,
            tls: Tls::Inspected,
            inspector: Some(inspector),
            ..NetworkOptions::default()
        };
        (self.start(name, options, Some(&authority)), browser)
    }

    fn start(&self, name: &str, options: NetworkOptions, signed_by: Option<&Authority>) -> Place {
        let folder = Folder::new();
        let (listen, token) = (port::free(), folder.path().join("console.token"));
        let lines = format!(
            "drain_seconds = 0\n[reports]\nper_minute = 1000\n\
             [console]\nlisten = \"127.0.0.1:{listen}\"\ntoken_file = {:?}\n",
            token.display().to_string()
        );
        let backend = self.backend.address().port();
        let (gateway, scheme) = match signed_by {
            None => (gateway::configured(backend, &lines), "http"),
            Some(authority) => {
                let identity = authority.issue(&["localhost", "127.0.0.1"]);
                (gateway::start_tls(backend, &identity, &lines), "https")
            }
        };
        let options = NetworkOptions {
            upstream: Some(format!("{scheme}://127.0.0.1:{}", gateway.port)),
            ..options
        };
        let network = self.runtime.block_on(start_network(name, options));
        Place {
            network: network.expect("the network starts"),
            console: Console {
                port: listen,
                token: read_when_there(&token),
            },
            _gateway: gateway,
            _folder: folder,
        }
    }
}

impl Console {
    /// The answer to a question of the console's own page.
    pub(crate) fn ask(&self, path: &str) -> Value {
        let (status, body) = self.get(path);
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{path}: {error}: {body}"))
    }

    /// Everything that is kept, one case a line.
    pub(crate) fn cases(&self) -> Vec<Value> {
        let (status, body) = self.get("/export.ndjson");
        assert_eq!(status, 200, "{body}");
        let lines = body.lines().filter(|line| !line.is_empty());
        lines
            .map(|line| serde_json::from_str(line).expect("each line is JSON"))
            .collect()
    }

    /// The same, as soon as there is one of this kind.
    pub(crate) fn case_where(&self, is_meant: impl Fn(&Value) -> bool) -> Option<Value> {
        let began = Instant::now();
        loop {
            let found = self.cases().into_iter().find(|case| is_meant(case));
            if found.is_some() || began.elapsed() > KEPT_TIME_MAX {
                return found;
            }
            sleep(Duration::from_millis(50));
        }
    }

    fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the console listens");
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
            self.port, self.token
        );
        stream
            .write_all(request.as_bytes())
            .expect("the console reads");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("the console answers");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        let body = if head
            .to_ascii_lowercase()
            .contains("transfer-encoding: chunked")
        {
            unchunked(body)
        } else {
            body.to_owned()
        };
        (status.unwrap_or(0), body)
    }
}

/// What is in a file that is made while the gateway starts.
fn read_when_there(file: &Path) -> String {
    let began = Instant::now();
    loop {
        let read = fs::read_to_string(file).unwrap_or_default();
        if !read.trim().is_empty() {
            return read.trim().to_owned();
        }
        assert!(began.elapsed() < KEPT_TIME_MAX, "the gateway made no token");
        sleep(Duration::from_millis(20));
    }
}

/// A chunked body as one (RFC 9112 section 7.1).
fn unchunked(mut rest: &str) -> String {
    let mut whole = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        let Some(chunk) = after.get(..size).filter(|chunk| !chunk.is_empty()) else {
            break;
        };
        whole.push_str(chunk);
        rest = after.get(size + 2..).unwrap_or_default();
    }
    whole
}

/// How long what was reported may take until it is kept.
const KEPT_TIME_MAX: Duration = Duration::from_secs(5);
