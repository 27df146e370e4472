use super::*;

const SECRET: &str = "0123456789abcdefghij";

fn door(listen: &str) -> Door {
    Door {
        listen: listen.parse().unwrap(),
        hosts: vec!["dial".to_owned()],
        origins: vec!["https://app.example.com".to_owned()],
        token: None,
    }
}

fn head(headers: &[(&str, &str)]) -> Head {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Head {
        headers: headers.iter().map(own).collect(),
        ..Head::default()
    }
}

fn status(door: &Door, headers: &[(&str, &str)]) -> u16 {
    door.admit(&mut head(headers))
        .map_or_else(|denial| denial.status, |_| 0)
}

#[test]
fn only_names_that_cannot_be_made_to_point_here_are_hosts() {
    let check = |listen: &str, host: &str, expected: u16| {
        let status = status(&door(listen), &[("Host", host)]);
        assert_eq!(status, expected, "{host} at {listen}");
    };
    for host in [
        "localhost",
        "LOCALHOST:9000",
        "localhost.",
        "127.0.0.1:9000",
        "127.8.9.1",
        "[::1]:9000",
        "[::1]",
        "dial:80",
    ] {
        check("127.0.0.1:9000", host, 0);
    }
    for host in [
        "rebound.example:9000",
        "localhost.rebound.example",
        "localhost:9000@rebound.example",
        "127.0.0.1.rebound.example",
        "192.168.1.5",
        "0.0.0.0:9000",
        "[::1]x",
        "localhost:x",
        "",
    ] {
        check("127.0.0.1:9000", host, 403);
    }
    check("192.168.1.5:80", "192.168.1.5", 0);
    check("0.0.0.0:80", "192.168.1.5", 0);
    check("0.0.0.0:80", "rebound.example", 403);
    let two = [("Host", "localhost"), ("host", "rebound.example")];
    assert_eq!(status(&door("127.0.0.1:1"), &two), 400);
    assert_eq!(status(&door("127.0.0.1:1"), &[]), 400);
}

#[test]
fn web_pages_are_refused_unless_allowed() {
    let door = door("127.0.0.1:9000");
    let check = |origin: &str, expected: u16| {
        let status = status(&door, &[("Host", "localhost"), ("Origin", origin)]);
        assert_eq!(status, expected, "{origin}");
    };
    check("https://app.example.com", 0);
    for origin in [
        "https://evil.example",
        "http://app.example.com",
        "https://app.example.com.evil.example",
        "https://app.example.com/",
        "http://localhost:9000",
        "null",
        "",
    ] {
        check(origin, 403);
    }
    let two = [
        ("Host", "localhost"),
        ("Origin", "https://app.example.com"),
        ("Origin", "https://evil.example"),
    ];
    assert_eq!(status(&door, &two), 403);
    let text = door.admit(&mut head(&two)).unwrap_err().text;
    assert!(
        text.contains("--allow-origin https://evil.example"),
        "{text}"
    );
}

#[test]
fn the_access_token_is_wanted_and_taken_out() {
    let token = AccessToken::of_text(SECRET).unwrap();
    let door = Door {
        token: Some(token),
        ..door("127.0.0.1:9000")
    };
    let host = ("Host", "localhost");
    let bearer = format!("Bearer {SECRET}");
    let protocol = format!("towpath.token.{SECRET}");
    let both = format!("{protocol}, chat");
    let mut by_header = head(&[host, ("authorization", &bearer), ("A", "b")]);
    assert_eq!(door.admit(&mut by_header), Ok(None));
    assert_eq!(by_header.values("authorization").count(), 0);
    let mut by_name = head(&[
        host,
        ("Authorization", "Bearer of-the-remote"),
        ("Sec-WebSocket-Protocol", &both),
    ]);
    assert_eq!(door.admit(&mut by_name), Ok(Some(protocol.clone())));
    assert_eq!(by_name.values("authorization").count(), 1);
    let left: Vec<&str> = by_name.values("sec-websocket-protocol").collect();
    assert_eq!(left, ["chat"]);
    let mut alone = head(&[host, ("Sec-WebSocket-Protocol", &protocol)]);
    assert_eq!(door.admit(&mut alone), Ok(Some(protocol)));
    assert_eq!(alone.values("sec-websocket-protocol").count(), 0);
    for wrong in [
        ("Authorization", "Bearer 0123456789abcdefghik"),
        ("Authorization", SECRET),
        (
            "Sec-WebSocket-Protocol",
            "towpath.token.0123456789abcdefghi",
        ),
        ("Cookie", "a=b"),
    ] {
        assert_eq!(status(&door, &[host, wrong]), 401, "{wrong:?}");
    }
}

#[test]
fn no_token_is_left_for_the_remote() {
    let carrier = format!("towpath.token.{SECRET}");
    let all = format!("{carrier}, chat, towpath.token.of-another");
    let bearer = format!("bearer {SECRET}");
    let headers = [
        ("Host", "localhost"),
        ("Authorization", bearer.as_str()),
        ("Authorization", "Basic x"),
        ("Sec-WebSocket-Protocol", &all),
    ];
    let token = AccessToken::of_text(SECRET).unwrap();
    let without = door("127.0.0.1:9000");
    let with = Door {
        token: Some(token),
        ..without.clone()
    };
    for (door, credentials) in [(with, &["Basic x"][..]), (without, &[&bearer, "Basic x"])] {
        let mut head = head(&headers);
        assert_eq!(door.admit(&mut head), Ok(Some(carrier.clone())));
        let left: Vec<&str> = head.values("sec-websocket-protocol").collect();
        assert_eq!(left, ["chat"]);
        let left: Vec<&str> = head.values("authorization").collect();
        assert_eq!(left, credentials);
    }
}
