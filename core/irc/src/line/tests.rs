use super::*;
use proptest::prelude::*;

fn parse(text: &str) -> Line {
    Line::parse(text.as_bytes()).unwrap()
}

#[test]
fn a_line_is_taken_apart() {
    let line = parse(
        "@time=2026-01-02T03:04:05.678Z;msgid=a\\sb :nick!user@host privmsg  #room :hello : there ",
    );
    assert_eq!(line.tag("msgid"), Some("a b"));
    assert_eq!(line.command, "PRIVMSG");
    assert_eq!(line.params, ["#room", "hello : there "]);
    let source = line.source.unwrap();
    assert_eq!(
        (
            source.name.as_str(),
            source.user.as_deref(),
            source.host.as_deref()
        ),
        ("nick", Some("user"), Some("host"))
    );
}

#[test]
fn odd_lines_are_read_as_far_as_they_go() {
    assert_eq!(parse("PING").params, [""; 0]);
    assert_eq!(parse(" PING :").params, [""]);
    assert_eq!(
        parse(":irc.example 005 me A B :are supported").numeric(),
        Some(5)
    );
    assert!(
        parse(":irc.example NOTICE * :x")
            .source
            .unwrap()
            .is_server()
    );
    assert_eq!(
        parse(":a@b QUIT").source.unwrap().host.as_deref(),
        Some("b")
    );
    for none in ["", "   ", "@a=b", ":x", ":x  ", "@a :b", "P\u{1}NG x"] {
        assert_eq!(
            Line::parse(none.as_bytes()),
            Err(LineError::NoCommand),
            "{none:?}"
        );
    }
}

#[test]
fn what_is_not_utf8_is_latin1() {
    let line = Line::parse(b"PRIVMSG #caf\xe9 :na\xc3\xafve").unwrap();
    assert_eq!(line.params, ["#café", "naïve"]);
}

#[test]
fn a_written_parameter_stays_one() {
    assert_eq!(write("PRIVMSG", &["#a", "b c"]).unwrap(), "PRIVMSG #a :b c");
    assert_eq!(write("CAP", &["LS", "302"]).unwrap(), "CAP LS :302");
    assert_eq!(write("NICK", &["a"]).unwrap(), "NICK a");
    assert_eq!(write("QUIT", &[""]).unwrap(), "QUIT :");
    for bad in [
        &["#a b", "c"][..],
        &["", "c"],
        &[":a", "c"],
        &["#a", "b\r\nQUIT"],
        &["#a", "b\0"],
        &["\n"],
    ] {
        assert_eq!(write("PRIVMSG", bad), Err(LineError::Breaks), "{bad:?}");
    }
    assert_eq!(write("A B", &[]), Err(LineError::NoCommand));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(line) = Line::parse(&bytes) {
            prop_assert!(!line.command.is_empty());
            prop_assert!(line.params.len() <= PARAMETERS_MAX);
        }
    }

    #[test]
    fn what_is_written_is_read_back(target in "[#a-z][^ :\r\n\0]{0,20}", text in "[^\r\n\0]{0,200}") {
        let line = write("PRIVMSG", &[&target, &text]).unwrap();
        let read = Line::parse(line.as_bytes()).unwrap();
        prop_assert_eq!(read.params, [target, text]);
    }
}
