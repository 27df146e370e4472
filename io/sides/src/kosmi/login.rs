//! Whose token is shown, and where it comes from. It must never show a token, nor log in anew while one is kept that will do.

use std::error::Error as _;

use http::Method;
use towpath_browser::BrowserOptions;
use towpath_chat::kosmi::Profile;
use towpath_probe::on_network;
use towpath_tokens::{
    BrowserReader, Cache, CacheSettings, Freshness, Held, Place, ReadError, Reader, Source, Token,
    TokenError,
};
use url::Url;

use super::over::Over;
use super::settings::{Login, Settings};
use crate::hidden::Hidden;
use crate::http::{Http, HttpLimits, HttpRequest};
use crate::state::Why;

/// Characters of an answer that are told where it holds no token.
const EXCERPT_CHARS_MAX: usize = 120;

/// Gives the token to show.
pub(super) enum Logins {
    /// It was given.
    Given(Hidden),
    /// It is kept in the cache, and renewed by a login.
    Asked {
        kept: Kept,
        reader: Box<LoginReader>,
    },
    /// It is kept in the cache, and renewed by a browser.
    Read {
        kept: Kept,
        reader: Box<BrowserReader>,
    },
    /// There is none to be had before somebody changes something.
    Impossible(Why),
}

/// A place in the cache.
pub(super) struct Kept {
    cache: Cache,
    source: Source,
}

/// A token as it is shown.
pub(super) struct Shown {
    token: Hidden,
    kept: Option<Token>,
}

impl Shown {
    /// The token, for `connection_init`.
    pub(super) fn reveal(&self) -> &str {
        self.token.reveal()
    }
}

impl Logins {
    pub(super) fn new(settings: &Settings) -> Self {
        Self::of(settings).unwrap_or_else(Self::Impossible)
    }

    fn of(settings: &Settings) -> Result<Self, Why> {
        match &settings.login {
            Login::Token(token) => Ok(Self::Given(token.clone())),
            Login::Anonymous => {
                let reader = LoginReader::new(settings)?;
                let place = Place::Login {
                    login: settings.profile.login_name().to_owned(),
                };
                let account = settings.account.as_ref().unwrap_or(&settings.name);
                let kept = kept(settings, reader.url.as_str(), place, Some(account.clone()))?;
                Ok(Self::Asked {
                    kept,
                    reader: Box::new(reader),
                })
            }
            Login::Page { .. } if !settings.may_use_browser => Err(Why {
                remedy: Some("Set `browser = true` in this side, or give it a token: `login = \"token\"` with `token_file`.".to_owned()),
                ..Why::from("the token of a page is read by a browser, and none may be used")
            }),
            Login::Page { page, place } => {
                let usual = settings.profile.origin();
                let page = page.as_ref().map_or(usual, Url::as_str);
                let place = place.clone().unwrap_or_else(|| Place::LocalStorage {
                    key: settings.profile.token_key().to_owned(),
                    pointer: None,
                });
                let options: BrowserOptions = on_network(
                    settings.browser.clone(),
                    &settings.network.net,
                    &settings.network.proxy,
                );
                Ok(Self::Read {
                    kept: kept(settings, page, place, settings.account.clone())?,
                    reader: Box::new(BrowserReader::new(options)),
                })
            }
        }
    }

    /// The token to show; after a refusal any but that one.
    pub(super) async fn get(&self, refused: Option<&Shown>) -> Result<Shown, Over> {
        let freshness = match refused.and_then(|refused| refused.kept.clone()) {
            Some(token) => Freshness::Renewed(token),
            None => Freshness::Cached,
        };
        let got = match self {
            Self::Impossible(why) => return Err(Over::Stop(why.clone())),
            Self::Given(_) if refused.is_some() => return Err(Over::Stop(given_refused())),
            Self::Given(token) => {
                return Ok(Shown {
                    token: token.clone(),
                    kept: None,
                });
            }
            Self::Asked { kept, reader } => {
                kept.cache
                    .get(&kept.source, freshness, reader.as_ref())
                    .await
            }
            Self::Read { kept, reader } => {
                kept.cache
                    .get(&kept.source, freshness, reader.as_ref())
                    .await
            }
        };
        match got {
            Ok(token) => Ok(Shown {
                token: Hidden::new(token.value()),
                kept: Some(token),
            }),
            Err(error) => Err(over(&error)),
        }
    }
}

fn kept(
    settings: &Settings,
    page: &str,
    place: Place,
    account: Option<String>,
) -> Result<Kept, Why> {
    let cache = match &settings.tokens {
        Some(tokens) => Ok(tokens.clone()),
        None => CacheSettings::usual(),
    };
    let cache = cache.and_then(Cache::open).map_err(|error| why(&error))?;
    let source = Source::new(page, place, account).map_err(|error| why(&error))?;
    Ok(Kept { cache, source })
}

fn given_refused() -> Why {
    Why {
        remedy: Some(
            "Take a new token from the browser, put it into the file that the configuration names, and reload.".to_owned(),
        ),
        ..Why::from("the server does not take the token that was given; it has ended, or it was cut off in copying")
    }
}

/// What follows where there is no token.
fn over(error: &TokenError) -> Over {
    let why = why(error);
    match error {
        TokenError::Pausing { wait, .. } => Over::Wait(why, *wait),
        TokenError::Unchanged { .. } => Over::Stop(why),
        _ if error.of_the_user() => Over::Stop(why),
        _ => Over::Retry(why),
    }
}

fn why(error: &TokenError) -> Why {
    let mut sentence = format!("there is no token: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        sentence.push_str(": ");
        sentence.push_str(&error.to_string());
        cause = error.source();
    }
    Why::from(sentence)
}

/// Asks for an anonymous login over HTTP.
pub(super) struct LoginReader {
    http: Http,
    url: Url,
    profile: Profile,
}

impl LoginReader {
    fn new(settings: &Settings) -> Result<Self, Why> {
        let url = match &settings.login_url {
            Some(url) => url.clone(),
            None => Url::parse(settings.profile.login_url()).map_err(|error| {
                Why::from(format!(
                    "the profile's address for a login is none: {error}"
                ))
            })?,
        };
        Ok(Self {
            http: Http::new(settings.network.net.clone(), settings.network.proxy.clone()),
            url,
            profile: settings.profile.clone(),
        })
    }

    async fn ask(&self) -> Result<Held, String> {
        let login = self.profile.login_request();
        let method = Method::from_bytes(login.method.as_bytes()).unwrap_or(Method::POST);
        let mut request = HttpRequest::new(method, self.url.clone());
        request.headers = login.headers;
        request.body = login.body.into();
        let answer = self.http.request(request, &HttpLimits::default()).await;
        let answer = answer.map_err(|error| error.to_string())?;
        let body = String::from_utf8_lossy(&answer.body);
        match self.profile.read_token(&body) {
            Ok(value) => Ok(Held {
                value,
                cookie_expires_unix_s: None,
            }),
            Err(_) if !answer.is_success() => Err(format!(
                "the server answers the login with {}: {}",
                answer.status,
                answer.excerpt(EXCERPT_CHARS_MAX)
            )),
            Err(words) => Err(format!("the server gives no token: {words}")),
        }
    }
}

impl Reader for LoginReader {
    async fn read(&self, _: &Source) -> Result<Held, ReadError> {
        self.ask().await.map_err(ReadError::Login)
    }
}
