//! Secrets of the configuration: from a file of their own, or from the configuration where nobody else can read that.
//!
//! A mistake about a secret must never repeat it.

use std::path::Path;

use towpath_secret::Readers;
use towpath_sides::Hidden;

use super::section::Section;
use super::source::Source;

/// The secret of `KEY_file` or of `KEY`. Only one of them may be there.
pub(super) fn read(section: &Section<'_>, source: &Source<'_>, key: &str) -> Option<Hidden> {
    let file_key = format!("{key}_file");
    let in_file = section.text(&file_key);
    let inline = section.text(key);
    match (in_file, inline) {
        (Some(_), Some(_)) => {
            section.wrong(key, &format!("either this or {file_key}, not both"));
            None
        }
        (Some(file), None) => of_file(section, &source.path(file), &file_key),
        (None, Some(_)) if !source.is_private => {
            section.wrong(
                key,
                &format!("others can read this file; `chmod 600` it, or put the secret into a file and name that in {file_key}"),
            );
            None
        }
        (None, Some(text)) => filled(section, key, text),
        (None, None) => None,
    }
}

/// The secret in a file.
pub(super) fn of_file(section: &Section<'_>, path: &Path, key: &str) -> Option<Hidden> {
    match towpath_secret::read(path, readers(path)) {
        Ok(text) => filled(section, key, &text),
        Err(error) => {
            section.wrong(key, &format!("{}: {error}", path.display()));
            None
        }
    }
}

/// Containers mount secrets for everybody inside, and the service manager keeps others out by the folder.
fn readers(path: &Path) -> Readers {
    let handed = std::env::var_os("CREDENTIALS_DIRECTORY");
    let handed = handed
        .as_deref()
        .filter(|folder| !folder.is_empty())
        .map(Path::new);
    let is_handed = handed.is_some_and(|folder| path.starts_with(folder));
    if is_handed || path.starts_with("/run/secrets") || path.starts_with("/run/credentials") {
        Readers::Warned
    } else {
        Readers::Refused
    }
}

fn filled(section: &Section<'_>, key: &str, text: &str) -> Option<Hidden> {
    let text = text.trim();
    if text.is_empty() {
        section.wrong(key, "there is nothing in it");
        return None;
    }
    if text.contains(char::is_control) {
        section.wrong(key, "a secret is one line");
        return None;
    }
    Some(Hidden::new(text))
}
