//! Files, as lines of text or apart from it. It must never hand on an address that is not of the web.

use crate::clean::clean;
use crate::mentions::break_mentions;
use crate::message::File;
use crate::name::{VALUE_CHARS_MAX, clean_name, one_line};
use crate::rules::Markup;

/// Files as a side may show them; those without an address of the web are left out.
pub(crate) fn files_apart(files: &[File], markup: Markup) -> Vec<File> {
    let files = files.iter().take(FILES_MAX).filter_map(|file| {
        Some(File {
            name: clean_name(&file.name, VALUE_CHARS_MAX),
            url: web_address(&file.url)?,
            comment: break_mentions(&clean(&file.comment), markup),
        })
    });
    files.collect()
}

/// Each file as a line of text, without what the text already holds.
pub(crate) fn file_lines(files: &[File], text: &str) -> Vec<String> {
    let new = |part: String| {
        if text.contains(&part) {
            String::new()
        } else {
            part
        }
    };
    let mut lines: Vec<String> = files
        .iter()
        .take(FILES_MAX)
        .map(|file| {
            let comment = new(one_line(&clean(&file.comment)));
            let address = web_address(&file.url)
                .unwrap_or_else(|| format!("({})", clean_name(&file.name, VALUE_CHARS_MAX)));
            format!("{comment} {}", new(address)).trim().to_owned()
        })
        .filter(|line| !line.is_empty())
        .collect();
    if files.len() > FILES_MAX {
        lines.push(format!("(and {} more files)", files.len() - FILES_MAX));
    }
    lines
}

/// An address that a browser may be sent to, as it is; nothing else.
pub(crate) fn web_address(url: &str) -> Option<String> {
    let scheme = |scheme: &str| {
        url.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    let harmless = |c: char| {
        !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | '"' | '`' | '|' | '\\')
    };
    let fine = (scheme("https://") || scheme("http://"))
        && url.len() <= URL_BYTES_MAX
        && url.chars().all(harmless)
        && clean(url) == url;
    fine.then(|| url.to_owned())
}

/// Files of one message that are told.
pub const FILES_MAX: usize = 10;

/// The longest address of a file or picture in bytes.
const URL_BYTES_MAX: usize = 2048;
