//! Kill -9 in the middle of traffic: of a renderer, of the browser, of the program itself. What is lost is told at once,
//! and nothing stays behind.

use towpath_tests::boxes::{Running, node};

use crate::client::{Came, Client};
use crate::processes::{self, Process};
use crate::program::{Dial, Home};

/// A dial by browser with sockets that are full of traffic.
struct Busy {
    home: Home,
    dial: Dial,
    clients: Vec<Client>,
    _backend: Running,
}

impl Busy {
    async fn start() -> Self {
        let (home, backend) = (Home::default(), node::start("conformance.mjs", ""));
        let dial = Dial::start(&home, &["--via", "browser", &backend.ws("/")]);
        let mut clients = Vec::new();
        for _ in 0..SOCKETS {
            let mut client = dial.ask("/both?count=5000").open().await;
            assert_eq!(client.next_text().await, "down 0");
            clients.push(client);
        }
        Self {
            home,
            dial,
            clients,
            _backend: backend,
        }
    }

    fn processes(&self) -> Vec<Process> {
        processes::below(self.dial.process())
    }

    /// Each socket ends, and not as if its backend had meant it.
    async fn sockets_end(&mut self) {
        for client in &mut self.clients {
            loop {
                match client.next().await {
                    Came::Text(_) => {}
                    Came::End => break,
                    Came::Close(code, reason) => {
                        assert_eq!(code, Some(1012), "{reason}");
                        assert!(!reason.is_empty(), "the reason names what ended");
                        break;
                    }
                    came => panic!("{came:?}"),
                }
            }
        }
        self.clients.clear();
    }

    /// A new socket is served, by a new browser where that is what ended.
    async fn goes_on(&self) {
        let mut client = self.dial.ask("/echo").open().await;
        client.echo("again").await;
        client.farewell().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_the_renderer() {
    let mut busy = Busy::start().await;
    let renderers: Vec<Process> = busy
        .processes()
        .into_iter()
        .filter(Process::is_renderer)
        .collect();
    assert!(!renderers.is_empty(), "{:#?}", busy.processes());
    for renderer in &renderers {
        processes::kill(renderer.id);
    }
    busy.sockets_end().await;
    busy.goes_on().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_the_browser() {
    of_each(Process::is_browser).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_the_script_that_starts_it() {
    of_each(Process::is_script_of_browser).await;
}

/// Kills the processes of a kind, where there are any; the whole browser has to go with them.
async fn of_each(kind: fn(&Process) -> bool) {
    let mut busy = Busy::start().await;
    let before = busy.processes();
    let killed: Vec<&Process> = before.iter().filter(|process| kind(process)).collect();
    for process in &killed {
        processes::kill(process.id);
    }
    if killed.is_empty() {
        return;
    }
    busy.sockets_end().await;
    busy.goes_on().await;
    let old: Vec<u32> = before.iter().map(|process| process.id).collect();
    processes::gone(&old).await;
}

/// The browser notices that nobody is there any more; the next start clears away what was left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_the_program() {
    let mut busy = Busy::start().await;
    let before: Vec<u32> = busy.processes().iter().map(|process| process.id).collect();
    let left = busy.home.profiles();
    assert!(!left.is_empty(), "a browser has a profile");
    busy.dial.kill().await;
    busy.sockets_end().await;
    processes::gone(&before).await;

    let backend = node::start("conformance.mjs", "");
    let dial = Dial::start(&busy.home, &["--via", "browser", &backend.ws("/")]);
    dial.ask("/echo").open().await.farewell().await;
    let again = busy.home.profiles();
    let still: Vec<_> = left.iter().filter(|path| again.contains(path)).collect();
    assert!(still.is_empty(), "{still:?}");
}

/// Whoever asks it to end gets an orderly end, also where some program does not answer a close.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_nobody() {
    let Busy {
        home,
        dial,
        mut clients,
        _backend,
    } = Busy::start().await;
    let mut before: Vec<u32> = processes::below(dial.process())
        .iter()
        .map(|process| process.id)
        .collect();
    before.push(dial.process());
    processes::signal("TERM", dial.process());
    for client in &mut clients {
        assert_eq!(client.closed().await, Some(1001));
    }
    processes::gone(&before).await;
    assert!(home.profiles().is_empty(), "{:?}", home.profiles());
}

const SOCKETS: usize = 8;
