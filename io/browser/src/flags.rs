//! The browser's command line, built from options.
//!
//! Only text in and out. Each flag that changes what the target sees has its reason beside it.

use std::net::IpAddr;
use std::path::Path;

use crate::options::{BrowserOptions, BrowserProxy, FixedAddress};

/// What the browser is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To see what a browser does, as a person's browser does it, with its network log.
    Capture,
    /// To carry sockets or read a value: quick to start, and small.
    Carry {
        /// The port on 127.0.0.1 by which pages reach us, never through a proxy.
        link_port: Option<u16>,
    },
}

/// What this machine adds to the options.
pub(crate) struct Place<'a> {
    /// The temporary profile directory.
    pub(crate) profile: &'a Path,
    /// Where the browser writes its network log, if it does.
    pub(crate) net_log: &'a Path,
    /// Chromium's sandbox cannot work for the superuser and the browser refuses to start with it.
    pub(crate) without_sandbox: bool,
    /// The headless shell has no other mode and does not know the flag.
    pub(crate) headless_shell: bool,
    pub(crate) purpose: Purpose,
}

/// All arguments after the program's name, in order.
pub(crate) fn arguments(options: &BrowserOptions, place: &Place<'_>) -> Vec<String> {
    let mut arguments: Vec<String> = ALWAYS.iter().map(|&flag| flag.to_owned()).collect();
    arguments.push(format!("--user-data-dir={}", place.profile.display()));
    let own: &[&str] = match place.purpose {
        Purpose::Capture => {
            arguments.push(format!("--log-net-log={}", place.net_log.display()));
            arguments.push(format!("--net-log-max-size-mb={NET_LOG_MEGABYTES_MAX}"));
            FOR_CAPTURE
        }
        Purpose::Carry { .. } => FOR_CARRYING,
    };
    arguments.extend(own.iter().map(|&flag| flag.to_owned()));
    if !place.headless_shell {
        arguments.push("--headless=new".to_owned());
    }
    if place.without_sandbox {
        arguments.push("--no-sandbox".to_owned());
    }
    if let Some(features) = features_off(place.purpose) {
        arguments.push(format!("--disable-features={}", features.join(",")));
    }
    match &options.proxy {
        BrowserProxy::System => {}
        BrowserProxy::Direct => arguments.push("--no-proxy-server".to_owned()),
        BrowserProxy::Server { url, .. } => {
            arguments.push(format!("--proxy-server={url}"));
            // Chromium goes direct to loopback targets otherwise, and the proxy would seem to work.
            let own = match place.purpose {
                Purpose::Carry {
                    link_port: Some(port),
                } => format!(";127.0.0.1:{port}"),
                Purpose::Carry { link_port: None } | Purpose::Capture => String::new(),
            };
            arguments.push(format!("--proxy-bypass-list=<-loopback>{own}"));
        }
    }
    if !options.resolve.is_empty() {
        let rules: Vec<String> = options.resolve.iter().map(resolver_rule).collect();
        arguments.push(format!("--host-resolver-rules={}", rules.join(",")));
    }
    arguments.extend(options.extra_flags.iter().cloned());
    if place.headless_shell && place.purpose != Purpose::Capture {
        // A first page would be a renderer that nobody uses. The complete browser needs one for its own ends.
        arguments.push("--no-startup-window".to_owned());
    } else {
        arguments.push("about:blank".to_owned());
    }
    arguments
}

/// All of them, since of several such flags the browser takes the last one only.
fn features_off(purpose: Purpose) -> Option<Vec<&'static str>> {
    let Purpose::Carry { link_port } = purpose else {
        return None;
    };
    let mut features = vec![
        // Renderers for parts of a window that nobody sees, of some 40 MB.
        "WebUIOmniboxAimPopup",
        "WebUIOmniboxPopup",
    ];
    if link_port.is_some() {
        // The page of a plain ws:// target is no secure context, and could not be allowed to reach this machine or the
        // local network otherwise. It is an empty page of ours.
        features.push("LocalNetworkAccessChecks");
    }
    Some(features)
}

fn resolver_rule(fixed: &FixedAddress) -> String {
    let FixedAddress {
        host,
        port,
        address,
    } = fixed;
    match address {
        IpAddr::V4(address) => format!("MAP {host}:{port} {address}:{port}"),
        IpAddr::V6(address) => format!("MAP {host}:{port} [{address}]:{port}"),
    }
}

/// Size at which the browser drops the oldest part of its network log; the handshake is in the newest part.
pub(crate) const NET_LOG_MEGABYTES_MAX: u64 = 32;

const ALWAYS: &[&str] = &[
    "--remote-debugging-pipe",
    // WebSockets never use QUIC; a page over it would only hide the addresses and certificates of interest.
    "--disable-quic",
    // The target and the log shall see nothing that the browser does for itself.
    "--disable-background-networking",
    "--disable-client-side-phishing-detection",
    "--disable-component-extensions-with-background-pages",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    // No keyring prompts, no crash uploads, no sound, no graphics card.
    "--password-store=basic",
    "--use-mock-keychain",
    "--disable-breakpad",
    "--mute-audio",
    "--disable-gpu",
    // Small shared memory is common in containers and crashes renderers.
    "--disable-dev-shm-usage",
    // A page in the background has its timers slowed, which would distort its socket.
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
];

/// The log holds the bytes on the wire, also of answers that the debugging protocol does not show.
const FOR_CAPTURE: &[&str] = &["--net-log-capture-mode=Everything"];

const FOR_CARRYING: &[&str] = &[
    // Pages of ours hold sockets and nothing else, so a cache would only cost.
    "--disk-cache-size=1048576",
    "--media-cache-size=1048576",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn built(options: &BrowserOptions) -> Vec<String> {
        built_for(Purpose::Capture, options)
    }

    fn built_for(purpose: Purpose, options: &BrowserOptions) -> Vec<String> {
        let place = Place {
            profile: Path::new("/tmp/p"),
            net_log: Path::new("/tmp/n"),
            without_sandbox: false,
            headless_shell: false,
            purpose,
        };
        arguments(options, &place)
    }

    #[test]
    fn defaults_keep_the_sandbox_and_the_system_proxy() {
        let built = built(&BrowserOptions::default());
        assert!(built.contains(&"--headless=new".to_owned()));
        assert!(built.contains(&"--user-data-dir=/tmp/p".to_owned()));
        assert!(
            !built
                .iter()
                .any(|flag| flag.contains("sandbox") || flag.contains("proxy"))
        );
        assert_eq!(built.last().map(String::as_str), Some("about:blank"));
    }

    #[test]
    fn a_given_proxy_also_serves_loopback_targets() {
        let options = BrowserOptions {
            proxy: BrowserProxy::Server {
                url: "http://127.0.0.1:3128".into(),
                credentials: None,
            },
            ..BrowserOptions::default()
        };
        let built = built(&options);
        assert!(built.contains(&"--proxy-server=http://127.0.0.1:3128".to_owned()));
        assert!(built.contains(&"--proxy-bypass-list=<-loopback>".to_owned()));
        let carry = Purpose::Carry {
            link_port: Some(4711),
        };
        let bypass = "--proxy-bypass-list=<-loopback>;127.0.0.1:4711".to_owned();
        assert!(built_for(carry, &options).contains(&bypass));
    }

    #[test]
    fn only_a_capture_writes_a_network_log() {
        let logs = |purpose| {
            let built = built_for(purpose, &BrowserOptions::default());
            built.iter().any(|flag| flag.contains("net-log"))
        };
        assert!(logs(Purpose::Capture));
        assert!(!logs(Purpose::Carry { link_port: None }));
    }

    #[test]
    fn features_are_switched_off_by_one_flag() {
        let carry = Purpose::Carry { link_port: Some(1) };
        let built = built_for(carry, &BrowserOptions::default());
        let flags: Vec<&String> = built
            .iter()
            .filter(|flag| flag.starts_with("--disable-features="))
            .collect();
        assert_eq!(flags.len(), 1, "{flags:?}");
        assert!(flags[0].contains("WebUIOmniboxPopup,LocalNetworkAccessChecks"));
    }

    #[test]
    fn fixed_addresses_become_one_rule_list() {
        let fixed = |address: &str| FixedAddress {
            host: "a.example".into(),
            port: 443,
            address: address.parse().expect("address"),
        };
        let options = BrowserOptions {
            resolve: vec![fixed("192.0.2.1"), fixed("2001:db8::1")],
            ..BrowserOptions::default()
        };
        assert!(built(&options).contains(
            &"--host-resolver-rules=MAP a.example:443 192.0.2.1:443,MAP a.example:443 [2001:db8::1]:443".to_owned()
        ));
    }
}
