use super::*;
use crate::config::{documentation, example};

fn refused(text: &str) -> String {
    from_text(text)
        .expect_err("these settings are wrong")
        .to_string()
}

#[test]
fn the_example_is_the_default() {
    let read = from_text(&example()).unwrap();
    let default = Settings::default();
    assert_eq!(
        serde_json::to_value(read).unwrap(),
        serde_json::to_value(default).unwrap()
    );
}

#[test]
fn every_option_is_in_the_table_and_every_row_is_an_option() {
    // With what has no default filled in, so that its keys are there too.
    let filled = example().replace("# [", "[").replace("\n# ", "\n");
    let read = from_text(&filled).unwrap();
    let table = toml::Table::try_from(read).unwrap();
    let mut keys = Vec::new();
    for (name, value) in &table {
        match value {
            toml::Value::Table(inner) => {
                keys.extend(inner.keys().map(|key| format!("{name}.{key}")));
            }
            _ => keys.push(name.clone()),
        }
    }
    keys.sort();
    let mut rows: Vec<&str> = OPTIONS.iter().map(|option| option.key).collect();
    rows.sort_unstable();
    assert_eq!(keys, rows);
}

#[test]
fn the_documentation_is_current() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/towpath.toml.md");
    if std::env::var_os("TOWPATH_WRITE_DOCS").is_some() {
        std::fs::write(&file, documentation()).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(
        written,
        documentation(),
        "TOWPATH_WRITE_DOCS=1 cargo test -p towpath-serve documentation writes it"
    );
}

#[test]
fn mistakes_are_told_with_line_and_way_out() {
    for (text, expected) in [
        (
            "[upstream]\nurl = \"ws://h:1\"\n\n[limits]\nsesions = 3\n",
            "line 5: limits.sesions: there is no such option; did you mean limits.sessions?",
        ),
        (
            "listn = []",
            "line 1: listn: there is no such option; did you mean listen?",
        ),
        (
            "[limit]\nsessions = 3",
            "line 2: limit.sessions: there is no such option; did you mean limits.sessions?",
        ),
        (
            "\n[limits]\nsessions = \"many\"",
            "line 3: limits.sessions: invalid type: string \"many\", expected usize",
        ),
        (
            "[limits]\nhandshake_seconds = -1",
            "line 2: limits.handshake_seconds: invalid value: integer `-1`, expected a number of seconds from 0 to a year",
        ),
        (
            "listen = [\n  \"127.0.0.1\",\n]",
            "line 2: listen[0]: invalid socket address syntax",
        ),
        (
            "[upstream]\nurl = \"127.0.0.1:4000\"",
            "line 2: upstream.url: \"127.0.0.1:4000\" is no upstream: relative URL without a base; write for example ws://127.0.0.1:4000",
        ),
        (
            "[upstream]\nurl = \"ftp://h\"",
            "line 2: upstream.url: \"ftp://h\" is no upstream: the scheme must be ws, wss, http or https; write for example ws://127.0.0.1:4000",
        ),
        (
            "[origins]\nallow = [\"*\"]",
            "line 2: origins.allow[0]: \"*\" is no origin: every page of the Web would be let in; write for example https://app.example.com or https://*.example.com",
        ),
        (
            "[network]\nproxy_protocol = true\n",
            "line 2: network.proxy_protocol: anybody could claim any address; name the load balancers in network.proxy_protocol_from",
        ),
        (
            "[network]\nproxy_protocol_from = [\"10.0.0.0/33\"]\n",
            "line 2: network.proxy_protocol_from[0]: \"10.0.0.0/33\" is no address range; write for example 10.0.0.0/8 or ::1",
        ),
        (
            "[sessions]\ntransports = [\"pigeon\"]",
            "line 2: sessions.transports[0]: unknown variant `pigeon`, expected one of `websocket`, `stream`, `sse`, `poll`",
        ),
        (
            "[tls]\ncertificate = \"chain.pem\"",
            "line 1: tls: missing field `key`",
        ),
        (
            "[limits]\nheader_bytes = 10",
            "line 2: limits.header_bytes: 10 is too few to work with; write at least 8192",
        ),
        (
            "[log]\nlevel = \"lou=d=er\"",
            "line 2: log.level: no such level or filter; write error, warn, info, debug or trace",
        ),
    ] {
        assert_eq!(refused(text), expected, "{text}");
    }
    assert!(refused("a = [").starts_with("line 1: this is no TOML: "));
}

#[test]
fn a_file_is_named() {
    let missing = Path::new("no-such-folder/towpath.toml");
    let told = from_file(missing).unwrap_err().to_string();
    assert!(
        told.starts_with("no-such-folder/towpath.toml: cannot be read: "),
        "{told}"
    );
}
