//! Reading a settings file: every mistake with its line and a way out.

use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::{OPTIONS, Settings, check};

/// Reads and checks a file.
pub fn from_file(file: &Path) -> Result<Settings, ConfigError> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| ConfigError::new(format!("cannot be read: {error}")).of(file))?;
    from_text(&text).map_err(|error| error.of(file))
}

/// Reads and checks the text of a file.
pub fn from_text(text: &str) -> Result<Settings, ConfigError> {
    let parsed = DeTable::parse(text).map_err(|error| syntax(text, &error))?;
    unknown(text, parsed.get_ref())?;
    let deserializer = toml::Deserializer::parse(text).map_err(|error| syntax(text, &error))?;
    let settings: Settings = serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let key = error.path().to_string();
        let inner = error.inner();
        let message = format!("{key}: {}", inner.message());
        let place = inner.span().map(|span| span.start);
        match place.or_else(|| place_of(parsed.get_ref(), &key)) {
            Some(byte) => ConfigError::new(message).at(text, byte),
            None => ConfigError::new(message),
        }
    })?;
    check(&settings).map_err(|error| {
        // A rule names the key it is about first.
        let message = error.to_string();
        let key = message.split(':').next().unwrap_or_default();
        match place_of(parsed.get_ref(), key) {
            Some(byte) => error.at(text, byte),
            None => error,
        }
    })?;
    Ok(settings)
}

fn syntax(text: &str, error: &toml::de::Error) -> ConfigError {
    let wrong = ConfigError::new(format!("this is no TOML: {}", error.message()));
    match error.span() {
        Some(span) => wrong.at(text, span.start),
        None => wrong,
    }
}

/// Refuses a key that no option has, with the nearest one that there is.
fn unknown(text: &str, table: &DeTable<'_>) -> Result<(), ConfigError> {
    let mut found = Vec::new();
    keys(table, "", &mut found);
    for (key, span) in found {
        let known = OPTIONS.iter().any(|option| option.key == key);
        if known {
            continue;
        }
        let nearest = OPTIONS
            .iter()
            .min_by_key(|option| distance(&key, option.key))
            .map_or("", |option| option.key);
        let message = format!("{key}: there is no such option; did you mean {nearest}?");
        return Err(ConfigError::new(message).at(text, span.start));
    }
    Ok(())
}

/// All keys with values, with their tables in front.
fn keys(table: &DeTable<'_>, before: &str, found: &mut Vec<(String, Range<usize>)>) {
    for (name, value) in table {
        let key = join(before, name.get_ref());
        match value.get_ref() {
            DeValue::Table(inner) if is_table(&key) || !inner.is_empty() => {
                keys(inner, &key, found);
            }
            _ => found.push((key, name.span())),
        }
    }
}

fn is_table(key: &str) -> bool {
    OPTIONS.iter().any(|option| option.place().0 == key)
}

fn join(before: &str, name: &str) -> String {
    if before.is_empty() {
        name.to_owned()
    } else {
        format!("{before}.{name}")
    }
}

/// Where a key is written; for an element of a list, where its list is.
fn place_of(table: &DeTable<'_>, key: &str) -> Option<usize> {
    let mut found = Vec::new();
    keys(table, "", &mut found);
    let bare = key.split('[').next().unwrap_or(key);
    let mut places = found.into_iter();
    places
        .find(|(known, _)| known == bare)
        .map(|(_, span)| span.start)
}

/// How many letters differ (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, of_a) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, of_b) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(of_a != *of_b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests;
