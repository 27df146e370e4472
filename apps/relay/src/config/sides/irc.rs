//! `[irc.NAME]`.

use std::collections::BTreeMap;
use std::time::Duration;

use towpath_net::settings::ClientCertificate;
use towpath_sides::Hidden;
use towpath_sides::irc::{Login, NickServ, Server, Settings, Times};

use super::{ReadSide, Table, times};
use crate::config::secret;
use crate::config::section::Section;

/// Reads one.
pub(super) fn read(table: &Table<'_, '_>) -> Option<ReadSide> {
    let section = table.section;
    let tls = section.flag("tls").unwrap_or(true);
    let server = section.parsed("server", |text| Server::parse(text, tls));
    if !section.has("server") {
        section
            .wrong_whole("server is missing; write for example server = \"irc.libera.chat:6697\"");
    }
    let nick = section
        .parsed("nick", name)
        .unwrap_or_else(|| NICK.to_owned());
    // What can be wrong is looked for even where the server is.
    let usual = Server::Host {
        host: String::new(),
        port: 1,
        tls,
    };
    let is_known = server.is_some();
    let mut settings = Settings::new(table.name.as_str(), server.unwrap_or(usual), nick);
    settings.network = table.network.clone();
    let alternatives = section.texts("alternatives").into_iter();
    settings.alternatives = alternatives.map(str::to_owned).collect();
    for text in &settings.alternatives {
        if let Err(why) = name(text) {
            section.wrong("alternatives", &why);
        }
    }
    for (key, field) in [
        ("username", &mut settings.username),
        ("realname", &mut settings.realname),
        ("version", &mut settings.version),
    ] {
        if let Some(text) = section.parsed(key, line) {
            *field = text;
        }
    }
    settings.password = secret::read(section, table.source, "password");
    settings.login = login(table, &mut settings);
    settings.login_optional = section
        .flag("sasl_optional")
        .unwrap_or(settings.login_optional);
    settings.nickserv = nickserv(table);
    settings.keys = keys(table);
    settings.presence = section.flag("presence").unwrap_or(settings.presence);
    flood(section, &mut settings);
    settings.origin = section.parsed("origin", line);
    table.via(&mut settings.via);
    settings.may_use_browser = section.flag("browser").unwrap_or(settings.may_use_browser);
    waits(section, &mut settings.times);
    is_known.then(|| table.side(settings, channel))
}

fn login(table: &Table<'_, '_>, settings: &mut Settings) -> Option<Login> {
    let section = table.section;
    let account = section.parsed("sasl_user", line);
    let password = secret::read(section, table.source, "sasl_password");
    let has_password = section.has("sasl_password_file") || section.has("sasl_password");
    let external = section.flag("sasl_external").unwrap_or(false);
    let shown = certificate(table);
    let has_certificate = shown.is_some();
    if has_certificate {
        settings.network.net.client_certificate = shown;
    }
    if account.is_some() != has_password {
        section.wrong(
            "sasl_user",
            "a login needs both sasl_user and sasl_password_file",
        );
        return None;
    }
    match (account, password, external) {
        (Some(_), _, true) => {
            section.wrong("sasl_external", "either this or sasl_user, not both");
            None
        }
        (None, _, true) => {
            if !has_certificate && !section.has("certificate") {
                section.wrong(
                    "sasl_external",
                    "it needs certificate: the file that says who you are",
                );
            }
            Some(Login::External)
        }
        (Some(account), Some(password), false) => Some(Login::Plain { account, password }),
        _ => None,
    }
}

/// Certificate and key, from one file or from two.
fn certificate(table: &Table<'_, '_>) -> Option<ClientCertificate> {
    let section = table.section;
    let chain = section.text("certificate");
    let key = section.text("certificate_key");
    let read = |key: &str, written: &str| {
        let path = table.source.path(written);
        let read = std::fs::read(&path);
        read.map_err(|error| section.wrong(key, &format!("{}: {error}", path.display())))
            .ok()
    };
    let Some(chain) = chain else {
        if key.is_some() {
            section.wrong("certificate_key", "it needs certificate");
        }
        return None;
    };
    let chain = read("certificate", chain)?;
    let key = match key {
        Some(key) => read("certificate_key", key)?,
        None => chain.clone(),
    };
    match ClientCertificate::from_pem(&chain, &key) {
        Ok(certificate) => Some(certificate),
        Err(error) => {
            section.wrong("certificate", &error.to_string());
            None
        }
    }
}

fn nickserv(table: &Table<'_, '_>) -> Option<NickServ> {
    let section = table.section;
    let nick = section.parsed("nickserv_nick", name);
    let account = section.parsed("nickserv_account", name);
    let password = secret::read(section, table.source, "nickserv_password");
    let has_password = section.has("nickserv_password_file") || section.has("nickserv_password");
    if (nick.is_some() || account.is_some()) && !has_password {
        let key = if nick.is_some() {
            "nickserv_nick"
        } else {
            "nickserv_account"
        };
        section.wrong(key, "it needs nickserv_password_file");
    }
    Some(NickServ {
        nick: nick.unwrap_or_else(|| SERVICE.to_owned()),
        account,
        password: password?,
    })
}

/// Keys of channels, which are secrets.
fn keys(table: &Table<'_, '_>) -> BTreeMap<String, Hidden> {
    let Some(section) = table.section.section("keys") else {
        return BTreeMap::new();
    };
    if !table.source.is_private {
        section.wrong_whole(
            "others can read this file, and keys of channels are secrets; `chmod 600` it",
        );
    }
    let mut keys = BTreeMap::new();
    for (room, key) in section.entries() {
        match channel(room).and_then(|room| name(key).map(|key| (room, key))) {
            Ok((room, key)) => drop(keys.insert(room, Hidden::new(&key))),
            Err(why) => section.wrong(room, &why),
        }
    }
    keys
}

fn flood(section: &Section<'_>, settings: &mut Settings) {
    if let Some(burst) = section.number("flood_burst", 1..=1000) {
        settings.flood_burst = u16::try_from(burst).unwrap_or(settings.flood_burst);
    }
    if let Some(every) = section.span("flood_every", Duration::ZERO..=Duration::from_mins(1)) {
        settings.flood_every = every;
    }
}

fn waits(section: &Section<'_>, of: &mut Times) {
    let Some(section) = section.section("times") else {
        return;
    };
    times(
        &section,
        &mut [
            ("register", &mut of.register),
            ("ping_after", &mut of.ping_after),
            ("silence", &mut of.silence),
            ("proof", &mut of.proof),
            ("rejoin", &mut of.rejoin),
            ("rejoin_max", &mut of.rejoin_max),
            ("regain", &mut of.regain),
            ("backoff_first", &mut of.backoff_first),
            ("backoff_max", &mut of.backoff_max),
        ],
    );
    section.end();
}

/// A channel's name; what it begins with differs between networks, but it is never a letter.
fn channel(text: &str) -> Result<String, String> {
    let first = text.chars().next();
    if !first.is_some_and(|first| "#&+!".contains(first)) {
        return Err(format!("a channel begins with its sign; write \"#{text}\""));
    }
    if text.chars().any(|c| c == ' ' || c == ',' || c.is_control()) {
        return Err("a channel's name has no blanks and no commas".to_owned());
    }
    Ok(text.to_owned())
}

/// A word as IRC takes one.
fn name(text: &str) -> Result<String, String> {
    let is_bad = |c: char| c.is_whitespace() || c.is_control() || c == ',';
    if text.is_empty() || text.starts_with(':') || text.chars().any(is_bad) {
        return Err("write one word".to_owned());
    }
    Ok(text.to_owned())
}

/// A line of text.
fn line(text: &str) -> Result<String, String> {
    if text.contains(char::is_control) {
        return Err("write one line".to_owned());
    }
    Ok(text.to_owned())
}

/// The nickname where none is wanted.
const NICK: &str = "towpath";

/// The service that knows nicknames, on nearly all networks.
const SERVICE: &str = "NickServ";
