use proptest::prelude::*;

use super::*;
use crate::context::Replied;
use crate::formats::FormatSettings;
use crate::rules::Takes;

fn said(name: &str, text: &str) -> Message {
    Message {
        side: "kosmi.main".to_owned(),
        room: "@lounge".to_owned(),
        id: Some("1".to_owned()),
        author: Author {
            name: name.to_owned(),
            ..Author::default()
        },
        kind: Kind::Text,
        text: text.to_owned(),
        at_unix_ms: 1_000_000,
        reply_to: None,
        files: Vec::new(),
    }
}

fn of(kind: Kind, text: &str) -> Message {
    Message {
        kind,
        ..said("bob", text)
    }
}

fn context() -> Context {
    Context {
        network: "Kosmi".to_owned(),
        link: "lounge".to_owned(),
        now_unix_ms: 1_000_000,
        ..Context::default()
    }
}

fn irc() -> Rules {
    Rules {
        bytes_max: Some(400),
        markup: Markup::Irc,
        takes: Takes {
            notice: true,
            ..Takes::default()
        },
        ..Rules::default()
    }
}

fn discord() -> Rules {
    Rules {
        chars_max: Some(2000),
        several_lines: true,
        name_apart: true,
        markup: Markup::Discord,
        takes: Takes {
            edit: true,
            delete: true,
            ..Takes::default()
        },
        ..Rules::default()
    }
}

fn kosmi() -> Rules {
    Rules {
        several_lines: true,
        markup: Markup::Kosmi,
        ..Rules::default()
    }
}

fn with(rules: &Rules, context: &Context, message: &Message) -> Vec<Outgoing> {
    let formats = FormatSettings::default().formats(rules).expect("defaults");
    compose(message, &formats, context, rules)
}

fn texts(rules: &Rules, message: &Message) -> Vec<String> {
    let pieces = with(rules, &context(), message);
    pieces.into_iter().map(|piece| piece.text).collect()
}

#[test]
fn a_line_for_irc_names_network_and_author_and_pings_nobody() {
    assert_eq!(
        texts(&irc(), &said("bob", "hi")),
        ["[Kosmi] <b\u{200d}ob> hi"]
    );
    assert_eq!(
        texts(&irc(), &said("bob", "one\r\n\r\ntwo")),
        ["[Kosmi] <b\u{200d}ob> one", "[Kosmi] <b\u{200d}ob> two"]
    );
}

#[test]
fn a_side_that_shows_names_is_given_the_name_apart() {
    let pieces = with(&discord(), &context(), &said("bob", "one\ntwo"));
    assert_eq!(pieces.len(), 1);
    assert_eq!(pieces[0].text, "one\ntwo");
    assert_eq!(pieces[0].author.name, "bob (Kosmi)");
}

#[test]
fn a_name_that_stands_apart_is_not_said_again() {
    let slack = Rules {
        takes: Takes::default(),
        ..discord()
    };
    assert_eq!(
        texts(&slack, &of(Kind::Topic, "tea")),
        ["changed the subject to: tea"]
    );
}

#[test]
fn a_program_is_told_name_and_network_apart() {
    let rules = Rules {
        markup: Markup::None,
        ..discord()
    };
    let author = with(&rules, &context(), &said("bob", "hi"))
        .remove(0)
        .author;
    assert_eq!(author.name, "bob");
    assert_eq!(author.network.as_deref(), Some("Kosmi"));
}

#[test]
fn every_kind_is_told_by_its_format() {
    let earlier = || "0".to_owned();
    for (kind, text, expect) in [
        (Kind::Action, "waves", "[Kosmi] * bob waves"),
        (Kind::Notice, "hear", "[Kosmi] -bob- hear"),
        (
            Kind::Edit { of: earlier() },
            "new",
            "[Kosmi] <bob> (edited) new",
        ),
        (
            Kind::Delete { of: earlier() },
            "",
            "[Kosmi] * bob took back a message",
        ),
        (
            Kind::Topic,
            "tea",
            "[Kosmi] * bob changed the subject to: tea",
        ),
    ] {
        assert_eq!(
            texts(&kosmi(), &of(kind.clone(), text)),
            [expect],
            "{kind:?}"
        );
    }
    for kind in [Kind::Join, Kind::Leave] {
        assert!(texts(&kosmi(), &of(kind, "")).is_empty());
    }
    assert!(texts(&kosmi(), &said("bob", " \u{1}\n")).is_empty());
}

#[test]
fn a_kind_is_told_as_such_where_the_side_takes_it() {
    let all = Rules {
        name_apart: true,
        takes: Takes::ALL,
        ..Rules::default()
    };
    for kind in [
        Kind::Action,
        Kind::Notice,
        Kind::Join,
        Kind::Leave,
        Kind::Topic,
    ] {
        let pieces = with(&all, &context(), &of(kind.clone(), "x"));
        assert_eq!(pieces.len(), 1, "{kind:?}");
        assert_eq!(pieces[0].kind, kind);
    }
    let pieces = with(&kosmi(), &context(), &of(Kind::Action, "waves"));
    assert_eq!(pieces[0].kind, Kind::Text);
}

#[test]
fn an_edit_changes_the_pieces_that_were_told() {
    let context = Context {
        earlier: vec!["7".to_owned(), "8".to_owned(), "9".to_owned()],
        ..context()
    };
    let rules = Rules {
        chars_max: Some(20),
        ..discord()
    };
    let edit = of(Kind::Edit { of: "1".to_owned() }, "one two three four five");
    let kinds: Vec<Kind> = with(&rules, &context, &edit)
        .into_iter()
        .map(|piece| piece.kind)
        .collect();
    let is = |kind: fn(String) -> Kind, id: &str| kind(id.to_owned());
    assert_eq!(
        kinds,
        [
            is(|of| Kind::Edit { of }, "7"),
            is(|of| Kind::Edit { of }, "8"),
            is(|of| Kind::Delete { of }, "9")
        ]
    );
    let delete = of(Kind::Delete { of: "1".to_owned() }, "");
    assert_eq!(with(&rules, &context, &delete).len(), 3);
}

#[test]
fn a_reply_shows_what_it_replies_to() {
    let mut context = context();
    context.replied = Some(Replied {
        id: Some("5".to_owned()),
        author: "ann".to_owned(),
        text: "long ago\nit was".to_owned(),
    });
    let message = said("bob", "yes");
    let told = with(&kosmi(), &context, &message);
    assert_eq!(told[0].text, "[Kosmi] <bob> (to ann: long ago it was) yes");
    assert_eq!(told[0].reply_to, None);
    let all = Rules {
        takes: Takes::ALL,
        ..kosmi()
    };
    let told = with(&all, &context, &message);
    assert_eq!(told[0].text, "[Kosmi] <bob> yes");
    assert_eq!(told[0].reply_to.as_deref(), Some("5"));
}

#[test]
fn what_is_told_late_says_when_it_was_said() {
    let late = Context {
        now_unix_ms: 1_000_000 + LATE_AFTER_MS + 1,
        ..context()
    };
    let told = with(&kosmi(), &late, &said("bob", "hi"));
    assert_eq!(told[0].text, "[Kosmi] <bob> (00:16 UTC) hi");
}

#[test]
fn files_are_addresses_where_the_side_has_none() {
    let mut message = said("bob", "look");
    let file = |name: &str, url: &str, comment: &str| File {
        name: name.to_owned(),
        url: url.to_owned(),
        comment: comment.to_owned(),
    };
    message.files = vec![
        file("a.png", "https://x.example/a.png", "a cat"),
        file("b.png", "javascript:alert(1)", ""),
    ];
    assert_eq!(
        texts(&irc(), &message),
        ["[Kosmi] <b\u{200d}ob> look a cat https://x.example/a.png (b.png)"]
    );
    let apart = Rules {
        takes: Takes::ALL,
        ..kosmi()
    };
    let told = with(&apart, &context(), &message);
    assert_eq!(told[0].text, "[Kosmi] <bob> look");
    assert_eq!(told[0].files.len(), 1);
    message.text = "https://x.example/a.png".to_owned();
    message.files.truncate(1);
    assert_eq!(
        texts(&kosmi(), &message),
        ["[Kosmi] <bob> https://x.example/a.png\n| a cat"]
    );
}

#[test]
fn no_name_passes_for_another() {
    for (name, expect) in [
        ("x> [IRC] <admin", "[Kosmi] <x› [IRC] ‹admin> hi"),
        ("a\nb", "[Kosmi] <a b> hi"),
        ("@everyone", "[Kosmi] <\u{200b}@\u{200b}everyone> hi"),
        ("", "[Kosmi] <somebody> hi"),
    ] {
        assert_eq!(texts(&kosmi(), &said(name, "hi")), [expect]);
    }
    let settings = FormatSettings {
        text: Some("({nick}) ".to_owned()),
        ..FormatSettings::default()
    };
    let formats = settings.formats(&kosmi()).expect("a format");
    let told = compose(&said("a) hi (b", "x"), &formats, &context(), &kosmi());
    assert_eq!(told[0].text, "(a· hi (b) x");
}

#[test]
fn no_line_passes_for_that_of_somebody_else() {
    let told = texts(&kosmi(), &said("bob", "hi\n[IRC] <admin> give me"));
    assert_eq!(told, ["[Kosmi] <bob> hi\n| [IRC] <admin> give me"]);
}

#[test]
fn slack_is_given_entities() {
    let slack = Rules {
        markup: Markup::Slack,
        several_lines: true,
        ..Rules::default()
    };
    let told = texts(&slack, &said("!channel", "<!here> & <b>"));
    assert_eq!(
        told,
        ["[Kosmi] &lt;\u{200b}!channel&gt; &lt;\u{200b}!here&gt; &amp; &lt;b&gt;"]
    );
}

#[test]
fn a_format_of_the_operator_wins_and_an_empty_one_is_silent() {
    let member = FormatSettings {
        text: Some("[{PROTOCOL}/{CHANNEL}] <{NICK}> ".to_owned()),
        ..FormatSettings::default()
    };
    let side = FormatSettings {
        text: Some("never".to_owned()),
        action: Some(String::new()),
        ..FormatSettings::default()
    };
    let formats = member.or(&side).formats(&kosmi()).expect("formats");
    let told = compose(&said("bob", "hi"), &formats, &context(), &kosmi());
    assert_eq!(told[0].text, "[Kosmi/@lounge] <bob> hi");
    assert!(compose(&of(Kind::Action, "hi"), &formats, &context(), &kosmi()).is_empty());
    let wrong = FormatSettings {
        late: Some("{when}".to_owned()),
        ..FormatSettings::default()
    };
    let mistake = wrong.formats(&kosmi()).expect_err("a mistake").to_string();
    assert!(
        mistake.starts_with("the format `late`: `{when}` is not known"),
        "{mistake}"
    );
}

#[test]
fn the_operator_may_colour_lines_of_irc_and_users_may_not() {
    let settings = FormatSettings {
        text: Some("\u{3}03<{nick}>\u{f} {text}".to_owned()),
        ..FormatSettings::default()
    };
    let formats = settings.formats(&irc()).expect("IRC has colours");
    let told = compose(&said("b\u{2}ob", "\u{3}4hi"), &formats, &context(), &irc());
    assert_eq!(told[0].text, "\u{3}03<bob>\u{f} hi");
    let refused = settings.formats(&kosmi()).expect_err("Kosmi has none");
    assert_eq!(
        refused.to_string(),
        "the format `text`: only IRC has codes for colours"
    );
}

fn markups() -> impl Strategy<Value = Markup> {
    prop::sample::select(vec![
        Markup::None,
        Markup::Irc,
        Markup::Discord,
        Markup::Slack,
        Markup::Mattermost,
        Markup::Matterbridge,
        Markup::Kosmi,
    ])
}

proptest! {
    #[test]
    fn nothing_hostile_comes_out(
        name in hostile::text(), text in hostile::text(), network in hostile::text(), quote in hostile::text(), url in hostile::text(),
        markup in markups(), bytes in 16usize..120, pieces_max in 1usize..30, several_lines: bool, name_apart: bool, files: bool, action: bool,
    ) {
        let mut message = said(&name, &text);
        message.author.network = Some(network);
        message.kind = if action { Kind::Action } else { Kind::Text };
        message.files = vec![File { name: quote.clone(), url: format!("https://{url}"), comment: quote.clone() }];
        let mut context = context();
        context.replied = Some(Replied { id: None, author: name.clone(), text: quote });
        let takes = Takes { files, ..Takes::default() };
        let rules = Rules { bytes_max: Some(bytes), chars_max: None, several_lines, name_apart, markup, takes, pieces_max };
        let pieces = with(&rules, &context, &message);
        prop_assert!(pieces.len() <= pieces_max);
        for piece in &pieces {
            prop_assert!(piece.text.len() <= bytes, "{} bytes: {:?}", piece.text.len(), piece.text);
            let line = |text: &str| !text.chars().any(|c| c.is_control() && !(several_lines && c == '\n'));
            prop_assert!(line(&piece.text), "{:?}", piece.text);
            prop_assert!(!piece.author.name.chars().any(char::is_control));
            prop_assert_eq!(break_mentions(&piece.text, markup), piece.text.clone());
            prop_assert_eq!(break_mentions(&piece.author.name, markup), piece.author.name.clone());
            if markup == Markup::Slack {
                prop_assert!(!piece.text.contains(['<', '>']));
            }
            for file in &piece.files {
                prop_assert!(file.url.chars().all(|c| !c.is_control() && !c.is_whitespace()));
            }
        }
    }

    #[test]
    fn every_word_is_told(name in hostile::text(), text in hostile::text(), bytes in 16usize..200, several_lines: bool) {
        let rules = Rules { bytes_max: Some(bytes), several_lines, markup: Markup::Irc, pieces_max: 10_000, ..Rules::default() };
        let formats = FormatSettings { text: Some("{nick}{text}".to_owned()), ..FormatSettings::default() };
        let silent = FormatSettings { text: Some("{text}".to_owned()), ..FormatSettings::default() };
        let squeeze = |text: &str| text.chars().filter(|c| !c.is_whitespace() && *c != '|').collect::<String>();
        let told = |settings: &FormatSettings| {
            let formats = settings.formats(&rules).expect("formats");
            compose(&said(&name, &text), &formats, &context(), &rules)
        };
        let plain: String = told(&silent).iter().map(|piece| squeeze(&piece.text)).collect();
        prop_assert_eq!(plain, squeeze(&clean(&text)));
        for piece in told(&formats) {
            prop_assert!(piece.text.len() <= bytes);
        }
    }
}
