//! Reading a configuration: every mistake at once, each with its place and a way out.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::mistake::Notes;
use super::section::Section;
use super::source::{Source, is_private};
use super::{Config, ConfigError, formats, links, network, sides, state_file, status};
use crate::plan::Plan;

/// Reads a configuration and every file that it names.
pub fn from_file(path: &Path) -> Result<Config, ConfigError> {
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
    let config = read(&text, &source, &notes);
    let mistakes = notes.mistakes();
    match config {
        Some(config) if mistakes.is_empty() => Ok(config),
        _ => Err(ConfigError::Mistakes {
            path: path.to_owned(),
            mistakes,
        }),
    }
}

/// What the text says, as far as it can be understood; mistakes go to the notes.
pub(super) fn read(text: &str, source: &Source<'_>, notes: &Notes<'_>) -> Option<Config> {
    let (parsed, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        for error in errors {
            let place = error.span().map_or(0, |span| span.start);
            notes.wrong(place, format!("this is no TOML: {}", error.message()));
        }
        return None;
    }
    let root = Section::root(parsed.get_ref(), notes);
    let state = state(&root, source);
    let status = status::read(&root, source);
    let network = network::of_all(&root, source);
    let common = formats::read(&root);
    let delivery = links::delivery(&root);
    let sides = sides::read(&root, source, &network);
    let links = links::read(&root, &sides, &common, &delivery);
    root.end();
    Some(Config {
        state: state?,
        status,
        plan: Plan {
            sides: sides
                .into_iter()
                .map(|(name, side)| (name, side.kind))
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

/// A configuration is short; a longer file is another one.
const BYTES_MAX: u64 = 1 << 20;
