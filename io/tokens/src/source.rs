//! Where a token comes from: a page, a place in it, and whose login it is.
//!
//! A source is no secret, but a page's address may hold one in its query, which must never be shown.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::error::TokenError;
use crate::limits::{NAME_BYTES_MAX, PAGE_BYTES_MAX};

/// The place in a page that holds the token.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Place {
    /// A key of `localStorage`.
    LocalStorage {
        /// The key.
        key: String,
        /// Where its value is JSON: which member is the token, as a JSON pointer (RFC 6901).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pointer: Option<String>,
    },
    /// A key of `sessionStorage`.
    SessionStorage {
        /// The key.
        key: String,
        /// Where its value is JSON: which member is the token, as a JSON pointer (RFC 6901).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pointer: Option<String>,
    },
    /// A cookie of the page's origin, also one that scripts cannot read.
    Cookie {
        /// Its name.
        name: String,
    },
    /// The first message that the page sends on a socket of its own, GraphQL's `connection_init` for example.
    FirstMessage {
        /// Which member of the message is the token, as a JSON pointer (RFC 6901).
        pointer: String,
    },
    /// The answer to a request for a login, which no browser is needed for: the source's page is the address that is asked.
    Login {
        /// What the server calls the login, `anonLogin` for example.
        login: String,
    },
}

impl Place {
    /// The member that holds the token in GraphQL's `connection_init`, unless the application says otherwise.
    pub const USUAL_POINTER: &str = "/payload/token";

    fn parts(&self) -> [&str; 3] {
        match self {
            Self::LocalStorage { key, pointer } => {
                ["local-storage", key, pointer.as_deref().unwrap_or("")]
            }
            Self::SessionStorage { key, pointer } => {
                ["session-storage", key, pointer.as_deref().unwrap_or("")]
            }
            Self::Cookie { name } => ["cookie", name, ""],
            Self::FirstMessage { pointer } => ["first-message", pointer, ""],
            Self::Login { login } => ["login", login, ""],
        }
    }

    /// Where the token's text stands, for a sentence about it.
    pub(crate) fn held(&self) -> &'static str {
        match self {
            Self::Login { .. } => "what the login answers",
            _ => "what the page holds there",
        }
    }

    fn check(&self) -> Result<(), TokenError> {
        let wrong = |problem: String| Err(TokenError::Source { problem });
        let [_, name, _] = self.parts();
        if name.is_empty() && !matches!(self, Self::FirstMessage { .. }) {
            return wrong("the name of the key, cookie or login is empty".to_owned());
        }
        let pointer = match self {
            Self::LocalStorage { pointer, .. } | Self::SessionStorage { pointer, .. } => {
                pointer.as_deref()
            }
            Self::FirstMessage { pointer } => Some(pointer.as_str()),
            Self::Cookie { .. } | Self::Login { .. } => None,
        };
        if let Some(pointer) = pointer.filter(|text| !text.is_empty() && !text.starts_with('/')) {
            return wrong(format!(
                "`{pointer}` is no JSON pointer: it begins with a slash, as /payload/token does"
            ));
        }
        match self.parts().iter().find(|part| part.len() > NAME_BYTES_MAX) {
            Some(_) => wrong(format!("a name is longer than {NAME_BYTES_MAX} bytes")),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LocalStorage { key, .. } => write!(formatter, "localStorage key `{key}`"),
            Self::SessionStorage { key, .. } => write!(formatter, "sessionStorage key `{key}`"),
            Self::Cookie { name } => write!(formatter, "cookie `{name}`"),
            Self::FirstMessage { .. } => {
                formatter.write_str("first message that the page's socket sends")
            }
            Self::Login { login } => write!(formatter, "token of the login `{login}`"),
        }?;
        match self {
            Self::LocalStorage {
                pointer: Some(pointer),
                ..
            }
            | Self::SessionStorage {
                pointer: Some(pointer),
                ..
            } => write!(formatter, " at {pointer}"),
            Self::FirstMessage { pointer } => write!(formatter, " at {pointer}"),
            _ => Ok(()),
        }
    }
}

/// A page, a place in it, and the name that the user gives to a login.
///
/// The cache keeps one token for each origin, place and account; two pages of one origin share it.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    page: Url,
    place: Place,
    account: Option<String>,
}

impl Source {
    /// Checks and joins the three. The page begins with `https://` or `http://` and holds no user name or password.
    pub fn new(page: &str, place: Place, account: Option<String>) -> Result<Self, TokenError> {
        let page = self::page(page)?;
        place.check()?;
        if let Some(name) = &account
            && (name.is_empty() || name.len() > NAME_BYTES_MAX || name.contains(char::is_control))
        {
            let problem =
                format!("an account's name is one line of 1 to {NAME_BYTES_MAX} bytes of text");
            return Err(TokenError::Source { problem });
        }
        Ok(Self {
            page,
            place,
            account,
        })
    }

    /// The page that is visited. Its query may hold a secret.
    pub fn page(&self) -> &Url {
        &self.page
    }

    /// The page without query and fragment, which may be shown.
    pub fn shown_page(&self) -> String {
        shown(&self.page)
    }

    /// The origin that the token belongs to (RFC 6454).
    pub fn origin(&self) -> String {
        self.page.origin().ascii_serialization()
    }

    /// The place in the page.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The user's name for the login.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// The name under which the cache keeps it: a hash, since names of files are seen by backups and logs.
    pub(crate) fn key(&self) -> String {
        let [kind, name, pointer] = self.place.parts();
        let origin = self.origin();
        let account = self.account().unwrap_or("");
        let mut hash = Sha256::new();
        for part in [origin.as_str(), account, kind, name, pointer] {
            // With their lengths, so that no two lists of parts are the same bytes.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let hash: [u8; 32] = hash.finalize().into();
        // Half of it is enough that no two sources ever meet.
        let (half, _) = hash.split_first_chunk().expect("32 bytes hold 16");
        format!("{:032x}", u128::from_be_bytes(*half))
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Source")
            .field("page", &self.shown_page())
            .field("place", &self.place)
            .field("account", &self.account)
            .finish()
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {}", self.place, self.origin())?;
        match &self.account {
            Some(account) => write!(formatter, " (account {account})"),
            None => Ok(()),
        }
    }
}

/// Reads the address of a page.
pub(crate) fn page(text: &str) -> Result<Url, TokenError> {
    let wrong = |problem: String| TokenError::Source { problem };
    if text.len() > PAGE_BYTES_MAX {
        return Err(wrong(format!(
            "the page's address is longer than {PAGE_BYTES_MAX} bytes"
        )));
    }
    let page = Url::parse(text).ok().filter(Url::has_host);
    let Some(page) = page.filter(|page| matches!(page.scheme(), "http" | "https")) else {
        return Err(wrong(
            "a page's address begins with https:// or http:// and names a host".to_owned(),
        ));
    };
    if !page.username().is_empty() || page.password().is_some() {
        let problem = "the page's address holds a user name or password, which browsers ignore; leave them out";
        return Err(wrong(problem.to_owned()));
    }
    Ok(page)
}

/// An address without what may be secret in it.
fn shown(page: &Url) -> String {
    let mut page = page.clone();
    page.set_query(None);
    page.set_fragment(None);
    page.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(page: &str, account: Option<&str>, key: &str) -> Source {
        let place = Place::LocalStorage {
            key: key.to_owned(),
            pointer: None,
        };
        Source::new(page, place, account.map(str::to_owned)).unwrap()
    }

    #[test]
    fn a_token_belongs_to_origin_account_and_place() {
        let key = |page: &str, account, name| source(page, account, name).key();
        let one = key("https://app.example/room/1", None, "token");
        assert_eq!(one, key("https://app.example:443/?x#y", None, "token"));
        assert_eq!(one.len(), 32);
        for other in [
            key("https://app.example:8443/", None, "token"),
            key("http://app.example/", None, "token"),
            key("https://app.example/", Some("mary"), "token"),
            key("https://app.example/", None, "other"),
            Source::new(
                "https://app.example/",
                Place::Cookie {
                    name: "token".to_owned(),
                },
                None,
            )
            .unwrap()
            .key(),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn a_query_is_never_shown() {
        let source = source(
            "https://app.example/login?code=s3cret#s3cret",
            None,
            "token",
        );
        let shown = format!("{source} {source:?} {}", source.shown_page());
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(shown.contains("https://app.example/login"), "{shown}");
    }

    #[test]
    fn what_cannot_be_a_source_is_refused_with_the_fix() {
        let place = || Place::FirstMessage {
            pointer: "/a".to_owned(),
        };
        let problem =
            |page: &str, place: Place| Source::new(page, place, None).expect_err(page).to_string();
        for (page, says) in [
            ("app.example", "https://"),
            ("wss://app.example/", "https://"),
            ("https://mary:s3cret@app.example/", "leave them out"),
        ] {
            let problem = problem(page, place());
            assert!(
                problem.contains(says) && !problem.contains("s3cret"),
                "{problem}"
            );
        }
        let pointer = Place::FirstMessage {
            pointer: "payload".to_owned(),
        };
        assert!(problem("https://app.example/", pointer).contains("JSON pointer"));
        let unnamed = Place::Cookie {
            name: String::new(),
        };
        assert!(problem("https://app.example/", unnamed).contains("empty"));
        let account = Source::new("https://app.example/", place(), Some("a\nb".to_owned()));
        assert!(account.is_err());
    }
}
