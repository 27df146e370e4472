//! Real browsers, each with a fresh profile, steered by nothing but the pages they show.
//!
//! A browser starts on a page of the collector, which sends it from one page under test to the next; each page hands
//! its outcome to the collector and goes back there (`harness.js`). So no debugging protocol is needed, and every
//! browser is driven alike. Nothing here may know what a page tests.

mod collector;
mod launch;

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::{Namespace, Program};
use collector::Collector;
use launch::Way;

/// The module that pages under test import: `run(scenario, seconds)` plays a scenario and hands in what it returns.
pub const HARNESS: &str = include_str!("browser/harness.js");

/// A browser that the tests can start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Debian's Chromium, headless.
    Chromium,
    /// Debian's `firefox-esr`, headless.
    Firefox,
    /// `MiniBrowser` of the GTK port of `WebKit` on a screen that nobody sees.
    WebKit,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    /// The name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit => "webkit",
        }
    }
}

/// A running browser. Dropping it ends it and removes its profile.
#[derive(Debug)]
pub struct Browser {
    kind: Kind,
    program: Program,
    collector: Collector,
    // Ends after the program that draws on it.
    _screen: Option<Program>,
}

impl Browser {
    /// Starts a browser that trusts the certificates in these files (`MiniBrowser` trusts every one) and waits until
    /// it has asked for its first page.
    pub fn start(kind: Kind, roots: &[&Path]) -> Self {
        Self::open(kind, roots, Ipv4Addr::LOCALHOST, Way::Direct)
    }

    /// The same behind a forward proxy on a loopback port, for TLS alone. `MiniBrowser` cannot be told of one.
    pub fn start_behind(kind: Kind, roots: &[&Path], proxy: u16) -> Self {
        Self::open(kind, roots, Ipv4Addr::LOCALHOST, Way::Proxy(proxy))
    }

    /// The same inside a namespace, from which this process is reached at an address.
    pub fn start_inside(kind: Kind, namespace: &Namespace, host: Ipv4Addr) -> Self {
        Self::open(kind, &[], host, Way::Inside(namespace))
    }

    fn open(kind: Kind, roots: &[&Path], host: Ipv4Addr, way: Way<'_>) -> Self {
        let collector = Collector::start(host);
        let launched = launch::start(kind, &collector.url(), roots, way);
        let browser = Self {
            kind,
            program: launched.program,
            collector,
            _screen: launched.screen,
        };
        assert!(
            browser.collector.is_asked_within(START_TIME_MAX),
            "{} showed no page within {START_TIME_MAX:?}:\n{}",
            kind.name(),
            browser.program.output()
        );
        browser
    }

    /// Which browser this is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Shows a page and returns what its scenario returned; else how it failed, or that nothing came in time.
    ///
    /// The page must import [`HARNESS`]. Its URL gets a fragment that names the collector.
    pub fn visit(&self, url: &str, patience: Duration) -> Result<Value, String> {
        self.collector.visit(url, patience)
    }

    /// What the browser has printed so far.
    pub fn output(&self) -> String {
        self.program.output()
    }
}

/// A cold start on a machine whose cores are busy.
const START_TIME_MAX: Duration = Duration::from_mins(1);
