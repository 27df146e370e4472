//! Programs that the tests run, and the Debian packages that hold them.
//!
//! A program that is there counts, wherever it came from; packages are only the way to get a missing one.

use super::{Change, services};
use crate::process::{command, find, must_succeed, quiet};
use anyhow::{Result, bail};
use std::path::Path;

/// Installs the packages of all missing programs with `apt-get`.
pub(super) fn run(root: &Path) -> Result<Change> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !need.is_met(root)).collect();
    if missing.is_empty() {
        return Ok(Change::None);
    }
    println!("install: these Debian packages hold programs that are missing:");
    for need in &missing {
        println!("  {:<26} {}", need.package, need.what_for);
    }
    let packages = packages(&missing);
    if find("apt-get").is_none() {
        bail!(
            "there is no apt-get here. Install by hand the programs that these Debian packages hold: {packages}"
        );
    }
    if !is_root(root) {
        bail!(
            "installing packages needs root. Run this, then try again:\n\n  sudo apt-get install -y --no-install-recommends {packages}\n"
        );
    }
    println!("install: getting them with apt-get; no service will be started");
    let asleep = services::keep_asleep()?;
    apt(root, &["update", "-q"])?;
    let mut arguments = vec![
        "install",
        "-y",
        "-q",
        "--no-install-recommends",
        "-o",
        "Dpkg::Use-Pty=0",
    ];
    arguments.extend(packages.split(' '));
    apt(root, &arguments)?;
    drop(asleep);
    services::disable(
        root,
        &missing
            .iter()
            .filter_map(|need| need.service)
            .collect::<Vec<_>>(),
    );
    let still: Vec<&Need> = missing
        .into_iter()
        .filter(|need| !need.is_met(root))
        .collect();
    if !still.is_empty() {
        bail!(
            "the packages were installed, but these programs still do not work as needed: {}",
            programs(&still)
        );
    }
    Ok(Change::Installed)
}

/// One program of [`NEEDS`].
#[derive(Debug, Clone, Copy)]
struct Need {
    program: &'static str,
    package: &'static str,
    what_for: &'static str,
    /// Arguments and a word that its output must hold, where the mere file is not proof enough.
    proof: Option<(&'static [&'static str], &'static str)>,
    /// The service that the package brings along and that must not start by itself.
    service: Option<&'static str>,
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

    fn is_met(&self, root: &Path) -> bool {
        let Some(path) = find(self.program) else {
            return false;
        };
        let Some((arguments, word)) = self.proof else {
            return true;
        };
        quiet(&mut command(path, arguments, root)).is_some_and(|text| text.contains(word))
    }
}

fn packages(needs: &[&Need]) -> String {
    needs
        .iter()
        .map(|need| need.package)
        .collect::<Vec<_>>()
        .join(" ")
}

fn programs(needs: &[&Need]) -> String {
    needs
        .iter()
        .map(|need| need.program)
        .collect::<Vec<_>>()
        .join(", ")
}

fn is_root(root: &Path) -> bool {
    quiet(&mut command("id", &["-u"], root)).is_some_and(|text| text.trim() == "0")
}

fn apt(root: &Path, arguments: &[&str]) -> Result<()> {
    must_succeed(command("apt-get", arguments, root).env("DEBIAN_FRONTEND", "noninteractive"))
}

const NEEDS: [Need; 20] = [
    Need::new(
        "cc",
        "gcc",
        "linker, and builds the C parts of OpenSSL and AWS-LC",
    ),
    Need::new("make", "make", "builds OpenSSL"),
    Need::new("perl", "perl", "configures OpenSSL"),
    Need::new("python3", "python3-venv", "installs the checkers")
        .proven_by(&["-c", "import ensurepip; print('ok')"], "ok"),
    Need::new("node", "nodejs", "runs the test servers of tests/npm"),
    Need::new("npm", "npm", "installs the test servers of tests/npm"),
    Need::new(
        "openssl",
        "openssl",
        "a TLS server and client that nobody here wrote",
    ),
    Need::new("nginx", "nginx", "reverse proxy under test").with_service("nginx"),
    Need::new("haproxy", "haproxy", "reverse proxy under test").with_service("haproxy"),
    Need::new("apache2", "apache2-bin", "reverse proxy under test"),
    Need::new("varnishd", "varnish", "reverse proxy under test").with_service("varnish"),
    Need::new(
        "squid",
        "squid-openssl",
        "forward and inspecting proxy under test",
    )
    .proven_by(&["-v"], "--with-openssl")
    .with_service("squid"),
    Need::new(
        "mitmdump",
        "mitmproxy",
        "inspecting proxy that passes WebSockets",
    ),
    Need::new("tinyproxy", "tinyproxy-bin", "forward proxy under test"),
    Need::new("danted", "dante-server", "SOCKS5 proxy under test").with_service("danted"),
    Need::new("dnsmasq", "dnsmasq-base", "resolver under test"),
    Need::new("ip", "iproute2", "makes network namespaces"),
    Need::new(
        "nft",
        "nftables",
        "drops and resets packets inside a network namespace",
    )
    .with_service("nftables"),
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
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_program_is_listed_twice() {
        for (index, need) in NEEDS.iter().enumerate() {
            assert!(
                NEEDS[..index]
                    .iter()
                    .all(|other| other.program != need.program),
                "{}",
                need.program
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
