//! `towpath relay` as a process: beginning, mistakes, signals, asking, and what it may not say.

#![cfg(unix)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use tempfile::TempDir;

/// A folder with a configuration, and relays in it.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("there is room for a folder"))
    }

    /// Two channels of a server that is not there.
    fn configured() -> Self {
        let home = Self::new();
        home.write(&config("#a"));
        home
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("relay.toml")
    }

    fn write(&self, text: &str) {
        fs::write(self.file(), text).expect("there is room for a file");
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_towpath"));
        command
            .arg("relay")
            .args(words)
            .current_dir(self.0.path())
            .env("NO_COLOR", "1")
            .env("NO_PROXY", "*")
            .env("HOME", self.0.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn ran(&self, words: &[&str]) -> Output {
        let mut command = self.command(words);
        command
            .output()
            .expect("the binary was built for this test")
    }

    fn started(&self, words: &[&str]) -> Running {
        let mut command = self.command(words);
        let mut child = command.spawn().expect("the binary was built for this test");
        let lines = BufReader::new(child.stdout.take().expect("it is piped"));
        Running { child, lines }
    }
}

/// A relay at work; it ends with the test, however that ends.
struct Running {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Running {
    /// The first line from now on that has this part.
    fn line(&mut self, part: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.lines.read_line(&mut line).expect("lines are UTF-8");
            assert!(read > 0, "it ended before it said: {part}");
            if line.contains(part) {
                return line;
            }
        }
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status();
        assert!(sent.expect("there is kill").success());
    }

    /// Ends it; its status, the rest of its lines, its log.
    fn ended(mut self, signal: &str) -> (Option<i32>, String, String) {
        self.signal(signal);
        let (mut rest, mut log) = (String::new(), String::new());
        self.lines
            .read_to_string(&mut rest)
            .expect("lines are UTF-8");
        let stderr = self.child.stderr.as_mut().expect("it is piped");
        stderr.read_to_string(&mut log).expect("lines are UTF-8");
        (self.child.wait().expect("it ends").code(), rest, log)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended cannot be killed, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free() -> u16 {
    let place = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    place.local_addr().expect("it is bound").port()
}

fn config(room: &str) -> String {
    format!(
        "state = \"state/relay.sqlite\"\n[status]\nlisten = \"127.0.0.1:{}\"\n\
         [irc.a]\nserver = \"127.0.0.1:{}\"\ntls = false\npassword_file = \"irc.secret\"\n\
         [[link]]\nname = \"x\"\nmembers = [ {{ side = \"irc.a\", room = \"{room}\" }}, {{ side = \"irc.a\", room = \"#b\" }} ]\n",
        free(),
        free()
    )
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn secret(home: &Home) {
    use std::os::unix::fs::PermissionsExt as _;
    let path = home.0.path().join("irc.secret");
    fs::write(&path, "hush-hush\n").expect("there is room for a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("it is ours");
}

#[test]
fn a_first_configuration_is_written_once_and_can_be_used() {
    let home = Home::new();
    let first = home.ran(&["init"]);
    assert_eq!(first.status.code(), Some(0));
    assert!(text(&first.stdout).contains("relay.toml is written"));
    let again = home.ran(&["init"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(
        text(&again.stderr).contains("there already"),
        "{}",
        text(&again.stderr)
    );
    // It only lacks a relay that runs with it.
    let written = fs::read_to_string(home.file()).expect("it was written");
    let place = format!("[status]\nlisten = \"127.0.0.1:{}\"\n", free());
    home.write(&written.replacen("# [status]\n", &place, 1));
    let status = home.ran(&["status"]);
    assert_eq!(status.status.code(), Some(2));
    assert!(
        text(&status.stderr).contains("no relay answers"),
        "{}",
        text(&status.stderr)
    );
}

#[test]
fn the_profile_is_printed_as_it_is_used() {
    let home = Home::new();
    let profile = home.ran(&["profile"]);
    assert_eq!(profile.status.code(), Some(0));
    fs::write(home.0.path().join("kosmi.toml"), &profile.stdout).expect("there is room for a file");
    home.write("state = \"state/relay.sqlite\"\n[status]\nlisten = \"127.0.0.1:0\"\n[kosmi.a]\nprofile = \"kosmi.toml\"\n");
    let mut running = home.started(&[]);
    running.line("relaying: 0 sides, 0 links");
    running.line("kosmi.a is in no link");
    assert_eq!(running.ended("-TERM").0, Some(0));
}

#[test]
fn every_mistake_is_named_with_its_place_and_nothing_runs() {
    let home = Home::new();
    home.write("[irc.a]\nsever = \"x\"\n[status]\nlisten = 3\n");
    let refused = home.ran(&["--config", "relay.toml"]);
    assert_eq!(refused.status.code(), Some(2));
    let told = text(&refused.stderr);
    for part in [
        "relay.toml:2:1: irc.a.sever",
        "did you mean server?",
        "relay.toml:4:10: status.listen",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    assert!(!home.0.path().join("state").exists());
    let missing = home.ran(&["--config", "none.toml"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains("none.toml cannot be read"));
}

#[test]
fn a_relay_says_how_it_goes_reads_anew_and_ends() {
    let home = Home::configured();
    secret(&home);
    let mut running = home.started(&["--json", "--log", "debug"]);
    let started = running.line("\"type\":\"started\"");
    assert!(
        started.contains("\"status\":\"http://127.0.0.1:"),
        "{started}"
    );
    let side = running.line("\"type\":\"side\"");
    assert!(
        side.contains("\"side\":\"irc.a\"") && side.contains("\"state\":\"waiting\""),
        "{side}"
    );
    let status = home.ran(&["status", "--json"]);
    assert_eq!(status.status.code(), Some(1), "{}", text(&status.stderr));
    assert!(text(&status.stdout).contains("\"irc.a\""));
    // A file with a mistake leaves everything as it is.
    let good = fs::read_to_string(home.file()).expect("it is there");
    home.write(&good.replace("#a", "a"));
    running.signal("-HUP");
    let refused = running.line("\"type\":\"not-reloaded\"");
    assert!(refused.contains("link[0].members[0].room"), "{refused}");
    home.write(&good.replace("#a", "#c"));
    running.signal("-HUP");
    running.line("\"type\":\"reloaded\"");
    let status = home.ran(&["status"]);
    assert!(
        text(&status.stdout).contains("irc.a #c"),
        "{}",
        text(&status.stdout)
    );
    let other = home.ran(&["--config", "relay.toml"]);
    assert_eq!(other.status.code(), Some(2), "{}", text(&other.stdout));
    assert!(
        text(&other.stderr).contains("another relay"),
        "{}",
        text(&other.stderr)
    );
    let (code, rest, log) = running.ended("-TERM");
    assert_eq!(code, Some(0), "{log}");
    assert!(rest.contains("\"type\":\"ending\""), "{rest}");
    for told in [&rest, &log, &text(&status.stdout)] {
        assert!(!told.contains("hush-hush"), "{told}");
    }
}
