//! `towpath dial` as a process: usage, greeting, signals, and what it may not say.

#![cfg(unix)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

fn dial(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_towpath"));
    command
        .arg("dial")
        .args(words)
        .env("NO_COLOR", "1")
        .env("NO_PROXY", "*")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn ran(words: &[&str]) -> Output {
    dial(words)
        .output()
        .expect("the binary was built for this test")
}

/// A dial that listens, where, and what else it prints.
fn started(words: &[&str]) -> (Child, String, BufReader<ChildStdout>) {
    let mut child = dial(words)
        .spawn()
        .expect("the binary was built for this test");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut line = String::new();
    lines.read_line(&mut line).expect("it greets");
    let address = line
        .split("ws://")
        .nth(1)
        .and_then(|rest| rest.split('/').next());
    let address = address.expect("it says where").to_owned();
    (child, address, lines)
}

fn ended(mut child: Child, signal: &str) -> (Option<i32>, String) {
    let id = child.id().to_string();
    let sent = Command::new("kill").args([signal, &id]).status();
    assert!(sent.expect("there is kill").success());
    let mut log = String::new();
    let stderr = child.stderr.as_mut().expect("it is piped");
    stderr.read_to_string(&mut log).expect("lines are UTF-8");
    (child.wait().expect("it ends").code(), log)
}

/// The status of the answer to a handshake with these header lines.
fn asked(address: &str, target: &str, more: &str) -> String {
    let mut client = TcpStream::connect(address).expect("it listens");
    let patience = Some(Duration::from_secs(30));
    client
        .set_read_timeout(patience)
        .expect("a timeout is no zero");
    let request = format!(
        "GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n"
    );
    client.write_all(request.as_bytes()).expect("it reads");
    let mut answer = [0; 12];
    client.read_exact(&mut answer).expect("it answers");
    String::from_utf8_lossy(&answer[9..]).into_owned()
}

/// Refuses everything with a secret in its answer.
fn refusing() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 4096];
            if stream.read(&mut head).is_ok() {
                let refusal = "HTTP/1.1 403 No\r\nSet-Cookie: a=hush-set\r\nContent-Length: 9\r\n\r\nhush-body";
                stream.write_all(refusal.as_bytes()).ok();
            }
        }
    });
    address
}

#[test]
fn what_cannot_be_used_is_said_with_the_fix() {
    let check = |words: &[&str], says: &str| {
        let output = ran(words);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {told}");
        assert!(told.contains(says), "{words:?}: {told}");
        assert!(output.stdout.is_empty(), "{words:?}");
    };
    check(&[], "<URL>");
    check(&["https://h.example/"], "Try: wss://h.example/");
    check(&["h.example"], "Try: wss://h.example");
    let url = "ws://127.0.0.1:9/";
    check(&["--listen", "localhost:9100", url], "127.0.0.1:9100");
    check(&["--log", "inof", url], "info");
    check(&["--listen", "0.0.0.0:0", url], "--beyond-loopback");
    check(
        &["--listen", "0.0.0.0:0", "--beyond-loopback", url],
        "--access-token-file",
    );
    check(
        &["--allow-origin", "app.example.com", url],
        "https://app.example.com",
    );
    check(&["--via", "sometimes", url], "direct");
    check(&["--browser-memory", "much", url], "500M");
    check(
        &["--token-page", "https://app.example.com/", url],
        "--token-storage-key",
    );
    check(&["--token-cookie", "sid", url], "--token-page");
    let file = tempfile::NamedTempFile::new().expect("there is room for a file");
    fs::write(file.path(), "short").expect("it takes a word");
    let path = file.path().to_str().expect("its name is UTF-8");
    check(
        &["--access-token-file", path, url],
        "at least 20 characters",
    );
}

#[test]
fn a_signal_ends_it_with_status_0() {
    for signal in ["-TERM", "-INT"] {
        let (child, address, _lines) = started(&["--no-browser", "ws://127.0.0.1:9/"]);
        TcpStream::connect(&address).expect("it listens");
        let (status, log) = ended(child, signal);
        assert_eq!((status, log.as_str()), (Some(0), ""), "{signal}");
        assert!(TcpStream::connect(&address).is_err());
    }
}

#[test]
fn a_signal_ends_it_though_nobody_reads_what_it_prints() {
    let url = format!("ws://{}/", refusing());
    let (mut child, address, _lines) = started(&["--via", "direct", "--json", &url]);
    let long = format!("/{}", "x".repeat(30_000));
    // More than a pipe holds.
    for _ in 0..5 {
        assert_eq!(asked(&address, &long, ""), "403");
    }
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-TERM", &id]).status();
    assert!(sent.expect("there is kill").success());
    let since = Instant::now();
    let status = loop {
        let status = child.try_wait().expect("it is ours");
        if status.is_some() || since.elapsed() > Duration::from_mins(1) {
            break status;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    child.kill().expect("it is ours");
    assert_eq!(status.and_then(|status| status.code()), Some(0));
}

#[test]
fn nothing_that_it_prints_or_logs_shows_a_secret() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let file = folder.path().join("token");
    let url = format!("ws://{}/chat?token=hush-url", refusing());
    let path = file.to_str().expect("its name is UTF-8");
    let header = "X-Key: hush-header";
    let (child, address, mut lines) = started(&[
        "--via",
        "direct",
        "--json",
        "--log",
        "trace",
        "--access-token-file",
        path,
        "-H",
        header,
        &url,
    ]);
    let token = fs::read_to_string(&file).expect("it was made");
    let token = token.trim();
    let more = format!("Authorization: Bearer {token}\r\nCookie: a=hush-cookie\r\n");
    assert_eq!(asked(&address, "/", &more), "403");
    assert_eq!(asked(&address, "/room?token=hush-query", &more), "403");
    assert_eq!(
        asked(&address, "/", "Authorization: Bearer hush-token\r\n"),
        "401"
    );
    let (status, log) = ended(child, "-TERM");
    assert_eq!(status, Some(0), "{log}");
    let mut printed = String::new();
    lines.read_to_string(&mut printed).expect("lines are UTF-8");
    for line in printed.lines() {
        serde_json::from_str::<serde_json::Value>(line).expect("each line is JSON");
    }
    assert!(printed.contains(r#""type":"refused""#), "{printed}");
    assert!(printed.contains(r#""type":"denied""#), "{printed}");
    for text in [&printed, &log] {
        assert!(!text.contains("hush") && !text.contains(token), "{text}");
    }
}

#[test]
fn the_same_refusal_is_one_line() {
    let url = format!("ws://{}/chat", refusing());
    let (child, address, lines) = started(&["--via", "direct", &url]);
    for _ in 0..3 {
        assert_eq!(asked(&address, "/", ""), "403");
    }
    let (status, _) = ended(child, "-TERM");
    assert_eq!(status, Some(0));
    let printed: Vec<String> = lines.lines().map_while(Result::ok).collect();
    assert_eq!(printed.len(), 1, "{printed:?}");
    assert!(printed[0].starts_with("refused with 403: "), "{printed:?}");
}
