//! `towpath relay check` as an operator runs it: before a relay whose ends all work, and before relays that cannot.

use std::os::unix::fs::PermissionsExt;
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::process::Command;
use tokio::time::timeout;
use towpath_lab::{Kosmi, KosmiOptions, MatterbridgeOptions, start_kosmi, start_matterbridge};
use towpath_sides::{Http, HttpLimits, HttpRequest, Network};
use towpath_tests::boxes::ngircd;
use towpath_tests::support::http::{Reply, Server};
use towpath_tests::support::irc::Person;
use towpath_tests::support::{Folder, check, port};

use crate::pair::{Pair, ROOM};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs the check on a configuration, with arguments separated by spaces.
async fn run(folder: &Folder, relay_toml: &str, arguments: &str) -> Output {
    let state = folder.path().join("relay.sqlite");
    let text = format!(
        "state = \"{}\"\n[status]\nlisten = \"none\"\n{relay_toml}",
        state.display()
    );
    let file = folder.write("relay.toml", &text);
    // It may hold secrets, which are refused where others can read them.
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).expect("it is ours");
    let command = Command::new(check::binary())
        .args(["relay", "check", "--config"])
        .arg(file)
        .args(arguments.split_whitespace())
        .env("HOME", folder.path())
        .env("XDG_CACHE_HOME", folder.path())
        .env("XDG_STATE_HOME", folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    timeout(PATIENCE, command)
        .await
        .expect("in time")
        .expect("it starts")
}

/// The JSON form, and the exit status.
async fn report(folder: &Folder, relay_toml: &str, arguments: &str) -> (Value, Option<i32>) {
    let output = run(folder, relay_toml, &format!("--json {arguments}")).await;
    let errors = String::from_utf8_lossy(&output.stderr);
    let report =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"));
    (report, output.status.code())
}

/// Steps as `step room outcome`.
fn steps(side: &Value) -> Vec<String> {
    let text = |step: &Value, name: &str| step[name].as_str().unwrap_or("-").to_owned();
    let steps = side["steps"].as_array().expect("a list").iter();
    steps
        .map(|step| {
            format!(
                "{} {} {}",
                text(step, "step"),
                text(step, "room"),
                text(step, "outcome")
            )
        })
        .collect()
}

async fn kosmi() -> Kosmi {
    start_kosmi(KosmiOptions::default())
        .await
        .expect("loopback has a free port")
}

fn kosmi_table(kosmi: &Kosmi) -> String {
    let (url, login_url) = (kosmi.url(), kosmi.login_url());
    format!("[kosmi.main]\nlogin = \"anonymous\"\nurl = {url:?}\nlogin_url = {login_url:?}\n")
}

fn irc_table(port: u16) -> String {
    format!("[irc.a]\nserver = \"127.0.0.1:{port}\"\ntls = false\nnick = \"towpath\"\n")
}

fn link(members: &[(&str, &str)]) -> String {
    let members = members
        .iter()
        .map(|(side, room)| format!("{{ side = {side:?}, room = {room:?} }}"));
    format!(
        "[[link]]\nname = \"l\"\nmembers = [{}]\n",
        members.collect::<Vec<_>>().join(", ")
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_whose_ends_work_is_well_and_is_heard_only_where_asked() {
    let folder = Folder::new();
    let kosmi = kosmi().await;
    let ircd = ngircd::start();
    let person = Person::join(ircd.port, "ann", &["#x"]);
    let bodies: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&bodies);
    let hook = Server::start(move |request| {
        if request.method == "POST" {
            kept.lock()
                .unwrap()
                .push(String::from_utf8_lossy(&request.body).into_owned());
        }
        Reply::status(if request.method == "POST" { 204 } else { 405 })
    });
    let address = hook.address();
    let all = kosmi_table(&kosmi)
        + &irc_table(ircd.port)
        + &format!("[webhook.w]\nurl = \"http://{address}/very-secret\"\n")
        + &link(&[
            ("kosmi.main", "@lounge"),
            ("irc.a", "#x"),
            ("webhook.w", "x"),
        ]);

    let (silent, status) = report(&folder, &all, "").await;
    assert_eq!(
        (status, &silent["all_well"]),
        (Some(0), &json!(true)),
        "{silent:#}"
    );
    assert_eq!(
        steps(&silent["sides"][0]),
        ["connect - held", "room #x held", "say - not-tried"]
    );
    assert_eq!(
        steps(&silent["sides"][1]),
        ["connect - held", "room @lounge held", "say - not-tried"]
    );
    assert_eq!(
        steps(&silent["sides"][2]),
        ["answer - held", "say - not-tried"]
    );
    assert!(kosmi.room("@lounge").is_empty() && bodies.lock().unwrap().is_empty());
    assert!(person.said("#x").is_empty());

    let heard = run(&folder, &all, "--say it-works").await;
    let shown = String::from_utf8_lossy(&heard.stdout).into_owned();
    assert_eq!(heard.status.code(), Some(0), "{shown}");
    assert!(
        shown.ends_with("ALL WELL: 3 sides, as far as was tried.\n"),
        "{shown}"
    );
    assert!(!shown.contains("very-secret"), "{shown}");
    assert_eq!(kosmi.room("@lounge").len(), 1);
    assert!(bodies.lock().unwrap()[0].contains("it-works"));
    assert!(person.hears("#x", "it-works").nick.starts_with("towpath"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_seeds_403_is_explained_before_the_relay_runs() {
    let folder = Folder::new();
    let kosmi = kosmi().await;
    folder.write("old.toml", "[service]\nsubprotocols = [\"graphql-ws\"]\n");
    let wrong = kosmi_table(&kosmi)
        + "profile = \"old.toml\"\n"
        + &irc_table(port::free())
        + &link(&[("kosmi.main", "@lounge"), ("irc.a", "#x")]);
    let (report, status) = report(&folder, &wrong, "").await;
    assert_eq!((status, &report["all_well"]), (Some(1), &json!(false)));
    let irc = &report["sides"][0];
    assert_eq!(irc["findings"][0]["cause"], "tcp-refused", "{irc:#}");
    let found = &report["sides"][1]["findings"][0];
    assert_eq!(found["cause"], "http-403-subproto", "{report:#}");
    assert_eq!(found["confidence"], "certain");
    assert!(
        found["remedy"]["operator"]
            .as_str()
            .unwrap()
            .contains("graphql-transport-ws")
    );
    // Whoever runs the relay can mend it, and is told by which setting.
    let yours = found["remedy"]["user"].as_str().unwrap();
    assert!(yours.contains("`subprotocols`"), "{yours}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_tokens_and_webhooks_that_are_wrong_are_named() {
    let folder = Folder::new();
    let kosmi = kosmi().await;
    let options = MatterbridgeOptions {
        token: Some("right".to_owned()),
        ..MatterbridgeOptions::default()
    };
    let matterbridge = start_matterbridge(options).await.unwrap();
    let hook = Server::start(|_| Reply::status(404));
    let (api, address) = (matterbridge.address(), hook.address());
    let wrong = kosmi_table(&kosmi)
        + &format!("[matterbridge.m]\nurl = \"http://{api}\"\ntoken = \"wr0ng-t0ken\"\n")
        + &format!("[webhook.w]\nurl = \"http://{address}/very-secret\"\n")
        + &link(&[
            ("kosmi.main", "@nowhere"),
            ("matterbridge.m", "g"),
            ("webhook.w", "x"),
        ]);
    let output = run(&folder, &wrong, "").await;
    let shown = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    for words in [
        "ROOM_NOT_FOUND",
        "token",
        "404: there is no such webhook",
        "NOT YET: kosmi.main, matterbridge.m, webhook.w.",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    for secret in ["very-secret", "wr0ng-t0ken"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_takes_nothing_from_matterbridges_buffer() {
    let folder = Folder::new();
    let matterbridge = start_matterbridge(MatterbridgeOptions::default())
        .await
        .unwrap();
    let kosmi = kosmi().await;
    let api = matterbridge.address();
    let network = Network::default();
    let http = Http::new(network.net, network.proxy);
    let say = json!({"room": "g", "name": "ann", "text": "waiting"}).to_string();
    let url = format!("http://{api}/control/say").parse().unwrap();
    let said = http
        .request(
            HttpRequest::new("POST".parse().unwrap(), url).with_json(say),
            &HttpLimits::default(),
        )
        .await
        .unwrap();
    assert!(said.status < 300, "{}", said.status);
    let all = kosmi_table(&kosmi)
        + &format!("[matterbridge.m]\nurl = \"http://{api}\"\nonly_client = true\n")
        + &link(&[("kosmi.main", "@lounge"), ("matterbridge.m", "g")]);
    let (report, status) = report(&folder, &all, "").await;
    assert_eq!(status, Some(0), "{report:#}");
    let url = format!("http://{api}/api/messages").parse().unwrap();
    let left = http
        .request(
            HttpRequest::new("GET".parse().unwrap(), url),
            &HttpLimits::default(),
        )
        .await
        .unwrap();
    assert!(String::from_utf8_lossy(&left.body).contains("waiting"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_mistakes_is_not_tried() {
    let folder = Folder::new();
    let output = run(&folder, "[irc.a]\nsever = \"x\"\n", "").await;
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(
        errors.contains("sever") && errors.contains("server"),
        "{errors}"
    );
}

#[test]
fn a_check_beside_a_relay_says_so_and_nothing_else() {
    let pair = Pair::start("");
    let run = |more: &[&str]| {
        let mut command = pair.relay.command(&["relay", "check", "--config"]);
        command.arg(pair.relay.config()).args(more);
        command.output().expect("it starts")
    };
    let checked = run(&[]);
    let shown = String::from_utf8_lossy(&checked.stdout);
    assert!(checked.status.success(), "{shown}");
    assert!(
        shown.contains("A relay of this configuration is running"),
        "{shown}"
    );
    let speaking = run(&["--say", "over-heard"]);
    let errors = String::from_utf8_lossy(&speaking.stderr);
    assert_eq!(speaking.status.code(), Some(2), "{errors}");
    pair.passes_on("after-it");
    assert!(
        !pair
            .far
            .told(ROOM)
            .iter()
            .any(|text| text.contains("over-heard"))
    );
}
