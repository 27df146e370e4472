//! One browser for many sockets: how it starts, how it is lost, and what remains.

use std::time::Duration;

use tokio::time::timeout;
use towpath_browser::{BrowserSocket, Keeper, KeeperSettings, SocketEvent, SocketRequest};

use crate::support::{Manner, Server, options};

const PATIENCE: Duration = Duration::from_mins(1);

fn keeper() -> Keeper {
    Keeper::new(KeeperSettings {
        options: options(),
        ..KeeperSettings::default()
    })
}

async fn open(keeper: &Keeper, server: &Server) -> BrowserSocket {
    let mut request = SocketRequest::new(server.websocket("/"));
    request.timeout = PATIENCE;
    keeper.open(request).await.expect("a socket")
}

#[tokio::test(flavor = "multi_thread")]
async fn opens_at_once_share_one_browser_that_ends_on_demand() {
    let server = Server::start(Manner::GreetThenStay, "hi").await;
    let keeper = keeper();
    assert!(!keeper.status().running);
    let (first, second) = tokio::join!(open(&keeper, &server), open(&keeper, &server));
    let status = keeper.measure().await;
    assert!(
        status.running && status.version.contains("Chrome"),
        "{status:?}"
    );
    assert_eq!((status.sockets, status.pages, status.restarts), (2, 1, 0));
    assert!(status.processes > 2, "{status:?}");
    assert!(status.pss_bytes > status.anonymous_bytes, "{status:?}");
    assert!(status.anonymous_bytes > Some(10 << 20), "{status:?}");
    keeper.end().await;
    assert!(!keeper.status().running);
    for socket in [first, second] {
        let (_sender, mut receiver) = socket.split();
        let closed = timeout(PATIENCE, async {
            loop {
                match receiver.next().await {
                    Some(SocketEvent::Closed { code, .. }) => return code,
                    Some(SocketEvent::Message(_)) => {}
                    None => panic!("a close comes last"),
                }
            }
        });
        closed.await.expect("told");
    }
    assert_eq!(keeper.status().restarts, 0);
}
