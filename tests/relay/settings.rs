//! Parts of `relay.toml` that several tests write.

use crate::kosmi::Kosmi;

/// A side for the Kosmi end. Its waits are short; `times` are further ones, `more` further lines.
pub(crate) fn kosmi(name: &str, kosmi: &Kosmi, times: &str, more: &str) -> String {
    let (url, login_url) = (kosmi.url(), kosmi.login_url());
    let profile = kosmi.server.subprotocol();
    format!(
        "[kosmi.{name}]\nurl = \"{url}\"\nlogin_url = \"{login_url}\"\nvia = \"direct\"\nprofile = \"{profile}.toml\"\n\
         times = {{ backoff_first = \"50ms\", backoff_max = \"500ms\"{}{times} }}\n{more}\n",
        comma(times)
    )
}

/// A side for an IRC server without TLS, which takes everything at any rate.
pub(crate) fn irc(name: &str, port: u16, more: &str) -> String {
    format!(
        "[irc.{name}]\nserver = \"127.0.0.1:{port}\"\ntls = false\nnick = \"towpath\"\nflood_burst = 1000\nflood_every = \"0s\"\n\
         times = {{ backoff_first = \"50ms\", backoff_max = \"500ms\", rejoin = \"100ms\" }}\n{more}\n"
    )
}

/// A side for Matterbridge, with further lines.
pub(crate) fn matterbridge(name: &str, port: u16, more: &str) -> String {
    format!(
        "[matterbridge.{name}]\nurl = \"http://127.0.0.1:{port}\"\n\
         backoff_first = \"50ms\"\nbackoff_max = \"500ms\"\n{more}\n"
    )
}

/// A link between rooms of sides.
pub(crate) fn link(name: &str, members: &[(&str, &str)]) -> String {
    let members: Vec<String> = members
        .iter()
        .map(|(side, room)| format!("{{ side = \"{side}\", room = \"{room}\" }}"))
        .collect();
    let members = members.join(", ");
    format!("[[link]]\nname = \"{name}\"\nmembers = [{members}]\n")
}

fn comma(more: &str) -> &'static str {
    if more.is_empty() { "" } else { ", " }
}
