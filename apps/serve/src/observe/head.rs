//! A request's head as it is written down: names in arrival order, values only where they identify nobody.
//!
//! It must never keep a cookie, a token, a query, an address or the name of a user.

use http::{HeaderMap, HeaderName, Method, Version, header};
use towpath_diagnosis::observation::{Header, RequestHead};
use towpath_diagnosis::redact::Redactor;

/// The head of a request, without what the gateway's own proxies have added.
pub(super) fn head(
    method: &Method,
    target: &str,
    version: Version,
    headers: &HeaderMap,
    trusted_hops: u32,
) -> RequestHead {
    let hops = usize::try_from(trusted_hops).unwrap_or(usize::MAX);
    let redactor = Redactor::default();
    let mut room = VALUES_BYTES_MAX;
    let headers = headers
        .iter()
        .filter_map(|(name, value)| {
            let value = value.to_str().unwrap_or_default();
            let value = kept(name, value, hops)?;
            let value = redactor.text(cut(&value, VALUE_BYTES_MAX.min(room)));
            room = room.saturating_sub(value.len());
            Some(Header {
                name: cut(name.as_str(), NAME_BYTES_MAX).to_owned(),
                value,
            })
        })
        .take(HEADERS_MAX)
        .collect();
    RequestHead {
        method: method.as_str().to_owned(),
        target: path(target),
        version: written(version).to_owned(),
        headers,
    }
}

/// A path without what looks like a token in it, cut.
pub(super) fn path(path: &str) -> String {
    let shown = Redactor::default().text(path);
    cut(&shown, TARGET_BYTES_MAX).to_owned()
}

/// What is kept of a value; nothing where the whole header is the work of a trusted proxy.
fn kept(name: &HeaderName, value: &str, hops: usize) -> Option<String> {
    if *name == header::VIA {
        let foreign = without_last(value, hops);
        return (!foreign.is_empty()).then(|| foreign.join(","));
    }
    if FORWARDING.contains(&name.as_str()) {
        let elements = value.split(',').count();
        return (elements > hops).then(String::new);
    }
    if *name == header::SEC_WEBSOCKET_PROTOCOL {
        let own = value.trim().starts_with("towpath");
        return Some(if own { value.to_owned() } else { String::new() });
    }
    let harmless = WHOLE.contains(name)
        || name.as_str().starts_with("sec-fetch-")
        || (name.as_str().starts_with("x-") && name.as_str().ends_with("-via"));
    Some(if harmless {
        value.trim().to_owned()
    } else {
        String::new()
    })
}

fn without_last(list: &str, count: usize) -> Vec<&str> {
    let all: Vec<&str> = list.split(',').collect();
    let foreign = all.len().saturating_sub(count);
    all[..foreign].to_vec()
}

fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// The version as observations name it.
fn written(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    }
}

/// Values that say how the request travelled and with what, and not whose it is.
const WHOLE: [HeaderName; 12] = [
    header::UPGRADE,
    header::CONNECTION,
    header::SEC_WEBSOCKET_VERSION,
    header::SEC_WEBSOCKET_EXTENSIONS,
    header::USER_AGENT,
    header::ACCEPT,
    header::ACCEPT_ENCODING,
    header::ACCEPT_LANGUAGE,
    header::CACHE_CONTROL,
    header::PRAGMA,
    header::CONTENT_TYPE,
    header::TE,
];

/// What proxies write about the client: that it is there is a fact, what it says is private.
const FORWARDING: [&str; 9] = [
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-server",
    "x-real-ip",
    "x-client-ip",
    "true-client-ip",
];

/// Headers of one request that are written down.
const HEADERS_MAX: usize = 64;
const NAME_BYTES_MAX: usize = 64;
const VALUE_BYTES_MAX: usize = 256;
/// Of all values together: a browser's come to half of it.
const VALUES_BYTES_MAX: usize = 2048;
const TARGET_BYTES_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(headers: &[(&str, &str)], hops: u32) -> Vec<(String, String)> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            map.append(name, value.parse().unwrap());
        }
        let head = head(&Method::GET, "/chat", Version::HTTP_11, &map, hops);
        let pairs = head.headers.into_iter();
        pairs.map(|header| (header.name, header.value)).collect()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn names_keep_their_order_and_secrets_go() {
        let all = seen(
            &[
                ("Host", "secret.example"),
                ("User-Agent", "Mozilla/5.0"),
                ("Cookie", "sid=123"),
                ("Authorization", "Bearer abc"),
                ("X-Forwarded-For", "192.0.2.9"),
                ("Via", "1.1 squid"),
                ("X-BlueCoat-Via", "a1b2"),
                ("Sec-WebSocket-Protocol", "token-hidden-here"),
                ("Sec-WebSocket-Key", "AAAA"),
                ("Sec-Fetch-Mode", "websocket"),
            ],
            0,
        );
        let expected = [
            ("host", ""),
            ("user-agent", "Mozilla/5.0"),
            ("cookie", ""),
            ("authorization", ""),
            ("x-forwarded-for", ""),
            ("via", "1.1 squid"),
            ("x-bluecoat-via", "a1b2"),
            ("sec-websocket-protocol", ""),
            ("sec-websocket-key", ""),
            ("sec-fetch-mode", "websocket"),
        ];
        assert_eq!(all, expected.map(|(name, value)| pair(name, value)));
    }

    #[test]
    fn what_trusted_hops_added_is_left_out_and_what_came_before_them_stays() {
        let headers = [
            ("x-forwarded-for", "192.0.2.9"),
            ("x-forwarded-proto", "https"),
            ("via", "1.1 edge"),
        ];
        assert_eq!(seen(&headers, 1), []);
        let headers = [
            ("x-forwarded-for", "10.0.0.1, 192.0.2.9"),
            ("via", "1.1 squid,1.1 edge"),
        ];
        let expected = [pair("x-forwarded-for", ""), pair("via", "1.1 squid")];
        assert_eq!(seen(&headers, 1), expected);
    }

    #[test]
    fn a_path_keeps_no_token_and_is_bounded() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3MDAwMDAwMDB9.c2lnbmF0dXJlLWJ5dGVz";
        let shown = path(&format!("/ws/{token}/chat"));
        assert_eq!(shown, "/ws/[removed, 66 characters]/chat");
        assert_eq!(path(&shown), shown);
        assert_eq!(path(&"/x".repeat(4000)).len(), TARGET_BYTES_MAX);
        let cut_apart = path(&format!("{}/{token}", "/x".repeat(120)));
        assert!(!cut_apart.contains("eyJ"), "{cut_apart}");
    }

    #[test]
    fn the_own_subprotocol_is_kept_and_everything_is_bounded() {
        let own = seen(&[("sec-websocket-protocol", "towpath.1")], 0);
        assert_eq!(own, [pair("sec-websocket-protocol", "towpath.1")]);
        let long = "x".repeat(4000);
        let cut = seen(&[("user-agent", &long)], 0);
        assert_eq!(cut[0].1.len(), VALUE_BYTES_MAX);
        let many = seen(&[("accept", long.as_str()); 100], 0);
        assert_eq!(many.len(), HEADERS_MAX);
        let bytes: usize = many.iter().map(|(_, value)| value.len()).sum();
        assert_eq!(bytes, VALUES_BYTES_MAX);
    }
}
