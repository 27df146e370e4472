//! A browser that somebody uses already, with a debugging address.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use towpath_browser::find;

use crate::support::{header, read_head};

/// A running browser. Ends with the value.
pub(crate) struct Running {
    /// As users give it: `http://127.0.0.1:PORT`.
    pub(crate) address: String,
    child: Child,
    profile: PathBuf,
}

impl Running {
    /// Starts it with an empty profile.
    pub(crate) async fn start(name: &str) -> Self {
        let profile = std::env::temp_dir().join(format!("running-{name}-{}", std::process::id()));
        fs::create_dir_all(&profile).expect("profile");
        let program = find().expect("these tests need a real browser");
        let child = Command::new(program)
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
            ])
            .args(["--disable-dev-shm-usage", "--no-proxy-server"])
            .args(["--remote-debugging-port=0", "about:blank"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("start");
        let deadline = Instant::now() + Duration::from_mins(1);
        let file = profile.join("DevToolsActivePort");
        let port = loop {
            let text = fs::read_to_string(&file).unwrap_or_default();
            if let Some((port, _)) = text.split_once('\n') {
                break port.to_owned();
            }
            assert!(Instant::now() < deadline, "the browser did not start");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        Self {
            address: format!("http://127.0.0.1:{port}"),
            child,
            profile,
        }
    }
}

impl Running {
    /// The addresses of its open pages.
    pub(crate) async fn pages(&self) -> Vec<String> {
        let place = self.address.trim_start_matches("http://");
        let mut stream = TcpStream::connect(place).await.expect("connect");
        let request = format!("GET /json/list HTTP/1.1\r\nHost: {place}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("ask");
        let head = read_head(&mut stream).await.expect("head");
        let length = header(&head, "content-length").expect("length");
        let mut body = vec![0; length.parse().expect("number")];
        stream.read_exact(&mut body).await.expect("body");
        let targets: Vec<Value> = serde_json::from_slice(&body).expect("JSON");
        let pages = targets.iter().filter(|target| target["type"] == "page");
        pages
            .filter_map(|page| page["url"].as_str().map(str::to_owned))
            .collect()
    }
}

impl Running {
    /// Kills the processes that show its pages. Gives how many it found.
    pub(crate) fn kill_renderers(&self) -> usize {
        let renderers: Vec<u32> = processes()
            .filter(|pid| command_line(*pid).contains("--type=renderer"))
            .filter(|pid| is_below(*pid, self.child.id()))
            .collect();
        for pid in &renderers {
            let pid = pid.to_string();
            let _ = Command::new("kill").args(["-KILL", &pid]).status();
        }
        renderers.len()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // Its helpers may write for a moment longer.
        for _ in 0..20 {
            if fs::remove_dir_all(&self.profile).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").expect("these tests need Linux");
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

fn command_line(pid: u32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn is_below(pid: u32, ancestor: u32) -> bool {
    std::iter::successors(Some(pid), |pid| parent(*pid)).any(|pid| pid == ancestor)
}

/// The fourth field of `stat`; the second, in brackets, may hold blanks.
fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?
        .1
        .split_whitespace()
        .nth(1)?
        .parse()
        .ok()
}
