//! `[kosmi.NAME]`.

use std::fs;

use towpath_chat::kosmi::{Profile, room_id};
use towpath_sides::kosmi::{Login, Settings, Times};
use towpath_tokens::CacheSettings;

use super::{ReadSide, Table, times};
use crate::config::secret;
use crate::config::section::Section;

/// Reads one.
pub(super) fn read(table: &Table<'_, '_>) -> Option<ReadSide> {
    let section = table.section;
    let profile = profile(table);
    let login = login(table);
    let is_known = profile.is_some() && login.is_some();
    // What can be wrong is looked for even where these are.
    let profile = profile.unwrap_or_default();
    let mut settings = Settings::new(table.name.as_str(), table.network.clone(), profile);
    settings.login = login.unwrap_or(Login::Anonymous);
    settings.url = table.url("url", ["wss", "ws"]);
    settings.login_url = table.url("login_url", ["https", "http"]);
    settings.account = section.text("account").map(str::to_owned);
    settings.tokens = Some(CacheSettings {
        folder: table.tokens.to_owned(),
        keyring: false,
    });
    table.via(&mut settings.via);
    settings.may_use_browser = section.flag("browser").unwrap_or(settings.may_use_browser);
    settings.browser.attach = section.text("browser_attach").map(str::to_owned);
    settings.members = section.flag("members").unwrap_or(settings.members);
    waits(section, &mut settings.times);
    is_known.then(|| {
        table.side(settings, |room| {
            room_id(room).map_err(|error| error.to_string())
        })
    })
}

fn profile(table: &Table<'_, '_>) -> Option<Profile> {
    let Some(written) = table.section.text("profile") else {
        return Some(Profile::default());
    };
    let path = table.source.path(written);
    let read = fs::read_to_string(&path)
        .map_err(|error| error.to_string())
        .and_then(|text| Profile::read(&text).map_err(|error| error.to_string()));
    match read {
        Ok(profile) => Some(profile),
        Err(error) => {
            let message = format!("{}: {error}", path.display());
            table.section.wrong("profile", &message);
            None
        }
    }
}

/// How a side logs in, as a word.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Anonymous,
    Token,
    Page,
}

fn login(table: &Table<'_, '_>) -> Option<Login> {
    let section = table.section;
    let words = [
        ("anonymous", Way::Anonymous),
        ("token", Way::Token),
        ("page", Way::Page),
    ];
    let way = section.choice("login", &words);
    let token = secret::read(section, table.source, "token");
    let page = table.url("page", ["https", "http"]);
    let has_token = section.has("token_file") || section.has("token");
    let way = match way {
        Some(way) => way,
        // A login that nobody knows was told already.
        None if section.has("login") => return None,
        None if has_token => Way::Token,
        None => Way::Anonymous,
    };
    if has_token && way != Way::Token {
        section.wrong("token_file", "it is used with login = \"token\" only");
    }
    if page.is_some() && way != Way::Page {
        section.wrong("page", "it is used with login = \"page\" only");
    }
    match way {
        Way::Anonymous => Some(Login::Anonymous),
        Way::Page => Some(Login::Page { page, place: None }),
        Way::Token => {
            if !has_token {
                section.wrong(
                    "login",
                    "it needs token_file: the file that holds the token",
                );
            }
            token.map(Login::Token)
        }
    }
}

fn waits(section: &Section<'_>, of: &mut Times) {
    let Some(section) = section.section("times") else {
        return;
    };
    times(
        &section,
        &mut [
            ("open", &mut of.open),
            ("acknowledgement", &mut of.acknowledgement),
            ("operation", &mut of.operation),
            ("silence", &mut of.silence),
            ("ping", &mut of.ping),
            ("echo", &mut of.echo),
            ("reconcile_first", &mut of.reconcile_first),
            ("reconcile", &mut of.reconcile),
            ("backoff_first", &mut of.backoff_first),
            ("backoff_max", &mut of.backoff_max),
            ("slow", &mut of.slow),
            ("stable", &mut of.stable),
        ],
    );
    if of.ping >= of.silence {
        section.wrong("ping", "it has to be shorter than silence");
    }
    section.end();
}
