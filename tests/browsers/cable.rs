//! The browser's cable is pulled and put into the same network or another one, so that the browser itself says
//! `offline` and `online`.

use std::net::{Ipv4Addr, SocketAddr};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use towpath_lab::{NetworkOptions, start_network};
use towpath_tests::boxes::gateway;
use towpath_tests::support::browser::Kind;
use towpath_tests::support::{Browser, Namespace};

use crate::backend::Backend;
use crate::report::{Report, query};

fn survives_a_pulled_cable(kind: Kind, subnet: u8) {
    let name = format!("cable-{}", kind.name());
    let Some(namespace) = Namespace::new(&name) else {
        return;
    };
    let host = Ipv4Addr::new(10, 77, subnet, 1);
    let far = format!("towpath{subnet}");
    let _cable = namespace.cable_to_host("near", &far, &format!("{host}/24"));
    let plug_in = |last: u8| {
        namespace.run(&format!(
            "ip link set near up; ip address replace 10.77.{subnet}.{last}/24 dev near; \
             ip route replace default via {host}"
        ));
    };
    let runtime = Runtime::new().expect("threads can be had");
    let backend = Backend::start();
    // With the same address its connections may go on; with another one they are dead, and nobody says so.
    for (network, before, after) in [("clear", 2, 2), ("clear", 2, 3), ("stripped", 3, 4)] {
        plug_in(before);
        let gateway = gateway::configured(backend.address().port(), SETTINGS);
        let options = NetworkOptions {
            listen: SocketAddr::from((host, 0)),
            upstream: Some(format!("127.0.0.1:{}", gateway.port)),
            ..NetworkOptions::default()
        };
        let running = runtime.block_on(start_network(network, options));
        let running = running.expect("the network starts");
        // Each time anew: a browser that was offline goes on asking for its next page only after a while.
        let browser = Browser::start_inside(kind, &namespace, host);
        let query = query(200, 20, 40);
        let url = format!(
            "{}carry.html?{query}&client={CLIENT}&key={after}",
            running.url()
        );
        let report = thread::scope(|scope| {
            scope.spawn(|| {
                let began = Instant::now();
                while backend.heard(&after.to_string()).len() < 50 {
                    if began.elapsed() > PATIENCE {
                        return;
                    }
                    sleep(Duration::from_millis(20));
                }
                namespace.run("ip link set near down");
                if after != before {
                    namespace.run("ip address flush dev near");
                }
                sleep(OUTAGE);
                plug_in(after);
            });
            browser.visit(&url, PATIENCE)
        });
        let report = Report::of(&report.expect("the page reports"));
        println!("{network} .{before} .{after}: {}", report.story());
        assert!(report.is_perfect(), "{network}: {}", report.story());
    }
}

#[test]
fn browser_chromium_survives_a_pulled_cable() {
    survives_a_pulled_cable(Kind::Chromium, 1);
}

#[test]
fn browser_firefox_survives_a_pulled_cable() {
    survives_a_pulled_cable(Kind::Firefox, 2);
}

const CLIENT: &str = "/.towpath/towpath.js";
/// A client waits for a quarter of this before it gives up a connection of before.
const SETTINGS: &str = "[sessions]\nheartbeat_seconds = 10\n";
const OUTAGE: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_mins(1);
