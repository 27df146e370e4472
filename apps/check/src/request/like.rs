//! `--like`: a request that works elsewhere, from a pasted `curl` command or a HAR.

use towpath_diagnosis::observation::RequestHead;

use super::file;
use crate::explain::har;
use crate::usage::UsageError;

mod curl;
mod words;

/// Reads the request in a file.
pub(crate) fn read(path: &str) -> Result<RequestHead, UsageError> {
    let text = file::text("--like", path, file::LARGE_BYTES_MAX)?;
    parse(&text).map_err(|problem| UsageError::Content {
        path: path.to_owned(),
        problem,
    })
}

pub(crate) fn parse(text: &str) -> Result<RequestHead, String> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if har::is_one(text) {
        return har::request(text);
    }
    if text.len() > COMMAND_BYTES_MAX {
        return Err(format!(
            "it is no HAR and longer than {COMMAND_BYTES_MAX} bytes"
        ));
    }
    curl::parse(text)
}

/// Longest command that is read.
const COMMAND_BYTES_MAX: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_neither_is_told_how_to_get_one() {
        for text in ["", "hello", "wget https://host.example", "{}"] {
            let problem = parse(text).expect_err(text);
            assert!(problem.contains("Copy as cURL"), "{text}: {problem}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = read("/nonexistent/request")
            .expect_err("no such file")
            .to_string();
        assert!(
            error.contains("--like") && error.contains("/nonexistent/request"),
            "{error}"
        );
    }
}
