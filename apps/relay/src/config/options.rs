//! Every setting once: the table that the documentation and a new configuration are made from.

use std::fmt::Write as _;

mod table;

pub use table::options;

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct OptionDoc {
    /// Its key with its table; `NAME` stands for a name that the operator chooses.
    pub key: &'static str,
    /// Its default, or an example where it has none; as TOML.
    pub value: &'static str,
    /// How it stands in a new configuration.
    pub shown: Shown,
    /// What it means, and what follows from another value.
    pub meaning: &'static str,
}

/// How a setting stands in a new configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// In force, as an example to change.
    Example,
    /// Commented out; the value is the default.
    Default,
    /// Commented out; there is no default.
    Absent,
}

/// A configuration to begin with.
pub fn template() -> String {
    let mut text = String::from(HEAD);
    let mut before = "";
    for option in options() {
        let (table, name) = option.key.rsplit_once('.').unwrap_or(("", option.key));
        if table != before {
            text.push('\n');
            heading(&mut text, table);
            before = table;
        }
        wrapped(&mut text, option.meaning);
        let line = match option.shown {
            Shown::Example => format!("{name} = {}", option.value),
            _ => format!("# {name} = {}", option.value),
        };
        put(&mut text, &line);
    }
    text
}

/// A table's heading; that of a table in which nothing is in force stands in a comment, too.
fn heading(text: &mut String, table: &str) {
    if let Some((_, about)) = ABOUT.iter().find(|(known, _)| *known == table) {
        wrapped(text, about);
    }
    let name = match table {
        "link" => "[[link]]".to_owned(),
        "link.members" => return put(text, MEMBERS),
        table => format!("[{}]", example_name(table)),
    };
    let line = if is_live(table) {
        name
    } else {
        format!("# {name}")
    };
    put(text, &line);
}

/// Whether a table is part of the example.
fn is_live(table: &str) -> bool {
    ["", "kosmi.NAME", "irc.NAME", "link"].contains(&table)
}

/// The table with a name in place of `NAME`.
fn example_name(table: &str) -> String {
    let kind = table.split('.').next().unwrap_or_default();
    let example = EXAMPLES.iter().find(|(known, _)| *known == kind);
    table.replace("NAME", example.map_or("one", |(_, name)| name))
}

/// The settings as a page of documentation.
pub fn documentation() -> String {
    let mut text = String::from(DOCUMENTATION_HEAD);
    let mut before = None;
    for option in options() {
        let (table, name) = option.key.rsplit_once('.').unwrap_or(("", option.key));
        if before != Some(table) {
            let title = match table {
                "" => "Above all tables".to_owned(),
                "link" => "`[[link]]`".to_owned(),
                "link.members" => "Each of `members` in `[[link]]`".to_owned(),
                table => format!("`[{table}]`"),
            };
            let about = ABOUT.iter().find(|(known, _)| *known == table);
            let about = about.map_or("", |(_, about)| about);
            write!(
                text,
                "\n## {title}\n\n{about}\n\n| setting | default | meaning |\n| --- | --- | --- |\n"
            )
            .expect("a String takes everything");
            before = Some(table);
        }
        let default = match option.shown {
            Shown::Default => format!("`{}`", option.value),
            Shown::Example | Shown::Absent => format!("none; for example `{}`", option.value),
        };
        writeln!(
            text,
            "| `{name}` | {default} | {} |",
            option.meaning.replace('|', "\\|")
        )
        .expect("a String takes everything");
    }
    text
}

/// A comment in lines of a readable length.
fn wrapped(text: &mut String, comment: &str) {
    let mut line = String::from("#");
    for word in comment.split_whitespace() {
        if line.len() + 1 + word.len() > LINE && line.len() > 1 {
            put(text, &line);
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    put(text, &line);
}

fn put(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// Characters of a line of comment.
const LINE: usize = 100;

/// Names in place of `NAME`.
const EXAMPLES: [(&str, &str); 4] = [
    ("kosmi", "main"),
    ("irc", "libera"),
    ("matterbridge", "home"),
    ("webhook", "ops"),
];

/// What each table is for.
const ABOUT: [(&str, &str); 12] = [
    (
        "status",
        "How the relay tells how it goes: a page, `/status.json`, `/metrics` for Prometheus, and `/healthz`, which answers 200 only while every side is ready.",
    ),
    (
        "network",
        "The way out, for all sides; each side may say otherwise by the same names.",
    ),
    (
        "delivery",
        "What holds for each member of a link that says nothing else.",
    ),
    (
        "formats",
        "How things that were said elsewhere are told. The same table may stand in a side (`[irc.NAME.formats]`) and in a member (`formats = { … }`); the nearest counts. An empty text means that such things are not told. Places: {nick}, {nopingnick} (pings nobody), {user_id}, {network}, {label}, {side}, {room}, {link}, {text}, {time}, {date}, {quoted_nick}, {quote}; Matterbridge's names such as {NICK} work, too.",
    ),
    (
        "kosmi.NAME",
        "A Kosmi side. All of what is known of Kosmi comes from public notes; `towpath relay profile` prints it as a file that can be corrected.",
    ),
    (
        "kosmi.NAME.times",
        "Waits of a Kosmi side; there is rarely a reason to change one.",
    ),
    (
        "matterbridge.NAME",
        "A Matterbridge side, by its HTTP API. A room is the name of a gateway there.",
    ),
    (
        "webhook.NAME",
        "A webhook, which is told and never read. A room may have any name.",
    ),
    (
        "irc.NAME.times",
        "Waits of an IRC side; there is rarely a reason to change one.",
    ),
    (
        "link.members",
        "Each needs `side`, such as \"irc.libera\", and `room`, by the side's own name for it.",
    ),
    (
        "link",
        "Rooms that belong together: what is said in one is told in all others.",
    ),
    (
        "irc.NAME",
        "An IRC network. A room is a channel with its sign, such as #lounge.",
    ),
];

const HEAD: &str = "\
# A relay between chat rooms. Begin with [kosmi.main], [irc.libera] and [[link]] below, then:
#
#   towpath relay check --config relay.toml     does every side work?
#   towpath relay --config relay.toml           relay, until Ctrl-C
#
# What stands in comments is the default, or an example where there is none. Times have a unit: \"30 s\", \"24 h\".
# Paths begin at the folder of this file. After a change: kill -HUP, and sides that stayed the same go on untouched.
# A secret stands in a file of its own (mode 0600) that a setting ending in _file names; or here without _file, as
# long as only you can read this file.

";

const MEMBERS: &str = "\
members = [
  { side = \"kosmi.main\", room = \"@your-room\" },
  { side = \"irc.libera\", room = \"#your-channel\" },
]
# Each member may have, inside its braces besides side and room:";

const DOCUMENTATION_HEAD: &str = "\
# Settings of `relay.toml`

Made from the program's own table. `towpath relay init` writes a file with all of them. `NAME` is a name of your choice.
Times have a unit (`\"30 s\"`, `\"5 min\"`, `\"24 h\"`); paths begin at the folder of the file. A setting that ends in
`_file` names a file with a secret, which nobody else may read; without `_file` the secret stands in `relay.toml`
itself, if only its owner can read that. `$CREDENTIALS_DIRECTORY/` before a path is the folder of systemd's credentials.
";

#[cfg(test)]
mod tests;
