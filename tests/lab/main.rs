//! Every fault of the lab against the command line: the cause it shows must come first.
//!
//! One test per fault, made from the lab's own list, so that no fault can be forgotten.

use std::process::ExitCode;
use std::thread;

use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::Runtime;
use towpath_lab::{Fault, Options, faults, start};
use towpath_tests::support::{Check, Sure};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = faults()
        .iter()
        // The others show only in a network of their own: tests/real has a namespace for them. Those that need a
        // browser are checked by tests/dial, one at a time.
        .filter(|fault| fault.on_loopback && !fault.by_browser)
        .map(|fault| Trial::test(fault.name, move || run(fault)))
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Runs in a thread of the fault's name, under which the result is noted.
fn run(fault: &'static Fault) -> Result<(), Failed> {
    thread::Builder::new()
        .name(format!("lab::{}", fault.name))
        .spawn(move || check(fault))?
        .join()
        .map_err(|panic| Failed::from(message(panic.as_ref())))
}

fn check(fault: &Fault) {
    let runtime = Runtime::new().expect("a runtime");
    let running = runtime
        .block_on(start(fault.name, Options::default()))
        .expect("the fault starts");
    let verdict = Check::bare().args(running.check_arguments()).run();
    match fault.causes.first() {
        Some(cause) => verdict.assert_first(cause, expected(fault.name)),
        None => verdict.assert_healthy(),
    }
    runtime.block_on(running.stop());
}

/// How sure a check must be at least. What is not listed is shown: certain.
fn expected(name: &str) -> Sure {
    match NOT_CERTAIN.iter().find(|(fault, _, _)| *fault == name) {
        Some((_, sure, _)) => *sure,
        None => Sure::Certain,
    }
}

/// Faults whose cause one vantage cannot show beyond doubt, and why.
const NOT_CERTAIN: &[(&str, Sure, &str)] = &[
    (
        "http-404",
        Sure::Likely,
        "a stripped Upgrade can look the same",
    ),
    (
        "http-200-app",
        Sure::Likely,
        "a stripped Upgrade can look the same",
    ),
    (
        "http-403-connect-refused",
        Sure::Likely,
        "only the application knows why",
    ),
    (
        "http-403-ip-reputation",
        Sure::Likely,
        "another network would settle it",
    ),
    (
        "http-conn-close",
        Sure::Likely,
        "a server that looks at Connection first says the same when both headers are lost",
    ),
    (
        "stripped-axum",
        Sure::Likely,
        "axum looks at Connection first and does not say whether Upgrade arrived",
    ),
    (
        "http-400-generic",
        Sure::Likely,
        "the server does not say which header it means",
    ),
    (
        "http-426",
        Sure::Likely,
        "only the server knows why it finds the upgrade missing",
    ),
    (
        "http-sticky",
        Sure::Likely,
        "why servers behind one address differ is theirs to say",
    ),
    (
        "tcp-refused",
        Sure::Likely,
        "only a second place tells a stopped server from a firewall",
    ),
    (
        "tcp-drop",
        Sure::Likely,
        "only a second place tells which firewall drops",
    ),
    (
        "tls-expired",
        Sure::Likely,
        "this machine's own clock is the only one asked",
    ),
    (
        "tls-clock-skew",
        Sure::Likely,
        "this machine's own clock is the only one asked",
    ),
    (
        "tls-chain-incomplete",
        Sure::Likely,
        "the missing certificate was not seen",
    ),
    (
        "tls-private-ca",
        Sure::Likely,
        "an unknown interceptor can look the same",
    ),
    (
        "tls-version-old",
        Sure::Likely,
        "no library here speaks what the server wants",
    ),
    (
        "tls-cipher-mismatch",
        Sure::Likely,
        "no library here speaks what the server wants",
    ),
    (
        "proxy-host-port",
        Sure::Likely,
        "the proxy does not say where it went",
    ),
    (
        "frame-server-first-lost",
        Sure::Likely,
        "another path would settle where the first data is lost",
    ),
    (
        "app-overload",
        Sure::Likely,
        "only the server sees its own event loop",
    ),
    (
        "unknown-below-app",
        Sure::Possible,
        "it is what is left when nothing fits",
    ),
    (
        "proxy-101-mute",
        Sure::Likely,
        "a server that never says a word looks the same",
    ),
    (
        "tcp-mtu-blackhole",
        Sure::Likely,
        "a filter on size can have its threshold near a segment",
    ),
];

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "the test panicked".to_owned())
}
