use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use toml::de::DeTable;

use super::*;
use crate::config::mistake::Notes;
use crate::config::source::Source;
use crate::config::{Config, file};

/// Files that the table names as examples.
const SECRETS: [(&str, &str); 7] = [
    ("proxy.secret", "user:password"),
    ("kosmi.token", "a.b.c"),
    ("irc.secret", "hunter2"),
    ("matterbridge.token", "hunter2"),
    ("webhook.url", "https://hooks.example/1/secret"),
    ("webhook.secret", "hunter2"),
    ("kosmi.toml", towpath_chat::kosmi::PROFILE_TOML),
];

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in SECRETS {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
    folder
}

/// The mistakes of a text, and every setting that was asked for.
fn read(text: &str, folder: &Path) -> (Vec<String>, BTreeSet<String>) {
    let (_, mistakes, asked) = understood(text, folder);
    (mistakes, asked)
}

fn understood(text: &str, folder: &Path) -> (Option<Config>, Vec<String>, BTreeSet<String>) {
    let source = Source {
        folder,
        is_private: true,
    };
    let notes = Notes::new(text);
    let table = DeTable::parse(text).unwrap();
    let config = file::read(table.get_ref(), &source, &notes);
    let mistakes = notes.mistakes().iter().map(ToString::to_string).collect();
    (config, mistakes, notes.all_asked())
}

/// Whether two configurations mean the same.
fn are_same(one: &Config, two: &Config) -> bool {
    let (a, b) = (&one.plan, &two.plan);
    let same_sides = a.sides.len() == b.sides.len()
        && a.sides.iter().all(|(name, side)| {
            b.sides
                .get(name)
                .is_some_and(|other| side.is_same(&**other))
        });
    same_sides
        && a.links == b.links
        && (a.replay_at_first_start, a.age_max) == (b.replay_at_first_start, b.age_max)
        && one.status == two.status
        && one.state == two.state
}

#[test]
fn a_new_configuration_has_no_mistake() {
    let folder = folder();
    let (mistakes, _) = read(&template(), folder.path());
    assert_eq!(mistakes, Vec::<String>::new());
}

#[test]
fn every_setting_is_in_the_table_and_every_row_is_a_setting() {
    let folder = folder();
    // Every table is there, so that each setting is asked for.
    let text = "[status]\n[network]\n[delivery]\n[formats]\n[kosmi.a.times]\n[irc.a.times]\n[irc.a.keys]\n[matterbridge.a]\n[webhook.a]\n\
                [[link]]\nmembers = [{ side = \"irc.a\", room = \"#a\" }]\n";
    let (_, asked) = read(text, folder.path());
    // Tables, and what stands in the example's own lines.
    let tables = [
        "status",
        "network",
        "delivery",
        "formats",
        "kosmi",
        "irc",
        "matterbridge",
        "webhook",
        "link",
    ];
    let is_row = |key: &&String| {
        let last = key.rsplit('.').next().unwrap_or_default();
        !tables.contains(&key.as_str())
            && !["link.members", "link.members.side", "link.members.room"].contains(&key.as_str())
            && last != "times"
            && (last != "formats" || key.starts_with("link."))
            // A secret in the file itself: the row is that of the file.
            && !asked.contains(&format!("{key}_file"))
    };
    let asked_rows: BTreeSet<&str> = asked.iter().filter(is_row).map(String::as_str).collect();
    let rows: BTreeSet<&str> = options().map(|option| option.key).collect();
    let missing: Vec<_> = asked_rows.difference(&rows).collect();
    let more: Vec<_> = rows.difference(&asked_rows).collect();
    assert!(
        missing.is_empty() && more.is_empty(),
        "not in the table: {missing:?}; no setting: {more:?}"
    );
}

#[test]
fn every_default_and_example_is_taken() {
    let folder = folder();
    let private = |key: &str| key.ends_with("_file") || key == "kosmi.NAME.profile";
    for option in options().filter(|option| option.shown != Shown::Example) {
        // Certificates would have to be real ones, and two ways to log in exclude each other.
        if option.key.contains("cacert") || option.key.contains("certificate") {
            continue;
        }
        let (table, name) = option.key.rsplit_once('.').unwrap_or(("", option.key));
        let line = format!("{name} = {}", option.value);
        let needed = match option.key {
            key if key.ends_with("proxy_login_file") => "proxy = \"http://proxy.example:3128\"\n",
            "irc.NAME.sasl_user" => "sasl_password_file = \"irc.secret\"\n",
            "irc.NAME.sasl_password_file" => "sasl_user = \"towpath\"\n",
            "irc.NAME.nickserv_nick" | "irc.NAME.nickserv_account" => {
                "nickserv_password_file = \"irc.secret\"\n"
            }
            "kosmi.NAME.page" => "login = \"page\"\n",
            _ => "",
        };
        let server = match table {
            "irc.NAME" => "server = \"irc.example\"\n",
            "matterbridge.NAME" if name != "url" => "url = \"http://127.0.0.1:4242\"\n",
            "webhook.NAME" if name != "url_file" => "url_file = \"webhook.url\"\n",
            _ => "",
        };
        let text = match table {
            "" => line.clone(),
            "link.members" => format!(
                "[irc.a]\nserver = \"irc.example\"\n[[link]]\nname = \"a\"\nmembers = [\n{{ {line}, side = \"irc.a\", room = \"#a\" }},\n{{ side = \"irc.a\", room = \"#b\" }} ]\n"
            ),
            "irc.NAME.times" => {
                format!("[irc.a]\nserver = \"irc.example\"\n[irc.a.times]\n{line}\n")
            }
            table => format!("[{}]\n{server}{needed}{line}\n", table.replace("NAME", "a")),
        };
        let (mistakes, _) = read(&text, folder.path());
        assert!(mistakes.is_empty(), "{text}\n{mistakes:?}");
        if option.shown == Shown::Default {
            let (with, _, _) = understood(&text, folder.path());
            let (without, mistakes, _) = understood(
                &text.replace(&format!("{line}, "), "").replace(&line, ""),
                folder.path(),
            );
            assert!(mistakes.is_empty(), "{text}\n{mistakes:?}");
            assert!(
                are_same(&with.unwrap(), &without.unwrap()),
                "{} is no default",
                option.key
            );
        }
        assert!(
            !private(option.key) || option.shown == Shown::Absent,
            "{}",
            option.key
        );
    }
}

#[test]
fn the_documentation_is_current() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/relay.toml.md");
    if std::env::var_os("TOWPATH_WRITE_DOCS").is_some() {
        fs::write(&file, documentation()).unwrap();
    }
    let written = fs::read_to_string(&file).unwrap();
    assert!(
        written == documentation(),
        "TOWPATH_WRITE_DOCS=1 cargo test -p towpath-relay documentation writes it"
    );
}
