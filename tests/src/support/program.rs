//! A real program that runs for as long as a test needs it.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{Folder, Namespace};

/// A running program with its folder. Dropping it ends the program.
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    folder: Folder,
}

impl Program {
    /// Starts `command` with output into a file of `folder`.
    ///
    /// The program dies with this process, however that ends.
    pub fn start(folder: Folder, command: &mut Command) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let output =
            File::create(folder.path().join(OUTPUT)).expect("the temporary folder is writable");
        let errors = output.try_clone().expect("a file can be shared");
        let child = mortal(command)
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("cannot start {name}: {error}. Run: cargo xtask install")
            });
        Self {
            name,
            child,
            folder,
        }
    }

    /// Waits until something listens on a loopback port.
    #[must_use]
    pub fn listening(self, port: u16) -> Self {
        self.listening_at(SocketAddr::from(([127, 0, 0, 1], port)))
    }

    /// Waits until something listens at an address.
    #[must_use]
    pub fn listening_at(self, address: SocketAddr) -> Self {
        self.until(&format!("nothing listens at {address}"), || {
            TcpStream::connect_timeout(&address, PATIENCE).is_ok()
        })
    }

    /// Waits until something listens on a TCP port inside a namespace.
    #[must_use]
    pub fn listening_in(self, namespace: &Namespace, port: u16) -> Self {
        self.until(
            &format!("nothing listens on port {port} in the namespace"),
            || namespace.listens(port),
        )
    }

    /// Waits until the program has printed this.
    #[must_use]
    pub fn saying(self, words: &str) -> Self {
        let output = self.output_path();
        self.until(&format!("it did not say {words:?}"), || {
            fs::read(&output).is_ok_and(|text| String::from_utf8_lossy(&text).contains(words))
        })
    }

    /// Bytes of memory that it holds, without its children.
    pub fn resident_bytes(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(path).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        kibibytes
            .and_then(|number| number.parse::<u64>().ok())
            .map_or(0, |number| number * 1024)
    }

    /// Its number among the processes.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as the system does when memory runs out, and waits until it is gone.
    pub fn kill(&mut self) {
        // It may have ended by itself, which comes to the same.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends it a signal, such as `HUP`.
    pub fn signal(&self, name: &str) {
        signal(name, self.child.id());
    }

    /// Waits until it has ended by itself, and tells whether it said that all was well.
    pub fn ended(&mut self) -> bool {
        let began = Instant::now();
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status.success();
            }
            assert!(
                began.elapsed() < PATIENCE,
                "{} did not end:\n{}",
                self.name,
                self.output()
            );
            thread::sleep(BEAT);
        }
    }

    /// What it has printed so far.
    pub fn output(&self) -> String {
        let bytes = fs::read(self.output_path()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Its folder, which also holds its settings.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn output_path(&self) -> PathBuf {
        self.folder.path().join(OUTPUT)
    }

    fn until(mut self, complaint: &str, holds: impl Fn() -> bool) -> Self {
        let began = Instant::now();
        loop {
            if holds() {
                return self;
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("{} ended with {status}:\n{}", self.name, self.output());
            }
            assert!(
                began.elapsed() < PATIENCE,
                "{}: {complaint} after {PATIENCE:?}:\n{}",
                self.name,
                self.output()
            );
            thread::sleep(BEAT);
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Servers with children of their own end these only when asked kindly.
        signal("TERM", self.child.id());
        let began = Instant::now();
        while began.elapsed() < GRACE {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(BEAT);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The same command, killed by the system when this process dies.
fn mortal(command: &Command) -> Command {
    let mut wrapped = Command::new("setpriv");
    wrapped.args(["--pdeathsig", "KILL", "--"]);
    wrapped.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => wrapped.env(name, value),
            None => wrapped.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        wrapped.current_dir(folder);
    }
    let path = std::env::var("PATH").unwrap_or_default();
    wrapped.env("PATH", format!("{path}:/usr/sbin:/sbin"));
    wrapped
}

fn signal(name: &str, process: u32) {
    // The process may be gone already, which is what is wanted.
    let _ = Command::new("kill")
        .args([format!("-{name}"), process.to_string()])
        .stderr(Stdio::null())
        .status();
}

const OUTPUT: &str = "output.log";
/// How long a program may take to start. Squid makes a key and a cache first, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
const GRACE: Duration = Duration::from_secs(3);
const BEAT: Duration = Duration::from_millis(20);
