use clap::CommandFactory as _;

use super::*;

mod packaging;

fn parsed(words: &[&str]) -> Result<towpath_check::Options, String> {
    let words = words.iter().map(OsString::from);
    let arguments = Arguments::try_parse_from(mended(words)).map_err(|error| error.to_string())?;
    match arguments.command {
        Command::Check(check) => Ok(check.options()),
        other => Err(format!("{other:?}")),
    }
}

#[test]
fn the_definitions_are_consistent() {
    Arguments::command().debug_assert();
}

#[test]
fn idle_does_not_swallow_the_address() {
    let check = |words: &[&str], idle_ms: Option<u64>| {
        let options = parsed(words).unwrap();
        assert_eq!(options.idle_ms, idle_ms, "{words:?}");
        assert_eq!(options.url, "wss://h/", "{words:?}");
    };
    check(&["towpath", "check", "wss://h/"], None);
    check(&["towpath", "check", "--idle", "wss://h/"], Some(120_000));
    check(
        &["towpath", "check", "--idle", "10", "wss://h/"],
        Some(10_000),
    );
    check(
        &["towpath", "check", "--idle=10s", "wss://h/"],
        Some(10_000),
    );
    check(
        &["towpath", "check", "wss://h/", "--idle", "5m"],
        Some(300_000),
    );
    check(&["towpath", "check", "wss://h/", "--idle"], Some(120_000));
    check(
        &["towpath", "check", "--idle", "--echo", "wss://h/"],
        Some(120_000),
    );
    assert!(parsed(&["towpath", "check", "wss://h/", "--idle", "soon"]).is_err());
}

#[test]
fn curls_names_are_understood() {
    let options = parsed(&[
        "towpath",
        "check",
        "-H",
        "A: b",
        "--header",
        "C: d",
        "-x",
        "http://p:1",
        "-U",
        "u:p",
        "--resolve",
        "h:443:127.0.0.1",
        "-m",
        "5",
        "-A",
        "agent",
        "-b",
        "a=b",
        "-4",
        "wss://h/",
    ])
    .unwrap();
    assert_eq!(options.headers, ["A: b", "C: d"]);
    assert_eq!(options.proxy.as_deref(), Some("http://p:1"));
    assert_eq!(options.max_time, Some(5.0));
    assert_eq!(options.budget, 25);
    assert_eq!(options.family, Some(towpath_check::options::Family::Ipv4));
}

#[test]
fn impossible_combinations_are_refused() {
    for words in [
        &["towpath", "check"][..],
        &["towpath", "check", "-4", "-6", "wss://h/"],
        &["towpath", "check", "--compare", "a", "b", "wss://h/"],
        &["towpath", "check", "--browser", "sometimes", "wss://h/"],
        &["towpath", "check", "--budget", "-1", "wss://h/"],
    ] {
        assert!(parsed(words).is_err(), "{words:?}");
    }
}

#[test]
fn where_to_listen_is_an_address_and_a_port() {
    assert!(listen_address("127.0.0.1:0").is_ok());
    assert!(listen_address("[::1]:9000").is_ok());
    let check = |given: &str, suggested: &str| {
        let problem = listen_address(given).unwrap_err();
        assert!(problem.ends_with(suggested), "{given}: {problem}");
    };
    check("9100", "127.0.0.1:9100");
    check(":9100", "127.0.0.1:9100");
    check("localhost:9100", "127.0.0.1:9100");
    check("127.0.0.1", "127.0.0.1:9000");
    check("", "127.0.0.1:9000");
}
