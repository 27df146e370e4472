//! Reading a configuration: every mistake at once, each with its place and a way out.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::DeTable;

use super::mistake::Notes;
use super::section::Section;
use super::source::{Source, is_private};
use super::{
    Config, ConfigError, StatusSettings, formats, links, network, sides, state_file, status,
};
use crate::plan::Plan;

/// Reads a configuration and every file that it names.
pub fn from_file(path: &Path) -> Result<Config, ConfigError> {
    with_text(path, |text, source, notes| {
        parsed(text, notes).and_then(|table| read(table.get_ref(), source, notes))
    })
}

/// Reads `[status]` of a configuration, whatever the rest is like.
pub(crate) fn status_of(path: &Path) -> Result<StatusSettings, ConfigError> {
    with_text(path, |text, source, notes| {
        let table = parsed(text, notes)?;
        Some(status::read(&Section::root(table.get_ref(), notes), source))
    })
}

fn with_text<T>(
    path: &Path,
    read: impl FnOnce(&str, &Source<'_>, &Notes<'_>) -> Option<T>,
) -> Result<T, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(unreadable)?;
    let is_private = is_private(&file).map_err(unreadable)?;
    let mut text = String::new();
    let mut bounded = file.take(BYTES_MAX + 1);
    bounded.read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > BYTES_MAX {
        let error = format!("it has more than {BYTES_MAX} bytes");
        return Err(unreadable(std::io::Error::other(error)));
    }
    let absolute = std::path::absolute(path).map_err(unreadable)?;
    let source = Source {
        folder: absolute.parent().unwrap_or(Path::new("/")),
        is_private,
    };
    let notes = Notes::new(&text);
    let found = read(&text, &source, &notes);
    let mistakes = notes.mistakes();
    found
        .filter(|_| mistakes.is_empty())
        .ok_or_else(|| ConfigError::Mistakes {
            path: path.to_owned(),
            mistakes,
        })
}

fn parsed<'t>(text: &'t str, notes: &Notes<'_>) -> Option<Spanned<DeTable<'t>>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let place = error.span().map_or(0, |span| span.start);
        notes.wrong(place, format!("this is no TOML: {}", error.message()));
    }
    errors.is_empty().then_some(table)
}

/// What the table says, as far as it can be understood; mistakes go to the notes.
pub(super) fn read(table: &DeTable<'_>, source: &Source<'_>, notes: &Notes<'_>) -> Option<Config> {
    let root = Section::root(table, notes);
    let state = state(&root, source);
    let status = status::read(&root, source);
    let network = network::of_all(&root, source);
    let common = formats::read(&root);
    let delivery = links::delivery(&root);
    let tokens = tokens(state.as_deref());
    let sides = sides::read(&root, source, &network, &tokens);
    let links = links::read(&root, &sides, &common, &delivery);
    root.end();
    Some(Config {
        state: state?,
        status,
        plan: Plan {
            sides: sides
                .into_iter()
                .filter_map(|(name, side)| Some((name, side?.kind)))
                .collect(),
            links,
            replay_at_first_start: delivery.replay_at_first_start,
            age_max: delivery.age_max,
        },
    })
}

fn state(root: &Section<'_>, source: &Source<'_>) -> Option<PathBuf> {
    if let Some(written) = root.text("state") {
        return Some(source.path(written));
    }
    let usual = state_file::usual(|name| std::env::var_os(name));
    if usual.is_none() {
        root.wrong(
            "state",
            "there is no home folder; name a file, such as \"/var/lib/towpath/relay.sqlite\"",
        );
    }
    usual
}

/// Tokens of web applications are kept where `towpath token` keeps them, or beside the state.
fn tokens(state: Option<&Path>) -> PathBuf {
    let named =
        std::env::var_os(towpath_tokens::FOLDER_VARIABLE).filter(|folder| !folder.is_empty());
    let beside = || {
        state
            .and_then(Path::parent)
            .unwrap_or(Path::new("."))
            .join("tokens")
    };
    named.map_or_else(beside, PathBuf::from)
}

/// A configuration is short; a longer file is another one.
const BYTES_MAX: u64 = 1 << 20;
