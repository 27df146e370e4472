//! What a stand-in keeps over its own end: a file with a line of JSON for each thing, written before anybody hears of it.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The file, if there is to be one.
#[derive(Debug, Default)]
pub(crate) struct Journal(Option<File>);

impl Journal {
    /// Gives what an earlier run kept to `take`; a last line that was cut off is left out.
    pub(crate) fn open<T: DeserializeOwned>(
        path: Option<&Path>,
        mut take: impl FnMut(T),
    ) -> io::Result<Self> {
        let Some(path) = path else {
            return Ok(Self(None));
        };
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)?;
        let mut is_whole = true;
        for line in BufReader::new(&file).split(b'\n') {
            let read = serde_json::from_slice(&line?);
            is_whole = read.is_ok();
            if let Ok(line) = read {
                take(line);
            }
        }
        if !is_whole {
            file.write_all(b"\n")?;
        }
        Ok(Self(Some(file)))
    }

    /// Keeps one thing.
    pub(crate) fn keep(&mut self, thing: &impl Serialize) -> io::Result<()> {
        if let Some(file) = &mut self.0 {
            let mut line = serde_json::to_vec(thing)?;
            line.push(b'\n');
            file.write_all(&line)?;
        }
        Ok(())
    }
}

/// The same settings with the parts that are given.
pub(crate) fn with_parts<T: Serialize + DeserializeOwned>(
    whole: &T,
    parts: &Value,
) -> Result<T, serde_json::Error> {
    let mut whole = serde_json::to_value(whole)?;
    if let (Some(whole), Some(parts)) = (whole.as_object_mut(), parts.as_object()) {
        whole.extend(parts.clone());
    }
    serde_json::from_value(whole)
}
