use std::fs;
use std::path::Path;

use super::*;

/// Writes a configuration that only its owner can read.
fn written(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("relay.toml");
    fs::write(&path, text).unwrap();
    mode(&path, 0o600);
    path
}

#[cfg(unix)]
fn mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn mode(_: &Path, _: u32) {}

fn refused(text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    match from_file(&written(folder.path(), text)) {
        Err(ConfigError::Mistakes { mistakes, .. }) => {
            mistakes.iter().map(ToString::to_string).collect()
        }
        other => panic!("{text}\n{other:?}"),
    }
}

fn taken(text: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    from_file(&written(folder.path(), text)).unwrap()
}

const TWO: &str = "[irc.a]\nserver = \"a.example\"\n[irc.b]\nserver = \"b.example\"\n";

#[test]
fn all_mistakes_are_told_at_once_each_with_its_place() {
    let text = "\
[stauts]
[irc.a]
sever = \"irc.example\"
nick = \"two words\"
tls = \"yes\"

[kosmi.b]
login = \"magic\"
via = \"pigeon\"
times = { silence = \"90\", ping = 25 }

[[link]]
format = \"{text}\"
members = [ { side = \"irc.a\", room = \"lounge\" }, { side = \"irc.x\", room = \"#a\", format = \"{nik}\" } ]
";
    let mistakes = refused(text);
    let expected = [
        "1:2: stauts: there is no such setting; did you mean status?",
        "2:6: irc.a: server is missing; write for example server = \"irc.libera.chat:6697\"",
        "3:1: irc.a.sever: there is no such setting; did you mean server?",
        "4:8: irc.a.nick: write one word",
        "5:7: irc.a.tls: write true or false, without quotes",
        "8:9: kosmi.b.login: \"magic\" is none of \"anonymous\", \"token\", \"page\"",
        "9:7: kosmi.b.via: \"pigeon\" is none of \"auto\", \"direct\", \"proxy\", \"gateway\", \"browser\"",
    ];
    for expected in expected {
        assert!(
            mistakes.iter().any(|told| told == expected),
            "{expected}\n{mistakes:#?}"
        );
    }
    for (place, part) in [
        ("10:", "\"90\" is no time such as"),
        ("10:", "a time has a unit and stands between quotes"),
        ("12:", "link[0].name: give the link a name"),
        (
            "13:",
            "link[0].format: there is no such setting; there are name, members; format belongs into the braces of one of its members",
        ),
        ("14:", "link[0].members[1].side: there is no side \"irc.x\""),
        ("14:", "`{nik}` is not known here; known are {nick}"),
    ] {
        let is_told = |told: &String| told.starts_with(place) && told.contains(part);
        assert!(
            mistakes.iter().any(is_told),
            "{place} {part}\n{mistakes:#?}"
        );
    }
}

#[test]
fn links_are_judged_as_a_whole() {
    let link = |members: &str| format!("{TWO}[[link]]\nname = \"x\"\nmembers = [ {members} ]\n");
    for (members, part) in [
        ("{ side = \"irc.a\", room = \"#a\" }", "needs two members"),
        (
            "{ side = \"irc.a\", room = \"#a\" }, { side = \"irc.a\", room = \"#a\" }",
            "in this link twice",
        ),
        (
            "{ side = \"irc.a\", room = \"#a\" }, { side = \"irc.a\", room = \"#A\" }",
            "in this link twice",
        ),
        (
            "{ side = \"irc.a\", room = \"a\" }, { side = \"irc.b\", room = \"#b\" }",
            "write \"#a\"",
        ),
        (
            "{ side = \"irc.a\", room = \"\" }, { side = \"irc.b\", room = \"#b\" }",
            "name the room",
        ),
        (
            "{ side = \"irc.q\", room = \"#a\" }, { side = \"irc.b\", room = \"#b\" }",
            "did you mean",
        ),
        (
            "{ side = \"irc.a\", room = \"#a\", direction = \"write\" }, { side = \"irc.b\", room = \"#b\", direction = \"write\" }",
            "nothing is read",
        ),
        (
            "{ side = \"irc.a\", room = \"#a\", direction = \"read\" }, { side = \"irc.b\", room = \"#b\", direction = \"read\" }",
            "none of them is told",
        ),
        (
            "{ side = \"irc.a\", room = \"#a\", age_max = \"0 s\" }, { side = \"irc.b\", room = \"#b\" }",
            "out of bounds",
        ),
        (
            "{ side = \"irc.a\", room = \"#a\", queue_max = 0 }, { side = \"irc.b\", room = \"#b\" }",
            "from 1 to",
        ),
    ] {
        let told = refused(&link(members)).join("\n");
        assert!(told.contains(part), "{part}\n{told}");
    }
    let spelt = format!(
        "{TWO}[[link]]\nname = \"x\"\nmembers = [ {both} ]\n[[link]]\nname = \"y\"\nmembers = [ {other} ]\n",
        both = "{ side = \"irc.a\", room = \"#a\" }, { side = \"irc.b\", room = \"#a\" }",
        other = "{ side = \"irc.a\", room = \"#A\" }, { side = \"irc.b\", room = \"#b\" }",
    );
    assert!(
        refused(&spelt)
            .iter()
            .any(|told| told.contains("#A and #a are one channel"))
    );
    let twice = format!(
        "{0}{1}",
        link("{ side = \"irc.a\", room = \"#a\" }, { side = \"irc.b\", room = \"#b\" }"),
        "[[link]]\nname = \"x\"\nmembers = [ { side = \"irc.a\", room = \"#c\" }, { side = \"irc.b\", room = \"#c\" } ]\n"
    );
    assert!(
        refused(&twice)
            .join("\n")
            .contains("there is a link \"x\" already")
    );
}

#[test]
fn what_is_said_nearest_counts() {
    let config = taken(&format!(
        "[delivery]\nage_max = \"1 h\"\nuncertain = \"drop\"\n[formats]\ntext = \"A {{text}}\"\naction = \"A {{text}}\"\n{TWO}\
         [irc.b.formats]\ntext = \"B {{text}}\"\n[[link]]\nname = \"x\"\nmembers = [\n\
         {{ side = \"irc.a\", room = \"#a\", age_max = \"2 h\", ignore = [\"bot\"] }},\n\
         {{ side = \"irc.b\", room = \"#b\", uncertain = \"repeat\" }},\n\
         {{ side = \"irc.b\", room = \"#c\", format = \"C {{text}}\" }} ]\n"
    ));
    let [a, b, c] = &config.plan.links[0].members[..] else {
        panic!("{:?}", config.plan.links);
    };
    assert_eq!(a.age_max.as_secs(), 7200);
    assert_eq!(b.age_max.as_secs(), 3600);
    assert_eq!(
        format!("{:?} {:?}", a.uncertain, b.uncertain),
        "Drop Repeat"
    );
    assert_eq!(a.ignore, ["bot"]);
    let formats = |text: &str| {
        let settings = towpath_chat::FormatSettings {
            text: Some(text.to_owned()),
            action: Some("A {text}".to_owned()),
            ..Default::default()
        };
        settings
            .formats(&config.plan.sides["irc.a"].rules("#a"))
            .unwrap()
    };
    assert_eq!(a.formats, formats("A {text}"));
    assert_eq!(b.formats, formats("B {text}"));
    assert_eq!(c.formats, formats("C {text}"));
}

#[test]
fn a_secret_is_never_repeated_and_never_taken_from_a_file_that_others_read() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("irc.secret");
    fs::write(&secret, "hunter2\n").unwrap();
    let server = "[irc.a]\nserver = \"a.example\"\n";
    let read = |text: &str, of_config: u32, of_secret: u32| {
        let path = written(folder.path(), text);
        mode(&path, of_config);
        mode(&secret, of_secret);
        from_file(&path)
    };
    let in_file = format!("{server}password_file = \"irc.secret\"\n");
    let inline = format!("{server}password = \"hunter2\"\n");
    let config = read(&in_file, 0o644, 0o600).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
    let same = read(&inline, 0o600, 0o600).unwrap();
    assert!(config.plan.sides["irc.a"].is_same(&*same.plan.sides["irc.a"]));
    if cfg!(unix) {
        for (text, of_config, of_secret, part) in [
            (&in_file, 0o600, 0o604, "chmod 600"),
            (&inline, 0o640, 0o600, "chmod 600"),
            (
                &format!("{inline}{}", "password_file = \"irc.secret\"\n"),
                0o600,
                0o600,
                "not both",
            ),
            (
                &"[network]\nproxy = \"http://me:hunter2@proxy.example:3128\"\n".to_owned(),
                0o644,
                0o600,
                "proxy_login_file",
            ),
            (
                &format!("{server}password_file = \"none.secret\"\n"),
                0o600,
                0o600,
                "none.secret",
            ),
            (
                &format!("{server}password = \"hunter2\\nQUIT\"\n"),
                0o600,
                0o600,
                "one line",
            ),
            (
                &format!("{server}password = \"  \"\n"),
                0o600,
                0o600,
                "nothing in it",
            ),
        ] {
            let told = read(text, of_config, of_secret).unwrap_err().to_string();
            assert!(told.contains(part), "{part}\n{told}");
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
}

#[test]
fn a_webhook_s_address_is_a_secret_too() {
    let told = refused("[webhook.a]\nurl = \"ftp://hooks.example/key\"\n").join("\n");
    assert!(
        told.contains("http://") && !told.contains("hooks.example/key"),
        "{told}"
    );
    let mistakes = refused("[webhook.a]\nkind = \"slack\"\nsecret = \"x\"\n");
    assert_eq!(mistakes.len(), 2, "{mistakes:?}");
}

#[test]
fn the_status_needs_a_token_beyond_this_machine() {
    let told = refused("[status]\nlisten = \"0.0.0.0:9380\"\n").join("\n");
    assert!(told.contains("access_token_file"), "{told}");
    let config = taken("[status]\nlisten = \"0.0.0.0:9380\"\naccess_token_file = \"t\"\n");
    assert!(config.status.access_token_file.unwrap().is_absolute());
    assert_eq!(taken("[status]\nlisten = \"none\"\n").status.listen, None);
    assert!(refused("[status]\nlisten = \"localhost\"\n")[0].contains("IP address"));
}

#[test]
fn a_room_may_be_written_as_people_know_it() {
    let config = taken(
        "[kosmi.k]\n[irc.a]\nserver = \"a.example\"\n[[link]]\nname = \"x\"\nmembers = [\n\
         { side = \"kosmi.k\", room = \"https://app.kosmi.io/room/@lounge\" }, { side = \"irc.a\", room = \"#a\" } ]\n",
    );
    assert_eq!(config.plan.links[0].members[0].room, "@lounge");
}

#[test]
fn what_is_no_configuration_is_told_with_its_place() {
    assert!(
        refused("a = [")
            .iter()
            .all(|told| told.contains("this is no TOML"))
    );
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none.toml");
    let told = from_file(&missing).unwrap_err().to_string();
    assert!(
        told.contains("none.toml cannot be read (`towpath relay init"),
        "{told}"
    );
    for text in [
        "irc = 3",
        "irc = { a = 3 }",
        "[[irc]]",
        "link = {}",
        "link = [3]",
        "status = []",
        "[irc.\"a b\"]\nserver = \"x\"",
    ] {
        assert!(!refused(text).is_empty(), "{text}");
    }
}

#[test]
fn no_text_and_no_value_of_another_kind_makes_it_stumble() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), "");
    let read = |text: &str| {
        fs::write(&path, text).unwrap();
        from_file(&path)
    };
    // Every table, and every setting in a comment of its own, without the prose.
    let is_heading = |line: &str| line.starts_with("# [") && !line.contains('=');
    let is_setting = |line: &str| !line.starts_with("# ") || line.contains(" = ");
    let template = template();
    let lines = template
        .lines()
        .filter(|line| is_heading(line) || is_setting(line));
    let lines: Vec<&str> = lines
        .map(|line| if is_heading(line) { &line[2..] } else { line })
        .collect();
    let whole = lines.join("\n");
    let cuts = whole.char_indices().map(|(at, _)| at).step_by(97);
    for at in cuts {
        // A cut may leave a text that is whole; it must only be judged.
        drop(read(&whole[..at]));
    }
    let values = ["-1", "[[]]"];
    for line in whole.lines().filter(|line| line.contains(" = ")) {
        let (key, _) = line.split_once(" = ").unwrap();
        for value in values {
            let told = read(&whole.replacen(
                line,
                &format!("{} = {value}", key.trim_start_matches("# ")),
                1,
            ));
            for part in told
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default()
                .lines()
            {
                assert!(part.contains("relay.toml:"), "{key} = {value}: {part}");
            }
        }
    }
}
