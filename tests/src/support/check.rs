//! One run of the command line under test, as a user would type it.

use std::env;
use std::ffi::OsStr;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{Namespace, Verdict};

/// A run of `towpath check --json` to be.
pub struct Check {
    command: Command,
    browser: &'static str,
}

impl Check {
    /// A check of this URL, with no proxy from the environment.
    ///
    /// The browser stays out: it has tests of its own, and only one fits on a core.
    pub fn of(url: &str) -> Self {
        Self::with(Command::new(binary()), url)
    }

    /// The same from inside a namespace.
    pub fn inside(namespace: &Namespace, url: &str) -> Self {
        Self::with(namespace.command(&binary().display().to_string()), url)
    }

    /// A check whose URL stands among the arguments to be given.
    pub fn bare() -> Self {
        Self::of_nothing(Command::new(binary()))
    }

    fn with(command: Command, url: &str) -> Self {
        Self::of_nothing(command).args([url])
    }

    fn of_nothing(mut command: Command) -> Self {
        for name in PROXY_VARIABLES {
            command.env_remove(name);
            command.env_remove(name.to_lowercase());
        }
        command.args(["check", "--json"]);
        Self {
            command,
            browser: "never",
        }
    }

    /// With a real browser where it would tell more.
    #[must_use]
    pub fn with_browser(mut self) -> Self {
        self.browser = "auto";
        self
    }

    /// With the browser's attempt as the only one.
    #[must_use]
    pub fn with_only_the_browser(mut self) -> Self {
        self.browser = "only";
        self
    }

    /// With further arguments.
    #[must_use]
    pub fn args<I: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = I>) -> Self {
        self.command.args(arguments);
        self
    }

    /// With arguments separated by spaces.
    #[must_use]
    pub fn words(self, arguments: &str) -> Self {
        self.args(arguments.split_whitespace())
    }

    /// With a variable in the environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it to its end, which must come in time.
    pub fn run(mut self) -> Verdict {
        self.command.args(["--browser", self.browser]);
        let shown = format!("{:?}", self.command);
        let began = Instant::now();
        let mut child = self
            .command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run {shown}: {error}"));
        let mut out = child.stdout.take().expect("it was just piped");
        let mut err = child.stderr.take().expect("it was just piped");
        let output = thread::spawn(move || {
            let mut text = String::new();
            out.read_to_string(&mut text).map(|_| text)
        });
        let errors = thread::spawn(move || {
            let mut text = String::new();
            err.read_to_string(&mut text).map(|_| text)
        });
        let status = loop {
            if let Some(status) = child.try_wait().expect("it is a child of this process") {
                break status;
            }
            if began.elapsed() > RUN_MAX {
                let _ = child.kill();
                panic!("{shown} was still running after {RUN_MAX:?}");
            }
            thread::sleep(Duration::from_millis(10));
        };
        let read = |handle: thread::JoinHandle<std::io::Result<String>>| {
            handle
                .join()
                .expect("reading does not panic")
                .expect("output is UTF-8")
        };
        Verdict::read(
            shown,
            status.code(),
            &read(output),
            read(errors),
            began.elapsed(),
        )
    }
}

/// The binary under test, which cargo puts beside the folder of the test programs.
pub fn binary() -> PathBuf {
    let here = env::current_exe().expect("a running test has a path");
    let folder = here
        .ancestors()
        .nth(2)
        .expect("test programs are two folders deep in the target folder");
    let path = folder.join("towpath");
    assert!(
        path.is_file(),
        "{} is missing. Run first: cargo build -p towpath",
        path.display()
    );
    path
}

const PROXY_VARIABLES: [&str; 6] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "WS_PROXY",
    "WSS_PROXY",
];

/// Longer than any check may take without `--idle`, and any that a test asks for with it.
const RUN_MAX: Duration = Duration::from_secs(75);
