//! `towpath serve` as a process: settings, signals, and what its log may not say.

#![cfg(unix)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

fn serve(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_towpath"));
    command
        .arg("serve")
        .args(words)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn ran(folder: &Path, words: &[&str]) -> Output {
    serve(folder, words)
        .output()
        .expect("the binary was built for this test")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the program prints UTF-8")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("there is room for a folder")
}

/// A gateway that listens, and where.
fn started(folder: &Path, words: &[&str]) -> (Child, SocketAddr) {
    let words = [&["--listen", "127.0.0.1:0"], words].concat();
    let mut child = serve(folder, &words)
        .spawn()
        .expect("the binary was built for this test");
    let stdout = child.stdout.as_mut().expect("it is piped");
    let mut line = String::new();
    BufReader::new(stdout)
        .read_line(&mut line)
        .expect("it greets");
    let address = line.strip_prefix("listening on ").expect("it says where");
    let address = address.trim().parse().expect("it is an address");
    (child, address)
}

fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    let sent = Command::new("kill").args([name, &id]).status();
    assert!(sent.expect("there is kill").success());
}

#[test]
fn settings_are_checked_before_anything_is_opened() {
    let folder = folder();
    let check = |settings: &str, words: &[&str], status: i32, says: &str| {
        let file = folder.path().join("towpath.toml");
        fs::write(file, settings).expect("the folder takes a file");
        let output = ran(folder.path(), words);
        let told = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{told}");
        assert_eq!(told, says);
    };
    let only = ["--check-config"];
    check("", &only, 0, "the settings are good\n");
    check(
        "[limits]\nsesions = 1\n",
        &only,
        2,
        "towpath: towpath.toml:2: limits.sesions: there is no such option; did you mean limits.sessions?\n",
    );
    check(
        "[tls]\ncertificate = \"a.pem\"\nkey = \"b.pem\"\n",
        &only,
        2,
        "towpath: cannot use a.pem: I/O error: No such file or directory (os error 2)\n",
    );
    // Without --check-config a wrong file stops the start in the same way.
    check(
        "listen = []\n",
        &[],
        2,
        "towpath: towpath.toml:1: listen: nothing to listen on; write for example [\"127.0.0.1:8080\"]\n",
    );
    let taken = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let says =
        format!("towpath: cannot listen on {address}: Address already in use (os error 98)\n");
    if cfg!(target_os = "linux") {
        check("", &["--listen", &address], 2, &says);
    }
}

#[test]
fn a_signal_ends_it_with_status_0() {
    let folder = folder();
    for name in ["-TERM", "-INT"] {
        let (mut child, address) = started(folder.path(), &["--upstream", "ws://127.0.0.1:1"]);
        TcpStream::connect(address).expect("it listens");
        signal(&child, name);
        let status = child.wait().expect("it ends");
        assert_eq!(status.code(), Some(0), "{name}");
        assert!(TcpStream::connect(address).is_err());
    }
}

#[test]
fn no_level_of_the_log_shows_a_secret() {
    let folder = folder();
    let backend = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let upstream = format!("ws://{}", backend.local_addr().expect("it is bound"));
    std::thread::spawn(move || {
        for mut stream in backend.incoming().flatten() {
            let mut head = [0; 4096];
            if stream.read(&mut head).is_ok() {
                let refusal = "HTTP/1.1 403 No\r\nSet-Cookie: a=hush-set\r\nContent-Length: 9\r\n\r\nhush-body";
                stream.write_all(refusal.as_bytes()).ok();
            }
        }
    });
    let settings = "drain_seconds = 1\n[log]\nlevel = \"trace\"\nformat = \"json\"\n";
    fs::write(folder.path().join("towpath.toml"), settings).expect("the folder takes a file");
    let (mut child, address) = started(folder.path(), &["--upstream", &upstream]);
    let websocket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let secrets = "Host: h\r\nCookie: a=hush-cookie\r\nAuthorization: Bearer hush-token\r\n";
    for more in [
        websocket,
        "",
        "Origin: https://evil.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n",
    ] {
        let mut client = TcpStream::connect(address).expect("it listens");
        let request = format!("GET /chat?token=hush-query HTTP/1.1\r\n{secrets}{more}\r\n");
        client.write_all(request.as_bytes()).expect("it reads");
        let patience = Some(Duration::from_secs(30));
        client
            .set_read_timeout(patience)
            .expect("a timeout is no zero");
        let mut answer = [0; 12];
        client.read_exact(&mut answer).expect("it answers");
        assert_eq!(&answer, b"HTTP/1.1 403");
    }
    signal(&child, "-TERM");
    let mut log = String::new();
    let stderr = child.stderr.as_mut().expect("it is piped");
    stderr.read_to_string(&mut log).expect("lines are UTF-8");
    child.wait().expect("it ends");
    assert!(log.contains("Origin refused"), "{log}");
    for line in log.lines() {
        serde_json::from_str::<serde_json::Value>(line).expect("each line is JSON");
        assert!(!line.contains("hush"), "{line}");
    }
}
