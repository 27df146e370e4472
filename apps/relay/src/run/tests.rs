use std::fs;
use std::net::TcpListener;

use tokio::time::timeout;

use super::*;
use crate::ask::ask;

/// A relay whose sides have nobody to talk to, and what it tells.
struct World {
    folder: tempfile::TempDir,
    commands: mpsc::Sender<Command>,
    events: mpsc::Receiver<Event>,
    run: JoinHandle<()>,
}

impl World {
    async fn start(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("relay.toml");
        fs::write(&file, text).unwrap();
        let (prepared, events) = prepare(&file).await.unwrap();
        let (commands, taken) = mpsc::channel(1);
        Self {
            folder,
            commands,
            events,
            run: tokio::spawn(prepared.run(taken)),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("relay.toml")
    }

    async fn reload(&self, text: &str) {
        fs::write(self.file(), text).unwrap();
        self.commands.send(Command::Reload).await.unwrap();
    }

    /// The first event from now on that is such a one.
    async fn event(&mut self, is: impl Fn(&Event) -> bool) -> Event {
        let found = async {
            loop {
                let event = self.events.recv().await.expect("the relay runs");
                if is(&event) {
                    return event;
                }
            }
        };
        timeout(Duration::from_mins(1), found)
            .await
            .expect("such an event")
    }

    async fn end(mut self) {
        self.commands.send(Command::End).await.unwrap();
        self.event(|event| *event == Event::Ending).await;
        self.run.await.unwrap();
    }
}

/// A place where nobody listens.
fn nobody() -> u16 {
    let place = TcpListener::bind("127.0.0.1:0").unwrap();
    place.local_addr().unwrap().port()
}

fn config(port: u16, status: u16) -> String {
    format!(
        "state = \"relay.sqlite\"\n[status]\nlisten = \"127.0.0.1:{status}\"\n\
         [irc.a]\nserver = \"127.0.0.1:{port}\"\ntls = false\nproxy = \"none\"\n\
         [irc.b]\nserver = \"127.0.0.1:{port}\"\ntls = false\nproxy = \"none\"\n\
         [[link]]\nname = \"x\"\nmembers = [ {{ side = \"irc.a\", room = \"#a\" }}, {{ side = \"irc.b\", room = \"#b\" }} ]\n"
    )
}

fn is_waiting(event: &Event, name: &str) -> bool {
    matches!(event, Event::Side { side, state, .. } if side == name && !state.is_ready())
}

#[tokio::test]
async fn a_run_tells_its_sides_answers_and_ends() {
    let status = nobody();
    let unused = "[irc.c]\nserver = \"c.example\"\n";
    let text = format!("{}{unused}", config(nobody(), status));
    let mut world = World::start(&text).await;
    let started = world.event(|_| true).await;
    let url = format!("http://127.0.0.1:{status}/");
    assert_eq!(
        started,
        Event::Started {
            sides: 2,
            links: 1,
            status: Some(url),
            unused: vec!["irc.c".to_owned()],
        }
    );
    world.event(|event| is_waiting(event, "irc.a")).await;
    let told = ask(&world.file(), false).await.unwrap();
    assert!(!told.is_ready);
    assert!(
        told.text.contains("irc.b") && told.text.contains("link x"),
        "{}",
        told.text
    );
    // Both questions go over one connection, which has to be ready again each time.
    for _ in 0..20 {
        ask(&world.file(), false).await.unwrap();
    }
    let told = ask(&world.file(), true).await.unwrap();
    assert!(told.text.starts_with('{'), "{}", told.text);
    let file = world.file();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("relay.toml");
    fs::copy(&file, &copy).unwrap();
    world.end().await;
    let error = ask(&copy, false).await.unwrap_err().to_string();
    assert!(error.contains("is it running"), "{error}");
}

#[tokio::test]
async fn a_mistake_changes_nothing_and_a_good_file_is_taken_over() {
    let (port, status) = (nobody(), nobody());
    let text = config(port, status);
    let mut world = World::start(&text).await;
    world.event(|event| is_waiting(event, "irc.b")).await;
    world
        .reload(&text.replace("irc.a\", room", "irc.c\", room"))
        .await;
    let refused = world
        .event(|event| matches!(event, Event::NotReloaded { .. }))
        .await;
    assert!(
        refused.to_string().contains("there is no side \"irc.c\""),
        "{refused}"
    );
    let kept = ask(&world.file(), false).await.unwrap();
    assert!(kept.text.contains("irc.a #a"), "{}", kept.text);
    world
        .reload(
            &text
                .replace("irc.a", "irc.c")
                .replace("relay.sqlite", "other.sqlite"),
        )
        .await;
    let taken = world
        .event(|event| matches!(event, Event::Reloaded { .. }))
        .await;
    assert!(taken.to_string().contains("at the next start"), "{taken}");
    world.event(|event| is_waiting(event, "irc.c")).await;
    let now = ask(&world.file(), false).await.unwrap();
    assert!(
        now.text.contains("irc.c #a") && !now.text.contains("irc.a"),
        "{}",
        now.text
    );
    world.end().await;
}

#[tokio::test]
async fn the_status_moves_with_the_configuration_or_stays() {
    let (port, first, second) = (nobody(), nobody(), nobody());
    let mut world = World::start(&config(port, first)).await;
    world.reload(&config(port, second)).await;
    world
        .event(|event| matches!(event, Event::Reloaded { .. }))
        .await;
    assert!(ask(&world.file(), false).await.is_ok());
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    world
        .reload(&config(port, taken.local_addr().unwrap().port()))
        .await;
    world
        .event(|event| matches!(event, Event::NotReloaded { .. }))
        .await;
    fs::write(world.file(), config(port, second)).unwrap();
    assert!(
        ask(&world.file(), false).await.is_ok(),
        "the old place is kept"
    );
    world.end().await;
}

#[tokio::test]
async fn two_relays_share_no_state() {
    let world = World::start(&config(nobody(), nobody())).await;
    let other = world.folder.path().join("other.toml");
    fs::write(&other, config(nobody(), nobody())).unwrap();
    let error = prepare(&other).await.unwrap_err().to_string();
    assert!(
        error.contains("another relay uses this state file"),
        "{error}"
    );
    world.end().await;
}
