//! The browser's cable is pulled and put back, so that the browser itself says `offline` and `online`.

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
    namespace.cable_to_host("near", &far, &format!("{host}/24"));
    let set_up =
        format!("ip address add 10.77.{subnet}.2/24 dev near; ip route add default via {host}");
    namespace.run(&set_up);
    let runtime = Runtime::new().expect("threads can be had");
    let backend = Backend::start();
    for network in ["clear", "stripped"] {
        let gateway = gateway::start(backend.address().port());
        let options = NetworkOptions {
            listen: SocketAddr::from((host, 0)),
            upstream: Some(format!("127.0.0.1:{}", gateway.port)),
            ..NetworkOptions::default()
        };
        let running = runtime.block_on(start_network(network, options));
        let running = running.expect("the network starts");
        // Each time anew: a browser that was offline goes on asking for its next page only after a while.
        let browser = Browser::start_inside(kind, &namespace, host);
        let query = query(200, 30, 40);
        let url = format!(
            "{}carry.html?{query}&client={CLIENT}&key={network}",
            running.url()
        );
        let report = thread::scope(|scope| {
            scope.spawn(|| {
                let began = Instant::now();
                while backend.heard(network).len() < 50 {
                    if began.elapsed() > PATIENCE {
                        return;
                    }
                    sleep(Duration::from_millis(20));
                }
                namespace.run("ip link set near down");
                sleep(OUTAGE);
                namespace.run(&format!(
                    "ip link set near up; ip route replace default via {host}"
                ));
            });
            browser.visit(&url, PATIENCE)
        });
        let report = Report::of(&report.expect("the page reports"));
        assert!(report.is_perfect(), "{network}: {}", report.story());
        println!("{network}: {}", report.story());
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
const OUTAGE: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_mins(1);
