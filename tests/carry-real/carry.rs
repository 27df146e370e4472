//! One run of the client through a network: what is in the way, and how every message fared.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use towpath_tests::boxes::here;
use towpath_tests::carried::{self, Carried};
use towpath_tests::support::Browser;
use towpath_tests::support::certificates::text;

/// Messages each way before the rest, and again after it.
const COUNT: &str = "100";
/// Longer than the five seconds after which the programs here give up on whatever is quiet.
const REST_SECONDS: &str = "7";

/// A run to be: `tests/npm/clients/carry.mjs` with its arguments.
#[derive(Debug)]
pub(crate) struct Carry {
    command: Command,
    tls: bool,
}

impl Carry {
    /// To the backend's `/both`, at the address of the first program on the way.
    pub(crate) fn to(url: &str) -> Self {
        let mut command = Command::new("node");
        command
            .arg(here("npm/clients/carry.mjs"))
            .args(["--url", url, "--count", COUNT, "--rest", REST_SECONDS])
            .arg("--client")
            .arg(here("../client/src/towpath.js"));
        Self {
            command,
            tls: url.starts_with("wss:"),
        }
    }

    /// Trusting this authority.
    pub(crate) fn trusting(mut self, root: &Path) -> Self {
        self.command.args(["--ca", &text(root)]);
        self
    }

    /// Through a forward proxy.
    pub(crate) fn through(mut self, proxy: &str) -> Self {
        self.command.args(["--proxy", proxy]);
        self
    }

    /// With HTTP/2 where the server speaks it.
    pub(crate) fn with_http2(mut self) -> Self {
        self.command.arg("--h2");
        self
    }

    /// Runs it, notes how it went, and asserts that nothing was lost, doubled or moved. Gives the transport in the end.
    pub(crate) fn run(mut self, network: &str) -> String {
        let output = self.command.output().expect("node is installed");
        let printed = String::from_utf8_lossy(&output.stdout);
        let seen: Value = serde_json::from_str(printed.trim()).unwrap_or_else(|error| {
            let errors = String::from_utf8_lossy(&output.stderr);
            panic!("{network}: {error}: {printed}\n{errors}")
        });
        judge(&seen, "node", network, self.tls)
    }
}

/// The same scenario in a browser that goes to `/carry/page.html` at this address.
pub(crate) fn in_browser(browser: &Browser, address: &str, network: &str) -> String {
    let url = format!("{address}/carry/page.html?count={COUNT}&rest={REST_SECONDS}");
    let seen = browser
        .visit(&url, PATIENCE)
        .expect("the page plays the scenario");
    let tls = address.starts_with("https:");
    judge(&seen, browser.kind().name(), network, tls)
}

/// Notes how a run went and asserts that it went well.
fn judge(seen: &Value, client: &str, network: &str, tls: bool) -> String {
    let count = |name: &str| seen[name].as_u64();
    let transport = seen["transport"].as_str().unwrap_or_default().to_owned();
    let carried = Carried {
        client: client.to_owned(),
        network: network.to_owned(),
        tls,
        visit: 1,
        transport: transport.clone(),
        first_ms: count("first_ms").unwrap_or_default(),
        sent: count("sent").unwrap_or_default(),
        lost: count("lost").expect("the run counts"),
        doubled: count("doubled").expect("the run counts"),
        reordered: count("reordered").expect("the run counts"),
    };
    carried::record(&carried).expect("the notes can be written");
    let flaws = carried.lost + carried.doubled + carried.reordered;
    assert_eq!(flaws, 0, "{network}: {seen}");
    assert_eq!(
        seen["ended"], "closed with 1000 done",
        "{network}: the backend's close arrived: {seen}"
    );
    transport
}

/// Longer than the page itself waits.
const PATIENCE: Duration = Duration::from_secs(95);
