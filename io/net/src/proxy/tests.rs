//! Proxy settings and tunnels against small servers.

use super::*;

#[test]
fn proxy_urls_are_read_as_curl_reads_them() {
    let check = |text: &str, shown: &str| {
        assert_eq!(ProxyServer::parse(text).unwrap().to_string(), shown);
    };
    check("proxy.example:3128", "http://proxy.example:3128");
    check("http://proxy.example", "http://proxy.example:1080");
    check("http://proxy.example:80/", "http://proxy.example:80");
    check("https://me:pw@proxy.example", "https://proxy.example:443");
    check("socks5h://[::1]:9050", "socks5h://[::1]:9050");
}

#[test]
fn credentials_are_decoded_and_never_shown() {
    let proxy = ProxyServer::parse("http://me%40home:p%3aw@proxy.example:1").unwrap();
    let credentials = proxy.credentials.clone().unwrap();
    assert_eq!(credentials.user, "me@home");
    assert_eq!(credentials.password, "p:w");
    assert!(!format!("{proxy:?} {proxy}").contains("p:w"));
}

#[test]
fn wrong_proxies_are_named_without_their_password() {
    for wrong in [
        "ftp://me:secret@proxy.example",
        "http://",
        "http://me:secret@:1",
    ] {
        let message = ProxyServer::parse(wrong).unwrap_err().to_string();
        assert!(!message.contains("secret"), "{message}");
    }
}
