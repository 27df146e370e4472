use towpath_diagnosis::observation::BrowserUse;

use super::*;

fn options(url: &str) -> Options {
    Options {
        url: url.to_owned(),
        budget: 25,
        browser: BrowserUse::Never,
        noproxy: Some("*".to_owned()),
        ..Options::default()
    }
}

fn problem(change: impl FnOnce(&mut Options)) -> String {
    let mut options = options("ws://host.example/");
    change(&mut options);
    match Request::new(&options) {
        Ok(_) => panic!("{options:?} should be refused"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_target_says_what_was_asked() {
    let mut options = options("wss://host.example/socket?token=abcdef&room=1");
    options.subprotocols = vec!["one, two".to_owned(), "one".to_owned()];
    options.headers = vec![
        "X-Team: blue".to_owned(),
        "Origin: https://a.example".to_owned(),
    ];
    options.resolve = vec!["host.example:443:127.0.0.1".to_owned()];
    let target = Request::new(&options).unwrap().target;
    assert_eq!(target.subprotocols, ["one", "two"]);
    assert_eq!(target.header_names, ["X-Team"]);
    assert_eq!(target.origin.as_deref(), Some("https://a.example"));
    assert!(target.fixed_addresses);
    assert!(!target.url.contains("abcdef"), "{}", target.url);
    assert!(target.path.ends_with("&room=1"), "{}", target.path);
}

#[test]
fn a_bearer_header_is_a_token() {
    let mut options = options("wss://host.example/");
    options.headers = vec!["authorization: Bearer abcdefgh".to_owned()];
    let target = Request::new(&options).unwrap().target;
    let token = target.token.unwrap();
    assert_eq!(
        (token.placement, token.characters),
        (TokenPlacement::Header, 8)
    );
    assert!(target.header_names.is_empty());
}

#[test]
fn a_proxy_is_used_unless_the_host_is_exempt() {
    let mut options = options("ws://host.example/");
    options.proxy = Some("http://mary:secret@proxy.example:3128".to_owned());
    assert_eq!(Request::new(&options).unwrap().target.proxy, None);
    options.noproxy = Some("other.example".to_owned());
    let target = Request::new(&options).unwrap().target;
    assert_eq!(target.proxy.as_deref(), Some("http://proxy.example:3128"));
    assert!(target.proxy_credentials);
    options.noproxy = None;
    options.proxy = Some(String::new());
    assert_eq!(Request::new(&options).unwrap().target.proxy, None);
}

#[test]
fn wrong_options_come_back_with_the_fix() {
    let check = |says: &str, change: &dyn Fn(&mut Options)| {
        let message = problem(change);
        assert!(message.contains(says), "{message}");
    };
    check("one word", &|o| {
        o.subprotocols = vec!["two words".into()];
    });
    check("--origin https://a.example", &|o| {
        o.origin = Some("https://a.example/".into());
    });
    check("--origin https://a.example", &|o| {
        o.origin = Some("a.example".into());
    });
    check("https://", &|o| {
        o.page = Some("a.example".into());
    });
    check("--resolve", &|o| {
        o.resolve = vec!["host".into()];
    });
    check("--cacert: cannot read", &|o| {
        o.cacert = Some("/nonexistent.pem".into());
    });
    check("--cert", &|o| {
        o.key = Some("key.pem".into());
    });
    check("--token", &|o| {
        o.token_in = Some("header".into());
    });
    check("more than 0", &|o| {
        o.max_time = Some(0.0);
    });
    check("more than 0", &|o| {
        o.max_time = Some(f64::NAN);
    });
    check("name=value", &|o| {
        o.cookie = Some("novalue".into());
    });
    check("--proxy", &|o| {
        o.noproxy = None;
        o.proxy = Some("ftp://proxy.example".into());
    });
}
