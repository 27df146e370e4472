//! Accounts by SASL, at an `InspIRCd` whose logins Atheme judges, and the TLS that they are made over.

use std::process::Command;
use std::time::Duration;

use towpath_net::settings::ClientCertificate;
use towpath_sides::irc::{Login, NickServ, Settings};
use towpath_sides::{Hidden, Outcome, State};
use towpath_tests::boxes::{atheme, inspircd};
use towpath_tests::support::certificates::{Authority, Identity};
use towpath_tests::support::irc::Person;
use towpath_tests::support::port;

use super::talk::{self, Talk, plain};

fn with_account(port: u16, password: &str) -> Settings {
    Settings {
        login: Some(Login::Plain {
            account: "bargee".to_owned(),
            password: Hidden::new(password),
        }),
        ..plain(port)
    }
}

#[test]
fn an_account_is_logged_in_to_and_a_wrong_password_stops_the_side() {
    let network = atheme::start_with("");
    network.register("bargee", "sesame");
    let port = network.server.port;
    let ann = Person::join(port, "ann", &["#x"]);
    ann.write("CAP REQ account-tag\r\nMODE #x +n\r\n").unwrap();
    let talk = Talk::in_room(with_account(port, "sesame"), "#x");
    assert!(matches!(
        talk.says("#x", "logged in"),
        Outcome::Delivered { .. }
    ));
    ann.hears("#x", "logged in");
    let is_ours = |line: &str| line.contains("account=bargee") && line.contains("logged in");
    ann.heard_within(Duration::from_secs(5), is_ours).unwrap();
    talk.end();

    let wrong = Talk::start(with_account(port, "wrong"));
    let states = wrong.until(|states| matches!(states.connection, State::Stopped { .. }));
    let trouble = states.last_trouble.unwrap();
    assert!(
        trouble.why.sentence.contains("login was refused"),
        "{trouble:?}"
    );
    assert!(!format!("{trouble:?}").contains("wrong"), "{trouble:?}");
    wrong.end();

    // A service for networks without SASL knows the same account.
    let service = NickServ {
        nick: "NickServ".to_owned(),
        account: Some("bargee".to_owned()),
        password: Hidden::new("sesame"),
    };
    let talk = Talk::in_room(
        Settings {
            nickserv: Some(service),
            ..plain(port)
        },
        "#x",
    );
    let is_logged_in = |line: &str| line.contains(" 330 ") && line.contains("bargee");
    let known = || ann.lines().iter().any(|line| is_logged_in(line));
    for round in 0.. {
        ann.write("WHOIS towpath\r\n").unwrap();
        ann.try_settle(&format!("asked-{round}")).unwrap();
        if known() {
            break;
        }
        assert!(round < 1_000, "{:?}", ann.lines());
    }
    talk.end();
}

#[test]
fn a_server_without_services_is_waited_for() {
    let server = inspircd::start();
    let talk = Talk::start(with_account(server.port, "sesame"));
    let states = talk.until(|states| states.last_trouble.is_some());
    let why = states.last_trouble.unwrap().why;
    assert!(why.sentence.contains("offers no login"), "{why:?}");
    talk.end();
    let optional = Settings {
        login_optional: true,
        ..with_account(server.port, "sesame")
    };
    Talk::in_room(optional, "#x").end();
}

#[test]
fn a_certificate_is_a_login_and_tls_is_judged() {
    let (tls, authority) = (port::free(), Authority::new("Lab"));
    let identity = authority.issue(&["localhost"]);
    let network = atheme::start_with(&tls_settings(tls, &identity));
    network.register("bargee", "sesame");
    let own = Identity::self_signed(&["bargee"]);
    let read = |path| std::fs::read(path).expect("the file was just written");
    let certificate = ClientCertificate::from_pem(&read(own.chain()), &read(own.key())).unwrap();

    let owner = Person::join(network.server.port, "bargee", &["#x"]);
    let print = fingerprint(&own);
    owner
        .write("PRIVMSG NickServ :IDENTIFY sesame\r\n")
        .unwrap();
    owner
        .write(&format!("PRIVMSG NickServ :CERT ADD {print}\r\n"))
        .unwrap();
    owner
        .heard_within(Duration::from_secs(5), |line| {
            line.contains("NOTICE") && line.contains(&print)
        })
        .unwrap();

    let mut settings = talk::settings(&format!("localhost:{tls}"), true);
    settings
        .network
        .net
        .trust_only(&read(authority.root()))
        .unwrap();
    settings.network.net.client_certificate = Some(certificate);
    settings.login = Some(Login::External);
    let talk = Talk::in_room(settings.clone(), "#x");
    assert!(matches!(
        talk.says("#x", "by certificate"),
        Outcome::Delivered { .. }
    ));
    owner.hears("#x", "by certificate");
    assert_eq!(talk.states().way.as_deref(), Some("directly, by TLS"));
    talk.end();

    settings.network.net = towpath_net::Settings::default();
    let talk = Talk::start(settings);
    let why = talk
        .until(|states| states.last_trouble.is_some())
        .last_trouble
        .unwrap()
        .why;
    assert!(
        why.sentence.contains("not trusted") && why.remedy.is_some(),
        "{why:?}"
    );
}

fn tls_settings(port: u16, identity: &Identity) -> String {
    let (chain, key) = (identity.chain(), identity.key());
    format!(
        "<module name=\"ssl_gnutls\">\n<module name=\"sslinfo\">\n\
         <sslprofile name=\"lab\" provider=\"gnutls\" certfile=\"{}\" keyfile=\"{}\" requestclientcert=\"yes\" hash=\"sha256\">\n\
         <bind address=\"127.0.0.1\" port=\"{port}\" type=\"clients\" sslprofile=\"lab\">\n",
        chain.display(),
        key.display()
    )
}

/// The certificate's SHA-256 in small letters, as services want it.
fn fingerprint(identity: &Identity) -> String {
    let mut command = Command::new("openssl");
    command
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
        .arg(identity.chain());
    let output = command.output().expect("openssl runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (_, print) = text
        .trim()
        .split_once('=')
        .expect("openssl prints a fingerprint");
    print.replace(':', "").to_ascii_lowercase()
}
