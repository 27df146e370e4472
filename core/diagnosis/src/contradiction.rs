//! What of a request cannot come from the browser that it names: signs of a hop that repeats requests in its own words.
//!
//! One sign is an unusual client. Two that do not depend on each other are a hop. There is no list of products here
//! that could grow old, only what a browser never does. Nothing here judges; the rules count.

use crate::observation::Arrival;

/// One sign. The names are public: the console lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Contradiction {
    /// `Sec-WebSocket-Key` arrived and `Upgrade` did not: it belongs to one hop, and a hop lost it.
    UpgradeLost,
    /// Headers that only proxies write, beyond those of hops that the gateway trusts.
    ForwardingHeaders,
    /// Headers or an order of them that no browser sends.
    OddRequest,
    /// Chromium without the reserved values that it mixes into every TLS hello (RFC 8701).
    GreaseMissing,
    /// A browser whose TLS hello does not offer HTTP/1.1.
    AlpnMissing,
    /// A browser version that offers a post-quantum key share, without one.
    PostQuantumMissing,
    /// A browser's WebSocket that does not offer compression.
    CompressionMissing,
    /// A browser that accepts no content encoding.
    EncodingMissing,
}

impl Contradiction {
    /// Its name in reports and in the console.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UpgradeLost => "upgrade-lost",
            Self::ForwardingHeaders => "forwarding-headers",
            Self::OddRequest => "odd-request",
            Self::GreaseMissing => "grease-missing",
            Self::AlpnMissing => "alpn-missing",
            Self::PostQuantumMissing => "post-quantum-missing",
            Self::CompressionMissing => "compression-missing",
            Self::EncodingMissing => "encoding-missing",
        }
    }

    /// What it shows, one sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::UpgradeLost => {
                "`Sec-WebSocket-Key` arrived without `Upgrade: websocket`: a hop took the upgrade away."
            }
            Self::ForwardingHeaders => {
                "The request bears headers that only proxies write, such as `Via`."
            }
            Self::OddRequest => "The request's headers are not those of a browser.",
            Self::GreaseMissing => {
                "The request names Chromium, but the TLS hello lacks the reserved values that Chromium always sends."
            }
            Self::AlpnMissing => {
                "The request names a browser, but the TLS hello does not offer HTTP/1.1 as browsers do."
            }
            Self::PostQuantumMissing => {
                "The request names a browser version that offers a post-quantum key; the TLS hello has none."
            }
            Self::CompressionMissing => {
                "The request names a browser, but its WebSocket does not offer compression as browsers do."
            }
            Self::EncodingMissing => {
                "The request names a browser, but accepts no content encoding as browsers do."
            }
        }
    }
}

impl std::fmt::Display for Contradiction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// All contradictions in a request, in the order of [`Contradiction`].
pub fn contradictions(arrival: &Arrival) -> Vec<Contradiction> {
    type Test = fn(&Arrival) -> bool;
    const TESTS: [(Contradiction, Test); 8] = [
        (Contradiction::UpgradeLost, Arrival::lost_its_upgrade),
        (Contradiction::ForwardingHeaders, forwarded),
        (Contradiction::OddRequest, odd),
        (Contradiction::GreaseMissing, grease_missing),
        (Contradiction::AlpnMissing, alpn_missing),
        (Contradiction::PostQuantumMissing, post_quantum_missing),
        (Contradiction::CompressionMissing, compression_missing),
        (Contradiction::EncodingMissing, encoding_missing),
    ];
    TESTS
        .into_iter()
        .filter(|(_, contradicts)| contradicts(arrival))
        .map(|(contradiction, _)| contradiction)
        .collect()
}

/// Whether a request names one of the usual browsers.
pub fn is_browser(arrival: &Arrival) -> bool {
    browser(arrival).is_some()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Browser {
    Chromium { version: u32, mobile: bool },
    Firefox { version: u32, mobile: bool },
    Safari,
}

fn browser(arrival: &Arrival) -> Option<Browser> {
    let agent = arrival.header("user-agent")?;
    let mobile = agent.contains("Android") || agent.contains("Mobile");
    let version = |name: &str| -> Option<u32> {
        let (_, rest) = agent.split_once(name)?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    if !agent.starts_with("Mozilla/5.0") {
        return None;
    }
    // On Apple's phones every browser is the system's own.
    if agent.contains("iPhone") || agent.contains("iPad") {
        return Some(Browser::Safari);
    }
    version("Chrome/")
        .map(|version| Browser::Chromium { version, mobile })
        .or_else(|| version("Firefox/").map(|version| Browser::Firefox { version, mobile }))
        .or_else(|| agent.contains("Safari/").then_some(Browser::Safari))
}

fn forwarded(arrival: &Arrival) -> bool {
    FORWARDING.iter().any(|name| arrival.has(name))
}

/// Squid repeats requests with an age of its own and with `Host` behind other headers.
fn odd(arrival: &Arrival) -> bool {
    let aged = arrival
        .header("cache-control")
        .is_some_and(|value| value.to_ascii_lowercase().contains("max-age=259200"));
    // A trusted hop may have put the headers into an order of its own.
    let own_order = arrival.hello.is_some() && arrival.trusted_hops == 0;
    let late_host = arrival.request.version == "HTTP/1.1"
        && arrival
            .request
            .headers
            .iter()
            .position(|header| header.name.eq_ignore_ascii_case("host"))
            .is_some_and(|position| position > 0);
    aged || (own_order && is_browser(arrival) && late_host)
}

fn grease_missing(arrival: &Arrival) -> bool {
    matches!(browser(arrival), Some(Browser::Chromium { .. }))
        && arrival.hello.as_ref().is_some_and(|hello| !hello.grease)
}

fn alpn_missing(arrival: &Arrival) -> bool {
    is_browser(arrival)
        && arrival.hello.as_ref().is_some_and(|hello| {
            !hello
                .alpn
                .iter()
                .any(|name| name == "http/1.1" || name == "h2")
        })
}

fn post_quantum_missing(arrival: &Arrival) -> bool {
    let offers = match browser(arrival) {
        Some(Browser::Chromium { version, mobile }) => !mobile && version >= 131,
        Some(Browser::Firefox { version, mobile }) => !mobile && version >= 135,
        Some(Browser::Safari) | None => false,
    };
    offers
        && arrival
            .hello
            .as_ref()
            .is_some_and(|hello| !hello.post_quantum)
}

fn compression_missing(arrival: &Arrival) -> bool {
    let offers = matches!(
        browser(arrival),
        Some(Browser::Chromium { .. } | Browser::Firefox { .. })
    );
    offers
        && arrival.transport.is_websocket()
        && arrival.has("sec-websocket-key")
        && !arrival
            .header("sec-websocket-extensions")
            .is_some_and(|value| value.contains("permessage-deflate"))
}

fn encoding_missing(arrival: &Arrival) -> bool {
    let sends = matches!(
        browser(arrival),
        Some(Browser::Chromium { .. } | Browser::Firefox { .. })
    );
    sends && !arrival.has("accept-encoding")
}

/// Headers of proxies. Those of hops that the gateway trusts are gone before an arrival is made.
const FORWARDING: &[&str] = &[
    "via",
    "forwarded",
    "x-forwarded-for",
    "proxy-connection",
    "x-bluecoat-via",
    "x-fcckv2",
    "x-iwsaas-via",
    "x-iwss",
    "x-mwg-via",
    "x-citrix-via",
    "x-barracuda-connect",
    "cuda_cliip",
    "x-drweb-syncmode",
    "x-nod32-mode",
];
