//! What a user asked for, as typed: nothing here is checked yet.
//!
//! The command line fills this in; [`crate::request`] turns it into a target and settings.

use towpath_diagnosis::observation::BrowserUse;

/// The options of a check, named as on the command line.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The WebSocket's address.
    pub url: String,
    /// `-H`: `Name: value`, `Name:` or `@file`.
    pub headers: Vec<String>,
    /// `--proxy`; an empty text means none.
    pub proxy: Option<String>,
    /// `--noproxy`: hosts that are reached without one.
    pub noproxy: Option<String>,
    /// `--proxy-user`: `user:password`.
    pub proxy_user: Option<String>,
    /// `--cacert`: a PEM file.
    pub cacert: Option<String>,
    /// `--cert`: a PEM file.
    pub cert: Option<String>,
    /// `--key`: a PEM file.
    pub key: Option<String>,
    /// `--resolve`: `host:port:address`.
    pub resolve: Vec<String>,
    /// `--max-time`, in seconds.
    pub max_time: Option<f64>,
    /// `--connect-timeout`, in seconds.
    pub connect_timeout: Option<f64>,
    /// `-A`.
    pub user_agent: Option<String>,
    /// `-b`: `name=value; …` or `@file`.
    pub cookie: Option<String>,
    /// `-4` or `-6`.
    pub family: Option<Family>,
    /// `--browser`.
    pub browser: BrowserUse,
    /// `--browser-attach`.
    pub browser_attach: Option<String>,
    /// `--origin`.
    pub origin: Option<String>,
    /// `--subprotocol`: names or comma-separated lists.
    pub subprotocols: Vec<String>,
    /// `--page`.
    pub page: Option<String>,
    /// `--token`: a value, `@file` or `env:NAME`.
    pub token: Option<String>,
    /// `--token-in`: `header`, `query`, `query:NAME` or `init`.
    pub token_in: Option<String>,
    /// `--send`.
    pub send: Option<String>,
    /// `--expect`.
    pub expect: Option<String>,
    /// `--echo`.
    pub echo: bool,
    /// `--idle`, in milliseconds.
    pub idle_ms: Option<u64>,
    /// `--budget`.
    pub budget: u32,
    /// `--like`: a file with a `curl` command or a HAR.
    pub like: Option<String>,
}

/// An address family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// `-4`.
    Ipv4,
    /// `-6`.
    Ipv6,
}

/// Requests to the target unless `--budget` says otherwise.
pub const BUDGET: u32 = 25;

/// Reads a span such as `10`, `10s`, `500ms`, `5m` or `1h`; a bare number means seconds.
pub fn span_ms(text: &str) -> Option<u64> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor = match unit {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    let ms = number.parse::<u64>().ok()?.checked_mul(factor)?;
    (1..=SPAN_MS_MAX).contains(&ms).then_some(ms)
}

/// The longest span that can be asked for: a day.
const SPAN_MS_MAX: u64 = 24 * 3_600_000;

#[cfg(test)]
mod tests {
    use super::span_ms;

    #[test]
    fn spans_are_read() {
        for (text, ms) in [
            ("10", Some(10_000)),
            ("10s", Some(10_000)),
            ("500ms", Some(500)),
            ("5m", Some(300_000)),
            ("1h", Some(3_600_000)),
            ("0", None),
            ("", None),
            ("s", None),
            ("-1", None),
            ("1.5", None),
            ("99999999999999999999", None),
            ("25h", None),
            ("wss://host", None),
        ] {
            assert_eq!(span_ms(text), ms, "{text}");
        }
    }
}
