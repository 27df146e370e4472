//! The real reader: a browser visits the page.
//!
//! It must never hand out what another origin holds: a token belongs to the page that was named.

use std::time::{Duration, SystemTime};

use towpath_browser::{BrowserOptions, ReadRequest, Wanted, read};
use url::Url;

use crate::error::ReadError;
use crate::reader::{Held, Reader};
use crate::source::{Place, Source};
use crate::token::unix_ms;

/// Reads tokens by a browser that is started for each reading, or by one that runs where the options name it.
#[derive(Debug, Clone)]
pub struct BrowserReader {
    /// Which browser, and its way to the page.
    pub options: BrowserOptions,
    /// Longest time from going to the page until the token is there; [`crate::limits::PATIENCE_MAX`] at most.
    pub patience: Duration,
}

impl BrowserReader {
    /// Waits as long as a page needs that opens its socket late.
    pub fn new(options: BrowserOptions) -> Self {
        Self {
            options,
            patience: crate::limits::PATIENCE,
        }
    }
}

impl Reader for BrowserReader {
    async fn read(&self, source: &Source) -> Result<Held, ReadError> {
        let wanted = wanted(source.place()).ok_or_else(|| {
            ReadError::Login("a login is answered to a request, and not found in a page".to_owned())
        })?;
        let mut request = ReadRequest::new(source.page().as_str(), wanted);
        request.patience = self.patience.min(crate::limits::PATIENCE_MAX);
        let reading = read(&self.options, &request).await?;
        same_origin(source, &reading.page)?;
        Ok(Held {
            cookie_expires_unix_s: reading.expires.and_then(seconds),
            value: reading.into_value(),
        })
    }
}

/// What to look for in a page; nothing where the token is in none.
fn wanted(place: &Place) -> Option<Wanted> {
    Some(match place {
        Place::LocalStorage { key, .. } => Wanted::LocalStorage(key.clone()),
        Place::SessionStorage { key, .. } => Wanted::SessionStorage(key.clone()),
        Place::Cookie { name } => Wanted::Cookie(name.clone()),
        Place::FirstMessage { pointer } => Wanted::FirstMessage {
            pointer: pointer.clone(),
        },
        Place::Login { .. } => return None,
    })
}

/// Whether the page that held it is of the origin that was asked for, and not one that it led to.
fn same_origin(source: &Source, found_at: &str) -> Result<(), ReadError> {
    let found = Url::parse(found_at).map(|page| page.origin().ascii_serialization());
    match found {
        Ok(origin) if origin == source.origin() => Ok(()),
        _ => Err(ReadError::Page(format!(
            "the page led to {found_at}, which is of another origin; if the token belongs there, name that page"
        ))),
    }
}

fn seconds(end: SystemTime) -> Option<i64> {
    Some(unix_ms(end) / 1_000).filter(|seconds| *seconds > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::source;

    #[test]
    fn a_token_of_another_origin_is_not_taken() {
        assert!(same_origin(&source(), "https://app.example/room/2").is_ok());
        for elsewhere in [
            "https://login.example/",
            "http://app.example/",
            "",
            "data:x",
        ] {
            let told = same_origin(&source(), elsewhere)
                .expect_err(elsewhere)
                .to_string();
            assert!(told.contains("another origin"), "{told}");
        }
    }

    #[test]
    fn a_cookie_of_the_session_has_no_end() {
        assert_eq!(seconds(SystemTime::UNIX_EPOCH), None);
        let end = SystemTime::UNIX_EPOCH + Duration::from_secs(7);
        assert_eq!(seconds(end), Some(7));
    }
}
