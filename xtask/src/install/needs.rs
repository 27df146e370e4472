//! Programs that the tests run, and the Debian packages that hold them.
//!
//! A program that is there counts, wherever it came from; packages are only the way to get a missing one.
//! The tidy rule on programs fails when a test starts one that is not listed here.

use crate::process::{command, find, quiet};
use std::path::Path;

/// Every program, in the order in which they are named to the user.
pub(super) const NEEDS: &[Need] = &[
    Need::new(
        "cc",
        "gcc",
        "links, and builds the C parts of OpenSSL and AWS-LC",
    ),
    Need::new("make", "make", "builds OpenSSL"),
    Need::new("perl", "perl", "configures OpenSSL"),
    Need::new("python3", "python3-venv", "installs the checkers")
        .proven_by(&["-c", "import ensurepip; print('ok')"], "ok"),
    Need::new("node", "nodejs", "runs the test servers of tests/npm"),
    Need::new("npm", "npm", "installs the test servers of tests/npm"),
    library("python3-aiohttp", &["-c", "import aiohttp; print('ok')"]),
    library("python3-tornado", &["-c", "import tornado; print('ok')"]),
    library(
        "python3-websockets",
        &["-c", "import websockets; print('ok')"],
    ),
    library("uvicorn", &["-c", "import uvicorn; print('ok')"]),
    Need::new("openssl", "openssl", "TLS server under test"),
    Need::new("nginx", "nginx", "reverse proxy under test").with_service("nginx"),
    Need::new("haproxy", "haproxy", "reverse proxy under test").with_service("haproxy"),
    Need::new("apache2", "apache2-bin", "reverse proxy under test"),
    Need::new("caddy", "caddy", "reverse proxy under test").with_service("caddy"),
    Need::new("lighttpd", "lighttpd", "reverse proxy under test").with_service("lighttpd"),
    Need::new("nghttpx", "nghttp2-proxy", "reverse proxy under test").with_service("nghttpx"),
    Need::new("varnishd", "varnish", "reverse proxy under test").with_service("varnish"),
    Need::new(
        "stunnel4",
        "stunnel4",
        "TLS in front of a server under test",
    )
    .with_service("stunnel4"),
    Need::new(
        "squid",
        "squid-openssl",
        "forward and inspecting proxy under test",
    )
    .proven_by(&["-v"], "--with-openssl")
    .with_service("squid"),
    Need::new(
        "/usr/lib/squid/security_file_certgen",
        "squid-openssl",
        "makes Squid's certificates",
    ),
    Need::new("mitmdump", "mitmproxy", "inspecting proxy under test"),
    Need::new(
        "websockify",
        "websockify",
        "a server that carries another protocol",
    ),
    Need::new("privoxy", "privoxy", "forward proxy under test").with_service("privoxy"),
    Need::new("tinyproxy", "tinyproxy-bin", "forward proxy under test"),
    Need::new("danted", "dante-server", "SOCKS5 proxy under test").with_service("danted"),
    Need::new("dnsmasq", "dnsmasq-base", "resolver under test"),
    Need::new("ngircd", "ngircd", "IRC server under test").with_service("ngircd"),
    Need::new("inspircd", "inspircd", "IRC server under test").with_service("inspircd"),
    Need::new(
        "atheme-services",
        "atheme-services",
        "services of an IRC server under test",
    )
    .with_service("atheme-services"),
    Need::new("znc", "znc", "IRC bouncer under test").with_service("znc"),
    Need::new("ip", "iproute2", "makes network namespaces"),
    Need::new(
        "nft",
        "nftables",
        "drops and resets packets inside a network namespace",
    )
    .with_service("nftables"),
    Need::new("setpriv", "util-linux", "ends a program with its test"),
    Need::new("unshare", "util-linux", "enters a network namespace"),
    Need::new("nsenter", "util-linux", "enters a network namespace"),
    Need::new("kill", "procps", "sends signals to programs under test"),
    Need::new(
        "chromium",
        "chromium",
        "the browser whose handshake is captured",
    ),
    Need::new(
        "chromium-headless-shell",
        "chromium-headless-shell",
        "the browser that starts quickly",
    ),
    Need::new(
        "certutil",
        "libnss3-tools",
        "makes Chromium and Firefox trust a test's certificates",
    ),
    Need::new("firefox-esr", "firefox-esr", "a browser under test"),
    // Brings WebKitGTK along, whose MiniBrowser is on no search path.
    Need::new(
        "WebKitWebDriver",
        "webkit2gtk-driver",
        "MiniBrowser, a browser under test",
    ),
    Need::new("Xvfb", "xvfb", "the screen that MiniBrowser draws on"),
];

/// Programs that a test may start.
pub(crate) fn programs() -> impl Iterator<Item = &'static str> {
    NEEDS.iter().map(|need| need.program)
}

/// A program, how to know that it is good enough, and where to get it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Need {
    /// Its name, or its path where it is not on the search path.
    pub(super) program: &'static str,
    pub(super) package: &'static str,
    pub(super) what_for: &'static str,
    /// Arguments and a word that its output must hold, where the mere file is not proof enough.
    proof: Option<(&'static [&'static str], &'static str)>,
    /// The service that the package brings along and that must not start by itself.
    pub(super) service: Option<&'static str>,
}

impl Need {
    const fn new(program: &'static str, package: &'static str, what_for: &'static str) -> Self {
        Self {
            program,
            package,
            what_for,
            proof: None,
            service: None,
        }
    }

    const fn proven_by(mut self, arguments: &'static [&'static str], word: &'static str) -> Self {
        self.proof = Some((arguments, word));
        self
    }

    const fn with_service(mut self, service: &'static str) -> Self {
        self.service = Some(service);
        self
    }

    /// Whether the program is there and good enough.
    pub(super) fn is_met(&self, root: &Path) -> bool {
        let Some(path) = find(self.program) else {
            return false;
        };
        let Some((arguments, word)) = self.proof else {
            return true;
        };
        quiet(&mut command(path, arguments, root)).is_some_and(|text| text.contains(word))
    }
}

/// A library for Debian's own Python, which need not be the first on the search path.
const fn library(package: &'static str, import: &'static [&'static str]) -> Need {
    Need::new(
        "/usr/bin/python3",
        package,
        "runs test servers of tests/python",
    )
    .proven_by(import, "ok")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_need_is_listed_twice() {
        for (index, need) in NEEDS.iter().enumerate() {
            let same =
                |other: &Need| other.program == need.program && other.package == need.package;
            assert!(
                !NEEDS[..index].iter().any(same),
                "{} of {}",
                need.program,
                need.package
            );
        }
    }

    #[test]
    fn a_missing_program_is_not_met() {
        assert!(!Need::new("no-such-program-here", "none", "nothing").is_met(Path::new(".")));
    }

    #[test]
    fn a_program_without_the_proof_is_not_met() {
        let shell = Need::new("sh", "dash", "nothing");
        assert!(shell.is_met(Path::new(".")));
        assert!(
            !shell
                .proven_by(&["-c", "echo one"], "two")
                .is_met(Path::new("."))
        );
        assert!(
            shell
                .proven_by(&["-c", "echo one"], "one")
                .is_met(Path::new("."))
        );
    }
}
