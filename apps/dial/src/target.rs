//! Which URL of the remote a local request means.
//!
//! The local path and query go to the remote as they are, so that one endpoint serves a whole server; a request for
//! `/` alone means the URL that the user named. It must never let a request choose another host.

use url::Url;

/// The remote's URL for a request target (RFC 9112 section 3.2.1); nothing where the target is no path.
///
/// `Url` writes it as a browser would: dot segments are resolved, characters outside the URL's alphabet encoded.
pub(crate) fn remote(base: &Url, target: &str) -> Option<Url> {
    if target == "/" {
        return Some(base.clone());
    }
    if !target.starts_with('/') || target.contains('#') {
        return None;
    }
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let mut url = base.clone();
    url.set_path(path);
    url.set_query(query);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(target: &str, expected: Option<&str>) {
        let base = Url::parse("wss://remote.example:8443/socket?room=1").unwrap();
        let url = remote(&base, target).map(String::from);
        assert_eq!(url.as_deref(), expected, "{target}");
    }

    #[test]
    fn path_and_query_go_as_they_are() {
        check("/", Some("wss://remote.example:8443/socket?room=1"));
        check("/?", Some("wss://remote.example:8443/?"));
        check("/?a=b", Some("wss://remote.example:8443/?a=b"));
        check("/x", Some("wss://remote.example:8443/x"));
        check(
            "/x%2Fy/?a=%20&a=%3F?&b",
            Some("wss://remote.example:8443/x%2Fy/?a=%20&a=%3F?&b"),
        );
    }

    #[test]
    fn no_request_chooses_the_host() {
        check(
            "//evil.example/x",
            Some("wss://remote.example:8443//evil.example/x"),
        );
        check(
            "/\\evil.example",
            Some("wss://remote.example:8443//evil.example"),
        );
        check("@evil.example/", None);
        check("ws://evil.example/", None);
        check("evil.example:443", None);
        check("*", None);
        check("/a#b", None);
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_asked_the_host_stays(target in "(/|//|/\\\\|)?\\PC{0,40}(\\?\\PC{0,20})?") {
            let base = Url::parse("wss://remote.example:8443/socket").unwrap();
            if let Some(url) = remote(&base, &target) {
                proptest::prop_assert_eq!(url.origin(), base.origin());
                proptest::prop_assert_eq!(url.scheme(), "wss");
                proptest::prop_assert!(url.username().is_empty() && url.password().is_none());
            }
        }
    }
}
