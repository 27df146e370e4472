//! A token in a native handshake: read once in a browser, used by this program afterwards.
//!
//! It must never show a token: not in an error, not in a log, not in a line about a way.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use towpath_tokens::{Cache, Freshness, Reader, Source, Token, TokenError};
use url::Url;

use crate::request::Request;

/// Where a token stands in the handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenPlace {
    /// `Authorization: Bearer …`.
    Bearer,
    /// A cookie of this name.
    Cookie(String),
    /// A header of this name, whose value is the token.
    Header(String),
    /// A query parameter of this name.
    Query(String),
}

/// A token for every native handshake.
#[derive(Clone)]
pub struct TokenUse {
    tokens: Arc<dyn Tokens>,
    place: TokenPlace,
    page: String,
}

type Getting<'a> = Pin<Box<dyn Future<Output = Result<Token, TokenError>> + Send + 'a>>;

/// Who has tokens, whatever reads them.
trait Tokens: Send + Sync {
    fn get(&self, freshness: Freshness) -> Getting<'_>;

    /// Renews a token that is due, while the one at hand is used; nothing where that is under way.
    fn renew(self: Arc<Self>);
}

struct Cached<R> {
    cache: Cache,
    source: Source,
    reader: R,
    renewing: AtomicBool,
}

impl<R: Reader + Send + 'static> Tokens for Cached<R> {
    fn get(&self, freshness: Freshness) -> Getting<'_> {
        Box::pin(self.cache.get(&self.source, freshness, &self.reader))
    }

    fn renew(self: Arc<Self>) {
        if self.renewing.swap(true, Ordering::AcqRel) {
            return;
        }
        tokio::spawn(async move {
            if let Err(error) = self.get(Freshness::Cached).await {
                tracing::warn!(why = %error, "a token was not renewed in time");
            }
            self.renewing.store(false, Ordering::Release);
        });
    }
}

impl TokenUse {
    /// The token of a source, from the cache or by the reader, in this place of the handshake.
    pub fn new(
        cache: Cache,
        source: Source,
        reader: impl Reader + Send + 'static,
        place: TokenPlace,
    ) -> Self {
        Self {
            page: source.page().to_string(),
            tokens: Arc::new(Cached {
                cache,
                source,
                reader,
                renewing: AtomicBool::new(false),
            }),
            place,
        }
    }

    /// The page that the token comes from.
    pub(crate) fn page(&self) -> &str {
        &self.page
    }

    /// The token to use; with `refused` any but this one. No opening waits for the renewal of a token that still lives.
    pub(crate) async fn get(&self, refused: Option<Token>) -> Result<Token, TokenError> {
        let freshness = refused.map_or(Freshness::Usable, Freshness::Renewed);
        let token = self.tokens.get(freshness).await?;
        if token.due(SystemTime::now()) {
            Arc::clone(&self.tokens).renew();
        }
        Ok(token)
    }

    /// The request with a token in its place, instead of what stood there.
    pub(crate) fn apply(&self, request: &Request, token: &Token) -> Request {
        self.place.apply(request, token.value())
    }
}

impl TokenPlace {
    /// The request with a text in this place, instead of what stood there.
    fn apply(&self, request: &Request, token: &str) -> Request {
        let mut with = request.clone();
        match self {
            Self::Bearer => set(&mut with, "Authorization", &format!("Bearer {token}")),
            Self::Header(name) => set(&mut with, name, token),
            Self::Cookie(name) => set_cookie(&mut with, name, token),
            Self::Query(name) => set_query(&mut with.url, name, token),
        }
        with
    }
}

fn set(request: &mut Request, name: &str, value: &str) {
    let headers = &mut request.headers;
    headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    headers.push((name.to_owned(), value.to_owned()));
}

/// One `Cookie` line, as RFC 6265 section 5.4 wants it.
fn set_cookie(request: &mut Request, name: &str, value: &str) {
    let lines = request.headers.iter();
    let lines = lines.filter(|(known, _)| known.eq_ignore_ascii_case("cookie"));
    let mut pairs: Vec<String> = lines
        .flat_map(|(_, line)| line.split(';'))
        .map(|pair| pair.trim().to_owned())
        .filter(|pair| {
            let known = pair
                .split_once('=')
                .map_or(pair.as_str(), |(known, _)| known);
            !pair.is_empty() && known != name
        })
        .collect();
    pairs.push(format!("{name}={value}"));
    set(request, "Cookie", &pairs.join("; "));
}

fn set_query(url: &mut Url, name: &str, value: &str) {
    let rest: Vec<&str> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(name))
        .collect();
    let mut query = rest.join("&");
    if !query.is_empty() {
        query.push('&');
    }
    let encode =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    query.push_str(&[encode(name), encode(value)].join("="));
    url.set_query(Some(&query));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(place: &TokenPlace) -> Request {
        let url = "wss://a.example/x?room=1&t=old&u";
        let mut request = Request::new(Url::parse(url).unwrap());
        request.headers = [
            ("cookie", "a=1; t=old"),
            ("authorization", "Basic x"),
            ("Cookie", "b=2"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        place.apply(&request, "new&1")
    }

    fn values<'a>(request: &'a Request, name: &str) -> Vec<&'a str> {
        let same = request
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name));
        same.map(|(_, value)| value.as_str()).collect()
    }

    #[test]
    fn a_token_replaces_what_stood_in_its_place() {
        let bearer = applied(&TokenPlace::Bearer);
        assert_eq!(values(&bearer, "Authorization"), ["Bearer new&1"]);
        let header = applied(&TokenPlace::Header("X-Token".to_owned()));
        assert_eq!(values(&header, "x-token"), ["new&1"]);
        let cookie = applied(&TokenPlace::Cookie("t".to_owned()));
        assert_eq!(values(&cookie, "Cookie"), ["a=1; b=2; t=new&1"]);
        let query = applied(&TokenPlace::Query("t".to_owned()));
        assert_eq!(query.url.query(), Some("room=1&u&t=new%261"));
    }

    #[test]
    fn nothing_shows_a_token() {
        let query = applied(&TokenPlace::Query("t".to_owned()));
        assert!(!format!("{query:?}").contains("new"));
    }
}
