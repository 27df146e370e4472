//! Which setting of a side mends a cause, in words for whoever runs the relay. It must never name a setting that the side does not have.
//!
//! The catalogue speaks to the user of a page, who can change nothing; whoever runs a relay has settings.

/// What to change in the side's own settings, where that can mend the cause.
///
/// `kind` is the word of the side's table: `kosmi`, `irc`, `matterbridge` or `webhook`.
pub fn setting_for(kind: &str, cause: &str) -> Option<&'static str> {
    let setting = match (kind, cause) {
        ("kosmi", "http-403-subproto") => {
            "Write `towpath relay profile > kosmi.toml`, set `subprotocols` there to what the server wants, and name the file in `profile` of this side."
        }
        ("kosmi", "http-403-origin") => {
            "Write `towpath relay profile > kosmi.toml`, set `origin` there to the address of Kosmi's own page, and name the file in `profile` of this side."
        }
        ("kosmi", "tls-fingerprint-filter" | "http-403-cdn-challenge") => {
            "Only browsers get in here: leave `via = \"auto\"` and `browser = true`, and install Chromium. Where it is the login that is refused, `login = \"page\"` has a browser read the token."
        }
        ("irc", "http-403-origin") => {
            "Set `origin` of this side to the address of the server's own web chat."
        }
        ("irc", "tls-wrong-port") => {
            "Use the server's TLS port, usually 6697; where it has none, set `tls = false` in this side, and whoever is on the way can read along."
        }
        ("matterbridge", "tls-wrong-port") => {
            "Begin this side's `url` with http:// where the API speaks no TLS, and with https:// where it does."
        }
        (_, "tls-private-ca") => {
            "Put the certificate of the server's own authority into a file, and name that in `cacert` of this side. Do not trust one that you cannot verify."
        }
        (_, "tls-intercept-untrusted") => {
            "Ask your IT for the root certificate of the inspecting proxy, and name its file in `cacert` of [network]."
        }
        (_, "proxy-auth") => {
            "Put `user:password` for the proxy into a file, and name that in `proxy_login_file` of [network]."
        }
        _ => return None,
    };
    Some(setting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_named_are_of_the_side_that_has_them() {
        let named = |kind, cause, word: &str| {
            setting_for(kind, cause).is_some_and(|text| text.contains(word))
        };
        assert!(named("kosmi", "http-403-subproto", "`subprotocols`"));
        assert!(named("kosmi", "http-403-origin", "`origin`"));
        assert!(named("irc", "tls-wrong-port", "`tls = false`"));
        assert!(named("webhook", "tls-private-ca", "`cacert`"));
        assert_eq!(setting_for("webhook", "http-403-origin"), None);
        assert_eq!(setting_for("kosmi", "tcp-refused"), None);
    }
}
