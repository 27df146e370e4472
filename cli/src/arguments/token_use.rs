//! The flags for a token that goes into handshakes, named as those of `towpath token get`.

#![allow(
    rustdoc::broken_intra_doc_links,
    reason = "brackets in the help mean that a part may be left out; only rustdoc looks, so nothing could be expected"
)]

use std::path::PathBuf;

use clap::Args;
use towpath_reach::TokenPlace;
use towpath_token::{BrowserOptionsGiven, GetOptions, KeepOptions, PlaceGiven};

/// A token of a web application, and where it goes.
#[expect(
    clippy::struct_field_names,
    reason = "the flags have that word so that they are told from other flags"
)]
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct TokenUseArguments {
    /// Send the token of this page, which a browser reads once; see `towpath token`
    #[arg(long, value_name = "URL", requires = "token_place", help_heading = TOKEN)]
    token_page: Option<String>,

    /// The token is this key of the page's localStorage
    #[arg(long, value_name = "KEY", group = "token_place", requires = "token_page", help_heading = TOKEN)]
    token_storage_key: Option<String>,

    /// The token is this key of the page's sessionStorage
    #[arg(long, value_name = "KEY", group = "token_place", requires = "token_page", help_heading = TOKEN)]
    token_session_key: Option<String>,

    /// The token is this cookie
    #[arg(long, value_name = "NAME", group = "token_place", requires = "token_page", help_heading = TOKEN)]
    token_cookie: Option<String>,

    /// The token is in the first messages of the page's WebSocket, at this JSON pointer
    #[arg(long, value_name = "POINTER", group = "token_place", requires = "token_page", num_args = 0..=1, default_missing_value = "/payload/token", help_heading = TOKEN)]
    token_connection_init: Option<String>,

    /// The storage's value is JSON, and this member of it is the token
    #[arg(long, value_name = "POINTER", requires = "token_page", help_heading = TOKEN)]
    token_pointer: Option<String>,

    /// Where the token goes: bearer, cookie[:NAME], header:NAME or query[:NAME] [default: bearer; a cookie as itself]
    #[arg(long, value_name = "PLACE", requires = "token_page", value_parser = goes, help_heading = TOKEN)]
    token_as: Option<Goes>,

    /// Where tokens are kept [default: ~/.local/state/towpath/tokens]
    #[arg(long, value_name = "FOLDER", env = "TOWPATH_TOKENS", hide_env_values = true, help_heading = TOKEN)]
    token_folder: Option<PathBuf>,

    /// Keep tokens in the system's keyring, by secret-tool
    #[arg(long, requires = "token_page", help_heading = TOKEN)]
    token_keyring: bool,
}

/// A token for handshakes, as typed.
pub(crate) struct TokenOptions {
    /// Where it comes from.
    pub(crate) get: GetOptions,
    /// Where it is kept.
    pub(crate) keep: KeepOptions,
    /// Where it goes.
    pub(crate) place: TokenPlace,
}

/// `--token-as`. A name may be left out where there is a usual one.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Goes {
    Bearer,
    Cookie(Option<String>),
    Header(String),
    Query(String),
}

impl TokenUseArguments {
    /// The options; nothing where no page is named.
    pub(crate) fn options(
        &self,
        account: Option<&str>,
        browser: BrowserOptionsGiven,
    ) -> Option<TokenOptions> {
        let get = GetOptions {
            page: self.token_page.clone()?,
            place: PlaceGiven {
                storage_key: self.token_storage_key.clone(),
                session_key: self.token_session_key.clone(),
                cookie: self.token_cookie.clone(),
                connection_init: self.token_connection_init.clone(),
                pointer: self.token_pointer.clone(),
            },
            account: account.map(str::to_owned),
            browser,
            ..GetOptions::default()
        };
        Some(TokenOptions {
            get,
            keep: KeepOptions {
                folder: self.token_folder.clone(),
                keyring: self.token_keyring,
            },
            place: self.place(),
        })
    }

    fn place(&self) -> TokenPlace {
        let cookie = |name: &Option<String>| {
            let name = name.as_ref().or(self.token_cookie.as_ref()).cloned();
            TokenPlace::Cookie(name.unwrap_or_else(|| "token".to_owned()))
        };
        match &self.token_as {
            None if self.token_cookie.is_some() => cookie(&None),
            None | Some(Goes::Bearer) => TokenPlace::Bearer,
            Some(Goes::Cookie(name)) => cookie(name),
            Some(Goes::Header(name)) => TokenPlace::Header(name.clone()),
            Some(Goes::Query(name)) => TokenPlace::Query(name.clone()),
        }
    }
}

fn goes(text: &str) -> Result<Goes, String> {
    let (kind, name) = match text.split_once(':') {
        Some((kind, name)) => (kind, Some(name)),
        None => (text, None),
    };
    let is_word = |name: &&str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        !name.is_empty() && name.bytes().all(fits)
    };
    let given = name.filter(is_word).map(str::to_owned);
    match (kind, name, given) {
        ("bearer", None, _) => Ok(Goes::Bearer),
        ("cookie", None, _) => Ok(Goes::Cookie(None)),
        ("cookie", _, Some(name)) => Ok(Goes::Cookie(Some(name))),
        ("header", _, Some(name)) => Ok(Goes::Header(name)),
        ("query", None, _) => Ok(Goes::Query("token".to_owned())),
        ("query", _, Some(name)) => Ok(Goes::Query(name)),
        _ => Err("give bearer, cookie[:NAME], header:NAME or query[:NAME]".to_owned()),
    }
}

const TOKEN: &str = "A token of a web application";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_token_goes_is_read() {
        for (text, expected) in [
            ("bearer", Some(Goes::Bearer)),
            ("cookie", Some(Goes::Cookie(None))),
            ("cookie:sid", Some(Goes::Cookie(Some("sid".to_owned())))),
            ("header:X-Token", Some(Goes::Header("X-Token".to_owned()))),
            ("query", Some(Goes::Query("token".to_owned()))),
            ("query:t", Some(Goes::Query("t".to_owned()))),
            ("header", None),
            ("header:", None),
            ("header:a b", None),
            ("bearer:x", None),
            ("body", None),
        ] {
            assert_eq!(goes(text).ok(), expected, "{text}");
        }
    }
}
