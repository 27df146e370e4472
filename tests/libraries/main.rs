//! Client libraries that know nothing of Towpath, with its class in the place of the global `WebSocket`: each plays
//! against its own server through the gateway, and all messages arrive.
//!
//! Phoenix alone has no server of its own here, because that needs Erlang: `tests/npm/phoenix.mjs` is made by hand.

use std::process::Command;

use towpath_tests::boxes::{gateway, here, node};

/// A script of `tests/npm/clients`, its server in `tests/npm`, and the path there.
struct Library(&'static str, &'static str, &'static str);

const GRAPHQL: Library = Library("graphql-ws.mjs", "graphql-ws.mjs", "/graphql");
const PHOENIX: Library = Library("phoenix.mjs", "phoenix.mjs", "/socket");
const MQTT: Library = Library("mqtt.mjs", "mqtt.mjs", "/");
const STOMP: Library = Library("stomp.mjs", "stomp.mjs", "/stomp");
const YJS: Library = Library("y-websocket.mjs", "yjs.mjs", "/");
const RECONNECTING: Library = Library("reconnecting-websocket.mjs", "conformance.mjs", "/echo");
const SOCKET_IO: Library = Library("socket-io.mjs", "socket-io.mjs", "/");

fn play(&Library(client, server, path): &Library, transport: Option<&str>) {
    let backend = node::start(server, "");
    let gateway = gateway::start(backend.port);
    let mut command = Command::new("node");
    // Some libraries look for the global WebSocket while they load: it must be there before.
    command.arg("--import").arg(here("npm/clients/start.mjs"));
    command.arg(here("npm/clients").join(client));
    command.args(["--url", &gateway.ws(path)]);
    if let Some(transport) = transport {
        command.args(["--transport", transport]);
        command.arg("--client");
        command.arg(here("../client/src/towpath.js"));
    }
    let output = command.output().expect("node is installed");
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && printed.starts_with("complete"),
        "{client} over {transport:?}: {printed}\n{errors}"
    );
}

/// Each must pass with a plain WebSocket through the gateway too, or its failures would show nothing.
macro_rules! libraries {
    ($($name:ident => $library:expr;)+) => {
        $( mod $name {
            #[test]
            fn passes_by_poll() { super::play(&$library, Some("poll")); }
            #[test]
            fn passes_by_stream() { super::play(&$library, Some("stream")); }
            #[test]
            fn passes_plainly() { super::play(&$library, None); }
        } )+
    };
}

libraries! {
    graphql_ws => super::GRAPHQL;
    phoenix => super::PHOENIX;
    mqtt => super::MQTT;
    stomp => super::STOMP;
    y_websocket => super::YJS;
    reconnecting_websocket => super::RECONNECTING;
    socket_io => super::SOCKET_IO;
}
