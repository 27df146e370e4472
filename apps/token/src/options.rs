//! What a user asked for, as typed, and what it means.

use std::path::PathBuf;
use std::time::Duration;

use towpath_tokens::limits::PATIENCE_MAX;
use towpath_tokens::{CacheSettings, Place, Source};

use crate::error::{Failure, UsageError};

/// `towpath token get`, named as on the command line.
#[derive(Debug, Clone, Default)]
pub struct GetOptions {
    /// The page.
    pub page: String,
    /// Where the token is in it.
    pub place: PlaceGiven,
    /// `--account`.
    pub account: Option<String>,
    /// `--fresh`.
    pub fresh: bool,
    /// `--wait`, in seconds.
    pub wait: Option<f64>,
    /// The browser and its way to the page.
    pub browser: BrowserOptionsGiven,
}

/// The place as the command line names it; exactly one of the first four.
#[derive(Debug, Clone, Default)]
pub struct PlaceGiven {
    /// `--storage-key`.
    pub storage_key: Option<String>,
    /// `--session-key`.
    pub session_key: Option<String>,
    /// `--cookie`.
    pub cookie: Option<String>,
    /// `--connection-init`: a JSON pointer.
    pub connection_init: Option<String>,
    /// `--pointer`, for JSON in one of the two storages.
    pub pointer: Option<String>,
}

/// The browser and its way to the page.
#[derive(Debug, Clone, Default)]
pub struct BrowserOptionsGiven {
    /// `--browser-attach`: `http://host:port` or `ws://…`.
    pub attach: Option<String>,
    /// `--proxy`; an empty text means none.
    pub proxy: Option<String>,
    /// `--proxy-user`: `user:password`.
    pub proxy_user: Option<String>,
    /// `--cacert`: a PEM file.
    pub cacert: Option<String>,
    /// `--resolve`: `host:port:address`.
    pub resolve: Vec<String>,
}

/// Where tokens are kept.
#[derive(Debug, Clone, Default)]
pub struct KeepOptions {
    /// `--folder`.
    pub folder: Option<PathBuf>,
    /// `--keyring`.
    pub keyring: bool,
}

impl GetOptions {
    pub(crate) fn source(&self) -> Result<Source, Failure> {
        let place = self.place.place()?;
        Ok(Source::new(&self.page, place, self.account.clone())?)
    }

    pub(crate) fn patience(&self) -> Result<Duration, UsageError> {
        let Some(seconds) = self.wait else {
            return Ok(towpath_tokens::limits::PATIENCE);
        };
        Duration::try_from_secs_f64(seconds)
            .ok()
            .filter(|span| !span.is_zero() && *span <= PATIENCE_MAX)
            .ok_or_else(|| UsageError::Value {
                option: "--wait",
                problem: format!(
                    "give seconds, more than 0 and at most {}",
                    PATIENCE_MAX.as_secs()
                ),
            })
    }
}

impl PlaceGiven {
    /// The place that is meant.
    pub fn place(&self) -> Result<Place, UsageError> {
        let wrong = |option, problem: &str| UsageError::Value {
            option,
            problem: problem.to_owned(),
        };
        let pointer = self.pointer.clone();
        let given = (
            &self.storage_key,
            &self.session_key,
            &self.cookie,
            &self.connection_init,
        );
        match given {
            (Some(key), None, None, None) => Ok(Place::LocalStorage {
                key: key.clone(),
                pointer,
            }),
            (None, Some(key), None, None) => Ok(Place::SessionStorage {
                key: key.clone(),
                pointer,
            }),
            (None, None, Some(_), None) | (None, None, None, Some(_)) if pointer.is_some() => Err(
                wrong("--pointer", "goes with --storage-key or --session-key"),
            ),
            (None, None, Some(name), None) => Ok(Place::Cookie { name: name.clone() }),
            (None, None, None, Some(pointer)) => Ok(Place::FirstMessage {
                pointer: pointer.clone(),
            }),
            _ => Err(wrong(
                "the place",
                "give one of --storage-key, --session-key, --cookie, --connection-init",
            )),
        }
    }
}

impl KeepOptions {
    pub(crate) fn settings(&self) -> Result<CacheSettings, Failure> {
        let folder = match &self.folder {
            Some(folder) => folder.clone(),
            None => CacheSettings::usual()?.folder,
        };
        Ok(CacheSettings {
            folder,
            keyring: self.keyring,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(place: PlaceGiven) -> GetOptions {
        GetOptions {
            page: "https://app.example/".to_owned(),
            place,
            ..GetOptions::default()
        }
    }

    #[test]
    fn exactly_one_place_is_named() {
        let key = || Some("token".to_owned());
        let both = PlaceGiven {
            storage_key: key(),
            cookie: key(),
            ..PlaceGiven::default()
        };
        for place in [PlaceGiven::default(), both] {
            let failure = options(place).source().unwrap_err();
            assert_eq!(failure.exit_status(), 2);
            assert!(failure.to_string().contains("--storage-key"), "{failure}");
        }
        let cookie = PlaceGiven {
            cookie: key(),
            pointer: key(),
            ..PlaceGiven::default()
        };
        assert!(options(cookie).source().is_err());
        let session = PlaceGiven {
            session_key: key(),
            pointer: Some("/access_token".to_owned()),
            ..PlaceGiven::default()
        };
        let source = options(session).source().unwrap();
        assert_eq!(
            source.to_string(),
            "sessionStorage key `token` at /access_token of https://app.example"
        );
    }

    #[test]
    fn a_wait_has_bounds() {
        for (wait, good) in [
            (0.0, false),
            (-1.0, false),
            (f64::NAN, false),
            (0.5, true),
            (45.0, true),
            (46.0, false),
        ] {
            let options = GetOptions {
                wait: Some(wait),
                ..GetOptions::default()
            };
            assert_eq!(options.patience().is_ok(), good, "{wait}");
        }
    }
}
