//! The command as a whole: exit status, standard output and standard error.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn towpath(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_towpath"));
    command.args(words).env("NO_COLOR", "1");
    for variable in [
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "ALL_PROXY",
        "HTTPS_PROXY",
        "COLUMNS",
    ] {
        command.env_remove(variable);
    }
    command
}

fn ran(words: &[&str]) -> Output {
    towpath(words)
        .output()
        .expect("the binary was built for this test")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the program prints UTF-8")
}

/// A server that answers every request alike, until the test ends.
fn answering(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = listener.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let Ok(reading) = stream.try_clone() else {
                continue;
            };
            let lines = BufReader::new(reading).lines().map_while(Result::ok);
            // Answers once the head has ended.
            if lines.take_while(|line| !line.is_empty()).count() > 0 {
                stream.write_all(answer.as_bytes()).ok();
            }
        }
    });
    format!("ws://{address}/socket")
}

const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

#[test]
fn usage_errors_leave_with_2_and_name_the_fix() {
    let check = |words: &[&str], says: &str| {
        let output = ran(words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(output.stdout.is_empty(), "{words:?}");
        let message = text(&output.stderr);
        assert!(message.contains(says), "{words:?}: {message}");
        assert!(!message.contains("panicked"), "{message}");
    };
    check(&["check"], "URL");
    check(&["check", "host.example/x"], "wss://host.example/x");
    check(&["check", "https://host.example/x"], "wss://host.example/x");
    check(&["check", "wss://host.example/#x"], "fragment");
    check(&["check", "wss://a:b@host.example/"], "-H");
    check(&["check", "ftp://host.example/"], "wss://");
    check(&["check", "--json", "host.example"], "wss://host.example");
    check(
        &[
            "check",
            "--cacert",
            "/nonexistent.pem",
            "wss://host.example/",
        ],
        "/nonexistent.pem",
    );
    check(
        &["check", "-H", "nonsense", "wss://host.example/"],
        "'Name: value'",
    );
    check(
        &["check", "--like", "/nonexistent", "wss://host.example/"],
        "/nonexistent",
    );
    check(
        &["check", "--compare", "/nonexistent", "/nonexistent"],
        "/nonexistent",
    );
    check(&["explain", "/nonexistent"], "/nonexistent");
    check(&["causes", "http-403"], "http-403-");
    check(&["lab", "no-such-fault"], "towpath lab");
}

#[test]
fn a_refused_handshake_is_a_fault() {
    let url = answering(FORBIDDEN);
    let output = ran(&["check", "--browser", "never", "--json", &url]);
    assert_eq!(output.status.code(), Some(1));
    let stdout = text(&output.stdout);
    let lines: Vec<Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("every line is JSON"))
        .collect();
    let (verdict, observations) = lines.split_last().unwrap();
    assert_eq!(verdict["type"], "verdict");
    assert_eq!(verdict["exit_status"], 1);
    assert!(!verdict["findings"].as_array().unwrap().is_empty());
    assert!(
        observations
            .iter()
            .all(|line| line["type"] == "observation")
    );
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
}

#[test]
fn a_reader_who_leaves_causes_no_panic() {
    let url = answering(FORBIDDEN);
    let mut child = towpath(&["check", "--browser", "never", "--json", &url])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut first).unwrap();
    drop(stdout);
    let mut errors = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut errors)
        .unwrap();
    assert!(
        child.wait().unwrap().code().is_some(),
        "it is not killed by a signal"
    );
    assert_eq!(errors, "");
}

#[test]
fn a_report_goes_through_save_explain_compare_and_har() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (report, har) = (path("report.json"), path("report.har"));
    let url = answering(FORBIDDEN);
    let output = ran(&[
        "check",
        "--browser",
        "never",
        "--save",
        &report,
        "--har",
        &har,
        &url,
    ]);
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stdout);
    assert!(told.contains("FAIL  handshake   403 Forbidden"), "{told}");
    assert!(
        told.lines().all(|line| line.chars().count() <= 80),
        "{told}"
    );

    let explained = ran(&["explain", &report]);
    assert_eq!(explained.status.code(), Some(1));
    assert_eq!(text(&explained.stdout), told);
    assert_eq!(ran(&["explain", &har]).status.code(), Some(1));
    let compared = ran(&["check", "--compare", &report, &report]);
    assert_eq!(compared.status.code(), Some(0));
    assert!(text(&compared.stdout).contains("neither network"));

    let whole = std::fs::read_to_string(&report).unwrap();
    std::fs::write(&report, &whole[..whole.len() / 2]).unwrap();
    let broken = ran(&["explain", &report]);
    assert_eq!(broken.status.code(), Some(2));
    assert!(text(&broken.stderr).contains("cut off"));
}

#[test]
fn the_demo_gives_three_right_verdicts() {
    let output = ran(&["demo", "--headless"]);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("offers subprotocol `graphql-ws`"), "{told}");
    assert!(told.contains("FAULT (certain)"), "{told}");
    assert!(
        told.trim_end().ends_with("3 of 3 verdicts are right."),
        "{told}"
    );
}

#[test]
fn secrets_are_printed_nowhere() {
    let url = answering(FORBIDDEN);
    for format in [&["--json"][..], &[]] {
        let words = [
            &[
                "check",
                "--browser",
                "never",
                "--token",
                "s3cr3t-t0ken",
                "-b",
                "id=s3cr3t-c00kie",
            ][..],
            format,
            &[&url],
        ];
        let output = ran(&words.concat());
        let all = text(&output.stdout) + &text(&output.stderr);
        assert!(!all.contains("s3cr3t"), "{all}");
    }
}

#[test]
fn help_and_completions_and_manual_are_there() {
    for words in [
        &["--help"][..],
        &["check", "--help"],
        &["explain", "--help"],
        &["lab", "--help"],
        &["completions", "bash"],
        &["completions", "zsh"],
        &["completions", "fish"],
        &["man"],
        &["causes"],
        &["causes", "http-403-subproto", "--json"],
        &["lab"],
        &["lab", "--json"],
    ] {
        let output = ran(words);
        assert_eq!(output.status.code(), Some(0), "{words:?}");
        assert!(!output.stdout.is_empty(), "{words:?}");
    }
    let help = text(&ran(&["check", "--help"]).stdout);
    for option in [
        "--header",
        "--proxy",
        "--noproxy",
        "--proxy-user",
        "--cacert",
        "--cert",
        "--key",
        "--resolve",
        "--max-time",
        "--connect-timeout",
        "--user-agent",
        "--cookie",
        "--ipv4",
        "--ipv6",
        "--browser",
        "--origin",
        "--subprotocol",
        "--page",
        "--token",
        "--token-in",
        "--send",
        "--expect",
        "--echo",
        "--idle",
        "--budget",
        "--json",
        "--har",
        "--save",
        "--compare",
        "--like",
        "--color",
    ] {
        assert!(help.contains(option), "{option} is not in the help");
    }
}

#[test]
fn manual_pages_are_written_to_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("man");
    let output = ran(&["man", "--out", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
    assert!(path.join("towpath-check.1").exists());
}
