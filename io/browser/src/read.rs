//! Reads one value that a page keeps or sends: a token, as the page's own script would use it.
//!
//! Visits the page with a browser of its own and waits until the value is there. It must never write into the page,
//! wait out or solve a challenge, or put a value into an error, a log or debugging output.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tokio::time::Instant;
use url::Url;

use crate::capture::{credentials, identity};
use crate::challenge::challenge;
use crate::error::BrowserError;
use crate::flags::Purpose;
use crate::launch::Browser;
use crate::options::BrowserOptions;
use crate::page::{Answer, Page};
use crate::visit::{go, parse_url};

mod failure;
mod hint;
mod listener;
mod wanted;

pub use failure::ReadError;
pub(crate) use listener::Listener;
pub use wanted::{DEFAULT_POINTER, ReadRequest, Reading, Wanted};

/// Visits the page and gives the value as soon as it is there.
///
/// Takes at most the request's patience plus the options' time to launch and about ten seconds. Cancelling it kills
/// the browser.
pub async fn read(options: &BrowserOptions, request: &ReadRequest) -> Result<Reading, ReadError> {
    let address = parse_url(&request.page)?;
    if !matches!(address.scheme(), "http" | "https") {
        return Err(BrowserError::Address {
            address: without_query(&address),
            reason: "only http and https pages can be read".to_owned(),
        }
        .into());
    }
    let mut browser = Browser::obtain(options, Purpose::Carry { link_port: None }).await?;
    let identity = identity(&browser);
    let mut page = Page::open(browser.connection(), credentials(options)).await?;
    if let Wanted::FirstMessage { pointer } = &request.wanted {
        let origin = address.origin().ascii_serialization();
        page.recorder.listener = Some(Listener::at(pointer, &origin));
    }
    let found = search(&mut page, &address, request).await;
    let requests_made = page.recorder.requests_made;
    drop(browser.close().await);
    let (found, page) = found?;
    Ok(Reading {
        value: found.value,
        page,
        expires: found.expires,
        browser: identity,
        requests_made,
    })
}

/// A value and, for a cookie, its end.
struct Found {
    value: String,
    expires: Option<SystemTime>,
}

/// What one look at the page gives.
enum Look {
    Found(Found),
    TooLong(u64),
    Absent,
}

async fn search(
    page: &mut Page<'_>,
    address: &Url,
    request: &ReadRequest,
) -> Result<(Found, String), ReadError> {
    let deadline = Instant::now() + request.patience;
    if let Some(reason) = go(page, address, request.patience).await? {
        let page = without_query(address);
        return Err(ReadError::Page { page, reason });
    }
    loop {
        match look(page, address, &request.wanted).await? {
            Look::Found(found) => {
                let own = same_origin(page, address).unwrap_or_else(|| address.clone());
                return Ok((found, without_query(&own)));
            }
            Look::TooLong(length) => {
                return Err(ReadError::TooLong {
                    page: place(page, address),
                    what: request.wanted.to_string(),
                    length,
                    limit: VALUE_BYTES_MAX,
                });
            }
            Look::Absent => {}
        }
        if let Some(challenge) = challenge(page).await?.challenge {
            let url = current(page, address);
            let remedy = towpath_diagnosis::challenge::Challenge::remedy(
                url.host_str().unwrap_or_default(),
                url.path(),
            );
            return Err(ReadError::Challenge {
                page: without_query(&url),
                challenge,
                remedy: remedy.operator,
            });
        }
        let rest = deadline.saturating_duration_since(Instant::now());
        if rest.is_zero() {
            return Err(ReadError::Absent {
                page: place(page, address),
                what: request.wanted.to_string(),
                waited: request.patience,
                hint: hint::hint(page, address, &request.wanted).await?,
            });
        }
        page.run_until(rest.min(LOOK_AGAIN), |recorder| {
            let listener = recorder.listener.as_ref();
            listener.is_some_and(|listener| listener.found().is_some())
        })
        .await?;
    }
}

/// A page may lead to another origin and back, to log in there; what that one holds is not ours to take.
async fn look(page: &mut Page<'_>, address: &Url, wanted: &Wanted) -> Result<Look, BrowserError> {
    let (area, key) = match wanted {
        Wanted::LocalStorage(key) => (LOCAL_STORAGE, key),
        Wanted::SessionStorage(key) => (SESSION_STORAGE, key),
        Wanted::Cookie(name) => return cookie(page, address, name).await,
        Wanted::FirstMessage { .. } => return Ok(heard(page)),
    };
    let said = stored(page, area, key).await?;
    Ok(if said.origin == address.origin().ascii_serialization() {
        said.held.look()
    } else {
        Look::Absent
    })
}

fn heard(page: &Page<'_>) -> Look {
    let Some(listener) = &page.recorder.listener else {
        return Look::Absent;
    };
    match (listener.found(), listener.too_long()) {
        (Some(value), _) => Look::Found(Found {
            value: value.to_owned(),
            expires: None,
        }),
        (None, Some(length)) => Look::TooLong(length),
        (None, None) => Look::Absent,
    }
}

/// What a storage area said, and of which origin it is.
struct Stored {
    origin: String,
    held: Held,
}

/// What a storage area holds.
enum Held {
    Value(String),
    TooLong(u64),
    /// The key is not there; the names of others.
    Absent(Vec<String>),
    /// The page may not use the area, or had no time to answer.
    Refused(String),
}

impl Held {
    fn look(self) -> Look {
        match self {
            Self::Value(value) if !value.is_empty() => Look::Found(Found {
                value,
                expires: None,
            }),
            Self::TooLong(length) => Look::TooLong(length),
            Self::Value(_) | Self::Absent(_) | Self::Refused(_) => Look::Absent,
        }
    }
}

/// Asks a storage area from a world of our own, which scripts of the page can neither see nor change.
async fn stored(page: &mut Page<'_>, area: &str, key: &str) -> Result<Stored, BrowserError> {
    let details =
        json!({ "area": area, "key": key, "valueMax": VALUE_BYTES_MAX, "namesMax": NAMES_MAX });
    let answer = page
        .evaluate_apart(
            &format!("{}({details})", READ_SCRIPT.trim_ascii_end()),
            LOOK_TIMEOUT,
        )
        .await?;
    let said = match answer {
        Answer::Result(said) => said["result"]["value"].clone(),
        Answer::Refused(reason) => json!({ "refused": reason }),
        Answer::TimedOut => json!({ "refused": "the page does not answer" }),
    };
    let held = if let Some(value) = said["value"].as_str() {
        Held::Value(value.to_owned())
    } else if let Some(length) = said["tooLong"].as_u64() {
        Held::TooLong(length)
    } else if let Some(names) = said["names"].as_array() {
        let names = names.iter().filter_map(Value::as_str);
        Held::Absent(names.map(str::to_owned).collect())
    } else {
        Held::Refused(said["refused"].as_str().unwrap_or("no answer").to_owned())
    };
    let origin = said["origin"].as_str().unwrap_or_default().to_owned();
    Ok(Stored { origin, held })
}

async fn cookie(page: &mut Page<'_>, address: &Url, name: &str) -> Result<Look, BrowserError> {
    let cookies = cookies(page, address).await?;
    let fits = |cookie: &&Value| {
        cookie["name"] == name
            && cookie["value"]
                .as_str()
                .is_some_and(|value| !value.is_empty())
    };
    Ok(match cookies.iter().find(fits) {
        Some(cookie) => Look::Found(Found {
            value: cookie["value"].as_str().unwrap_or_default().to_owned(),
            expires: cookie["expires"].as_f64().and_then(|seconds| {
                SystemTime::UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(seconds).ok()?)
            }),
        }),
        None => Look::Absent,
    })
}

/// The cookies that the browser would send to the page asked for, or to where that led on its origin.
async fn cookies(page: &mut Page<'_>, address: &Url) -> Result<Vec<Value>, BrowserError> {
    let mut addresses = vec![address.to_string()];
    addresses.extend(same_origin(page, address).map(String::from));
    let of = json!({ "urls": addresses });
    let found = page.command("Network.getCookies", of).await?;
    Ok(found["cookies"].as_array().cloned().unwrap_or_default())
}

/// The page that is shown, where it is of the origin of the one asked for.
fn same_origin(page: &Page<'_>, address: &Url) -> Option<Url> {
    Some(current(page, address)).filter(|url| url.origin() == address.origin())
}

fn current(page: &Page<'_>, address: &Url) -> Url {
    let url = page.recorder.document.url.as_deref();
    url.and_then(|url| Url::parse(url).ok())
        .filter(Url::has_host)
        .unwrap_or_else(|| address.clone())
}

fn place(page: &Page<'_>, address: &Url) -> String {
    without_query(&current(page, address))
}

/// Queries, fragments and passwords of addresses may be secret.
fn without_query(address: &Url) -> String {
    format!(
        "{}{}",
        address.origin().ascii_serialization(),
        address.path()
    )
}

const READ_SCRIPT: &str = include_str!("read.js");
const LOCAL_STORAGE: &str = "localStorage";
const SESSION_STORAGE: &str = "sessionStorage";
/// How soon to look again where the browser does not tell of a change.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
const LOOK_TIMEOUT: Duration = Duration::from_secs(2);
/// The longest value that is taken: a header or query cannot carry more.
pub(crate) const VALUE_BYTES_MAX: usize = 64 * 1024;
const NAMES_MAX: usize = 64;
