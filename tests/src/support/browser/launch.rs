//! The command lines and profiles of browsers.
//!
//! A profile trusts what it is told to and keeps the browser from talking to anybody by itself. Never touches the
//! profile or home of the user.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::super::{Folder, Namespace, Program};
use super::Kind;

/// A browser that was started, and the screen it draws on.
pub(super) struct Launched {
    pub(super) program: Program,
    pub(super) screen: Option<Program>,
}

/// How a browser reaches the world.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way<'a> {
    /// From this machine.
    Direct,
    /// From inside a namespace.
    Inside(&'a Namespace),
    /// Through a forward proxy on this loopback port, for TLS alone.
    Proxy(u16),
}

impl Way<'_> {
    fn proxy(self) -> Option<u16> {
        if let Self::Proxy(port) = self {
            Some(port)
        } else {
            None
        }
    }
}

/// Starts a browser with a fresh profile on a URL.
pub(super) fn start(kind: Kind, url: &str, roots: &[&Path], way: Way<'_>) -> Launched {
    let folder = Folder::new();
    let home = folder.path().join("home");
    fs::create_dir_all(&home).expect("the temporary folder is writable");
    let mut screen = None;
    let mut command = match kind {
        Kind::Chromium => chromium(&home, roots, way.proxy()),
        Kind::Firefox => firefox(&home, roots, way.proxy()),
        Kind::WebKit => {
            let (shown, number) = start_screen();
            screen = Some(shown);
            webkit(number)
        }
    };
    command.env("HOME", &home).arg(url);
    for variable in [
        "XDG_CONFIG_HOME",
        "XDG_CACHE_HOME",
        "XDG_DATA_HOME",
        "XDG_RUNTIME_DIR",
    ] {
        command.env_remove(variable);
    }
    if let Way::Inside(namespace) = way {
        command = moved(&command, namespace);
    }
    Launched {
        program: Program::start(folder, &mut command),
        screen,
    }
}

/// A screen, and the number that it took.
fn start_screen() -> (Program, u32) {
    let arguments = [
        "-displayfd",
        "1",
        "-screen",
        "0",
        "800x600x24",
        "-nolisten",
        "tcp",
    ];
    let screen = Program::start(Folder::new(), Command::new("Xvfb").args(arguments));
    let began = Instant::now();
    loop {
        // It complains of numbers that are taken before it names the one it took.
        let output = screen.output();
        if let Some(number) = output.lines().find_map(|line| line.trim().parse().ok()) {
            return (screen, number);
        }
        assert!(began.elapsed() < SCREEN_TIME_MAX, "no screen:\n{output}");
        sleep(Duration::from_millis(20));
    }
}

/// The same command inside a namespace.
fn moved(command: &Command, namespace: &Namespace) -> Command {
    let mut moved = namespace.command(&command.get_program().to_string_lossy());
    moved.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => moved.env(name, value),
            None => moved.env_remove(name),
        };
    }
    moved
}

fn chromium(home: &Path, roots: &[&Path], proxy: Option<u16>) -> Command {
    trust(&home.join(".pki/nssdb"), roots);
    let mut command = Command::new("chromium");
    if let Some(port) = proxy {
        command.arg(format!("--proxy-server=https=127.0.0.1:{port}"));
        command.arg("--proxy-bypass-list=<-loopback>");
    } else {
        command.arg("--no-proxy-server");
    }
    command.args(CHROMIUM_FLAGS).arg(format!(
        "--user-data-dir={}",
        home.join("profile").display()
    ));
    command
}

fn firefox(home: &Path, roots: &[&Path], proxy: Option<u16>) -> Command {
    let profile = home.join("profile");
    trust(&profile, roots);
    let mut settings: Vec<String> = FIREFOX_SETTINGS
        .iter()
        .map(|(name, value)| format!("user_pref(\"{name}\", {value});\n"))
        .collect();
    // What is said last counts.
    if let Some(port) = proxy {
        settings.push(format!(
            "user_pref(\"network.proxy.type\", 1);\nuser_pref(\"network.proxy.ssl\", \"127.0.0.1\");\n\
             user_pref(\"network.proxy.ssl_port\", {port});\n\
             user_pref(\"network.proxy.allow_hijacking_localhost\", true);\n"
        ));
    }
    fs::write(profile.join("user.js"), settings.concat())
        .expect("the temporary folder is writable");
    let mut command = Command::new("firefox-esr");
    command
        .args(["--headless", "--no-remote", "--profile"])
        .arg(profile);
    command
}

fn webkit(display: u32) -> Command {
    let mut command = Command::new(mini_browser());
    command
        .arg("--ignore-tls-errors")
        .env("DISPLAY", format!(":{display}"))
        // There is no graphics card and nobody to describe the page to.
        .env("LIBGL_ALWAYS_SOFTWARE", "1")
        .env("NO_AT_BRIDGE", "1");
    command
}

/// `MiniBrowser` belongs to the library and is on no search path.
fn mini_browser() -> PathBuf {
    let below = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    };
    below(Path::new("/usr/lib"))
        .iter()
        .flat_map(|folder| below(folder))
        .filter(|folder| folder.to_string_lossy().contains("/webkit2gtk-"))
        .map(|folder| folder.join("MiniBrowser"))
        .find(|program| program.is_file())
        .expect("MiniBrowser is there. Run: cargo xtask install")
}

/// Makes an NSS database that trusts these roots.
fn trust(database: &Path, roots: &[&Path]) {
    fs::create_dir_all(database).expect("the temporary folder is writable");
    let place = format!("sql:{}", database.display());
    certutil(&["-N", "-d", &place, "--empty-password"]);
    for (index, root) in roots.iter().enumerate() {
        let (nickname, file) = (format!("test-{index}"), root.display().to_string());
        certutil(&[
            "-A", "-d", &place, "-n", &nickname, "-t", "C,,", "-i", &file,
        ]);
    }
}

fn certutil(arguments: &[&str]) {
    let output = Command::new("certutil")
        .args(arguments)
        .output()
        .expect("certutil is there. Run: cargo xtask install");
    assert!(
        output.status.success(),
        "certutil {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// How long a screen may take to be there.
const SCREEN_TIME_MAX: Duration = Duration::from_secs(30);

const CHROMIUM_FLAGS: &[&str] = &[
    "--headless=new",
    // Tests run as root in containers, where the sandbox cannot work.
    "--no-sandbox",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-quic",
    "--disable-gpu",
    // Small shared memory is common in containers and crashes renderers.
    "--disable-dev-shm-usage",
    "--password-store=basic",
    "--use-mock-keychain",
    "--mute-audio",
];

const FIREFOX_SETTINGS: &[(&str, &str)] = &[
    ("app.normandy.enabled", "false"),
    ("app.update.enabled", "false"),
    ("browser.aboutwelcome.enabled", "false"),
    ("browser.safebrowsing.blockedURIs.enabled", "false"),
    ("browser.safebrowsing.downloads.enabled", "false"),
    ("browser.safebrowsing.malware.enabled", "false"),
    ("browser.safebrowsing.phishing.enabled", "false"),
    ("browser.sessionstore.resume_from_crash", "false"),
    ("browser.shell.checkDefaultBrowser", "false"),
    ("browser.startup.homepage_override.mstone", "\"ignore\""),
    ("browser.tabs.warnOnClose", "false"),
    ("datareporting.policy.dataSubmissionEnabled", "false"),
    (
        "datareporting.policy.dataSubmissionPolicyBypassNotification",
        "true",
    ),
    ("extensions.systemAddon.update.enabled", "false"),
    ("network.captive-portal-service.enabled", "false"),
    ("network.connectivity-service.enabled", "false"),
    ("network.dns.disablePrefetch", "true"),
    ("network.prefetch-next", "false"),
    ("network.proxy.type", "0"),
    ("services.settings.server", "\"data:,\""),
    ("signon.rememberSignons", "false"),
    ("toolkit.telemetry.enabled", "false"),
    ("toolkit.telemetry.unified", "false"),
];
