//! Which web pages may use the gateway (RFC 6454).
//!
//! A page's cookies travel with its requests wherever they go, so a page of any other site must not
//! reach the backend through here. Nothing is ever allowed because it asked.

use http::HeaderMap;
use http::header;
use url::{Host, Url};

use crate::client::Client;
use crate::config::OriginSettings;

/// What is to be done with a request of this origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A page that may; the origin as the browser wrote it.
    Page(Box<str>),
    /// A program that sends no `Origin`, and that is allowed.
    NoPage,
    /// Not allowed.
    Refused,
}

/// Judges the `Origin` of a request.
pub(crate) fn judge(settings: &OriginSettings, headers: &HeaderMap, client: &Client) -> Verdict {
    let mut values = headers.get_all(header::ORIGIN).iter();
    let Some(value) = values.next() else {
        if settings.without_origin {
            return Verdict::NoPage;
        }
        return Verdict::Refused;
    };
    let only = values.next().is_none();
    match value.to_str() {
        Ok(origin) if only && allows(settings, origin, client) => Verdict::Page(origin.into()),
        _ => Verdict::Refused,
    }
}

fn allows(settings: &OriginSettings, origin: &str, client: &Client) -> bool {
    let Some((scheme, host, port)) = parts(origin) else {
        return false;
    };
    let same = settings.same_origin && is_same(&scheme, &host, port, client);
    let mut listed = settings.allow.iter();
    same || listed.any(|pattern| pattern.matches(&scheme, &host, port))
}

/// What an operator may want to change when a page was refused.
pub(crate) fn advice(headers: &HeaderMap, client: &Client) -> &'static str {
    let origin = headers.get(header::ORIGIN);
    let parts = origin.and_then(|origin| parts(origin.to_str().ok()?));
    let Some((scheme, host, _)) = parts else {
        return "this is no web page's origin";
    };
    let asked = Url::parse(&format!("http://{}", client.host)).ok();
    let same_host = asked.is_some_and(|asked| asked.host_str() == Some(&*host));
    if same_host && scheme == "https" && !client.secure {
        return "the page came by TLS and this request did not: if a proxy in front ends TLS, name it in network.trusted_hops";
    }
    if same_host {
        return "scheme or port differ from what was asked for; if the page is yours, add it to origins.allow";
    }
    "if the page is yours, add it to origins.allow"
}

/// Scheme, host and port of an origin; nothing for `null` and for what is no origin.
fn parts(origin: &str) -> Option<(String, String, u16)> {
    let url = Url::parse(origin).ok()?;
    let bare = url.path() == "/" && url.query().is_none() && url.username().is_empty();
    let host = url.host_str()?.to_owned();
    let port = url.port_or_known_default()?;
    bare.then(|| (url.scheme().to_owned(), host, port))
}

/// Whether the page comes from the host that was asked for. The scheme counts: a page that came without
/// TLS may have been written by anybody on its way.
fn is_same(scheme: &str, host: &str, port: u16, client: &Client) -> bool {
    let asked = Url::parse(&format!("{}://{}", client.scheme(), client.host));
    asked.is_ok_and(|asked| {
        asked.scheme() == scheme
            && asked
                .host()
                .map(|host: Host<&str>| host.to_string())
                .as_deref()
                == Some(host)
            && asked.port_or_known_default() == Some(port)
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn verdict(
        settings: &OriginSettings,
        origins: &[&'static str],
        host: &str,
        secure: bool,
    ) -> bool {
        let mut headers = HeaderMap::new();
        for origin in origins {
            headers.append(header::ORIGIN, HeaderValue::from_static(origin));
        }
        let client = Client::direct("192.0.2.1".parse().unwrap(), secure, host);
        judge(settings, &headers, &client) != Verdict::Refused
    }

    #[test]
    fn by_default_only_pages_of_the_same_host_scheme_and_port() {
        let check =
            |origin, host, secure| verdict(&OriginSettings::default(), &[origin], host, secure);
        assert!(check("https://example.com", "example.com", true));
        assert!(check("https://example.com", "example.com:443", true));
        assert!(check("http://example.com:8080", "EXAMPLE.com:8080", false));
        assert!(check("http://[::1]:8080", "[::1]:8080", false));
        assert!(!check("http://example.com", "example.com", true));
        assert!(!check("https://example.com", "example.com", false));
        assert!(!check("https://example.com:444", "example.com", true));
        assert!(!check("https://example.com.evil.org", "example.com", true));
        assert!(!check("https://evil.org", "example.com", true));
        assert!(!check("null", "example.com", true));
        assert!(!check("https://example.com/path", "example.com", true));
        assert!(!check("https://user@example.com", "example.com", true));
        assert!(!check("garbage", "example.com", true));
        assert!(!check("", "", true));
    }

    #[test]
    fn an_operator_is_told_what_to_change() {
        let told = |origin: &'static str, host, secure| {
            let mut headers = HeaderMap::new();
            headers.append(header::ORIGIN, HeaderValue::from_static(origin));
            let client = Client::direct("192.0.2.1".parse().unwrap(), secure, host);
            advice(&headers, &client)
        };
        let proxy = told("https://example.com", "example.com", false);
        assert!(proxy.contains("network.trusted_hops"), "{proxy}");
        let port = told("https://example.com", "example.com:8443", true);
        assert!(port.contains("port differ"), "{port}");
        let other = told("https://other.test", "example.com", true);
        assert!(other.contains("origins.allow"), "{other}");
        assert_eq!(
            told("null", "example.com", true),
            "this is no web page's origin"
        );
    }

    #[test]
    fn listed_pages_and_subdomains_but_not_their_parents_or_lookalikes() {
        let settings = OriginSettings {
            allow: vec![
                "https://app.example.org".parse().unwrap(),
                "https://*.example.com".parse().unwrap(),
            ],
            same_origin: false,
            ..OriginSettings::default()
        };
        let check = |origin| verdict(&settings, &[origin], "gateway.test", true);
        assert!(check("https://app.example.org"));
        assert!(check("https://a.example.com"));
        assert!(check("https://a.b.example.com"));
        assert!(!check("https://example.com"));
        assert!(!check("https://evilexample.com"));
        assert!(!check("https://.example.com"));
        assert!(!check("http://a.example.com"));
        assert!(!check("https://a.example.com:8443"));
        assert!(!check("https://gateway.test"));
    }

    #[test]
    fn two_origins_are_none_and_no_origin_is_a_choice() {
        let mut settings = OriginSettings::default();
        let both = ["https://example.com", "https://example.com"];
        assert!(!verdict(&settings, &both, "example.com", true));
        assert!(verdict(&settings, &[], "example.com", true));
        settings.without_origin = false;
        assert!(!verdict(&settings, &[], "example.com", true));
    }
}
