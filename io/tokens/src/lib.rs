//! Tokens of web applications: read once in a real browser or asked for by a login, kept in a file of the user's own, renewed before they expire.
//!
//! It must never show a token in an error, a log or a name of a file, and never start two browsers for one token.
//!
//! # Life of a token
//!
//! A [`Source`] names a page, a [`Place`] in it and an account. [`Cache::get`] looks into the cache's `folder` for the
//! `record` of that source and `decide`s: the kept token will do; or it is due, ended or refused, and somebody has to
//! read it. Whoever gets the lock of that source asks the [`Reader`], a `browser` in earnest; the others wait and take what came of it. The text
//! that the page holds becomes a token (`value`), its dates are read where it is a JSON Web Token ([`claims()`]), and
//! from them follows when it is renewed ([`Life::schedule`]). A failure is kept as well, so that nobody tries again at
//! once; and as long as the old token lives, it is given instead.
//!
//! ```no_run
//! # async fn example() -> Result<(), towpath_tokens::TokenError> {
//! use towpath_tokens::{BrowserReader, Cache, CacheSettings, Freshness, Place, Source};
//!
//! let reader = BrowserReader::new(Default::default());
//! let cache = Cache::open(CacheSettings::usual()?)?;
//! let place = Place::Cookie { name: "session".to_owned() };
//! let source = Source::new("https://app.example/", place, None)?;
//! let token = cache.get(&source, Freshness::Cached, &reader).await?;
//! // The server refused it, say with 401:
//! let renewed = cache.get(&source, Freshness::Renewed(token), &reader).await?;
//! # Ok(())
//! # }
//! ```

mod browser;
mod cache;
mod claims;
mod decide;
mod error;
mod folder;
mod keyring;
mod life;
pub mod limits;
mod reader;
mod record;
mod source;
mod token;
mod value;

pub use crate::browser::BrowserReader;
pub use crate::cache::{Cache, CacheSettings, Entry, Forgotten, List};
pub use crate::claims::{Claims, claims, subject};
pub use crate::error::{FOLDER_VARIABLE, ReadError, TokenError};
pub use crate::life::{Life, Schedule, Unknown};
pub use crate::reader::{Held, Reader};
pub use crate::record::{Kept, NoRecord, Record, Trouble};
pub use crate::source::{Place, Source};
pub use crate::token::{Freshness, Obtained, Token};
