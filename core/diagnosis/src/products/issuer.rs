//! Products by the names they give to the authorities they sign with.

/// What a product that signs certificates in a server's place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProductKind {
    /// A proxy or firewall of the network.
    Inspection,
    /// A program on the device that scans traffic.
    Antivirus,
    /// A tool with which developers look at traffic.
    Debugger,
}

/// A product and the words by which its authorities are known.
#[derive(Debug, PartialEq, Eq)]
pub struct Product {
    /// For the reader.
    pub name: &'static str,
    /// What it is.
    pub kind: ProductKind,
    words: &'static [&'static str],
}

/// The product that a distinguished name names.
pub fn of_issuer(name: &str) -> Option<&'static Product> {
    let lower = name.to_ascii_lowercase();
    PRODUCTS
        .iter()
        .find(|product| product.words.iter().any(|words| holds(&lower, words)))
}

/// Words by which operators name their own inspection authorities, for example `Corp TLS Inspection CA`.
pub fn inspection_words(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    INSPECTION_WORDS
        .iter()
        .find(|words| holds(&lower, words))
        .copied()
}

/// Whether a text holds these words as whole words.
fn holds(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let boundary = |character: Option<char>| character.is_none_or(|c| !c.is_alphanumeric());
        boundary(text[..at].chars().next_back())
            && boundary(text[at + words.len()..].chars().next())
    })
}

const INSPECTION_WORDS: &[&str] = &[
    "inspection",
    "ssl inspect",
    "tls inspect",
    "inspecting",
    "interception",
    "intercept",
    "intercepting",
    "decryption",
    "decrypt",
    "mitm",
    "man in the middle",
    "man-in-the-middle",
    "sslbump",
    "ssl-bump",
    "ssl bump",
    "bump",
    "web filter",
    "webfilter",
    "content filter",
    "web gateway",
    "web security",
    "forward trust",
    "forward untrust",
    "proxy",
    "https proxy",
    "proxy ca",
    "firewall",
];

const fn network(name: &'static str, words: &'static [&'static str]) -> Product {
    Product {
        name,
        kind: ProductKind::Inspection,
        words,
    }
}

const fn device(name: &'static str, words: &'static [&'static str]) -> Product {
    Product {
        name,
        kind: ProductKind::Antivirus,
        words,
    }
}

const fn tool(name: &'static str, words: &'static [&'static str]) -> Product {
    Product {
        name,
        kind: ProductKind::Debugger,
        words,
    }
}

const PRODUCTS: &[Product] = &[
    tool("mitmproxy", &["mitmproxy"]),
    tool("Fiddler", &["do_not_trust_fiddlerroot", "fiddler"]),
    tool("Charles", &["charles proxy", "charlesproxy", "xk72"]),
    tool("Burp Suite", &["portswigger"]),
    tool("Proxyman", &["proxyman"]),
    tool("HTTP Toolkit", &["http toolkit", "httptoolkit"]),
    tool(
        "OWASP ZAP",
        &["owasp zap", "zap root ca", "owasp zed attack proxy"],
    ),
    tool("Requestly", &["requestly"]),
    device("Kaspersky", &["kaspersky"]),
    device("ESET", &["eset ssl filter", "eset"]),
    device("Avast", &["avast"]),
    device("AVG", &["avg technologies", "avg web", "avg"]),
    device("Bitdefender", &["bitdefender"]),
    device("Norton", &["norton", "nortonlifelock"]),
    device("Dr.Web", &["dr.web", "drweb", "doctor web"]),
    device("G DATA", &["g data", "gdata"]),
    device("AdGuard", &["adguard"]),
    device("Trend Micro", &["trend micro", "trendmicro"]),
    device("Webroot", &["webroot"]),
    device("BullGuard", &["bullguard"]),
    device("Qustodio", &["qustodio"]),
    device("Net Nanny", &["net nanny", "contentwatch"]),
    device("Superfish", &["superfish"]),
    network("Squid", &["squid"]),
    network("Zscaler", &["zscaler"]),
    network("FortiGate", &["fortinet", "fortigate", "fortiproxy"]),
    network("Palo Alto Networks", &["palo alto", "paloalto", "pan-os"]),
    network("Blue Coat", &["blue coat", "bluecoat", "proxysg"]),
    network(
        "Symantec Web Security",
        &["symantec web security", "symantec endpoint", "broadcom"],
    ),
    network("Sophos", &["sophos"]),
    network(
        "Cisco",
        &[
            "cisco umbrella",
            "opendns",
            "cisco wsa",
            "ironport",
            "cisco secure",
        ],
    ),
    network("Netskope", &["netskope", "goskope"]),
    network("Check Point", &["check point", "checkpoint"]),
    network("WatchGuard", &["watchguard", "fireware"]),
    network("Barracuda", &["barracuda"]),
    network("Smoothwall", &["smoothwall"]),
    network("Diladele", &["diladele", "web safety"]),
    network("Untangle", &["untangle", "arista ng firewall"]),
    network("McAfee Web Gateway", &["mcafee", "skyhigh", "trellix"]),
    network("Forcepoint", &["forcepoint", "websense"]),
    network("iboss", &["iboss"]),
    network("SonicWall", &["sonicwall"]),
    network("Cato Networks", &["cato networks"]),
    network(
        "Cloudflare Gateway",
        &[
            "cloudflare for teams",
            "gateway ca - cloudflare",
            "cloudflare gateway",
        ],
    ),
    network("Menlo Security", &["menlo security"]),
    network("Lightspeed", &["lightspeed"]),
    network("Securly", &["securly"]),
    network("GoGuardian", &["goguardian"]),
    network("ContentKeeper", &["contentkeeper"]),
    network("Linewize", &["linewize"]),
    network("Stormshield", &["stormshield", "netasq"]),
    network("Sangfor", &["sangfor"]),
    network("Hillstone", &["hillstone"]),
    network("Cyberoam", &["cyberoam"]),
    network("Clavister", &["clavister"]),
    network("e2guardian", &["e2guardian"]),
    network("SafeSquid", &["safesquid"]),
    network("WebTitan", &["webtitan"]),
    network("Kerio", &["kerio"]),
    network("pfSense", &["pfsense"]),
    network("OPNsense", &["opnsense"]),
    network("F5 SSL Orchestrator", &["ssl orchestrator"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_name_their_products() {
        let check = |issuer: &str, expected: Option<&str>| {
            assert_eq!(
                of_issuer(issuer).map(|product| product.name),
                expected,
                "{issuer}"
            );
        };
        check("CN=mitmproxy, O=mitmproxy", Some("mitmproxy"));
        check("CN=DO_NOT_TRUST_FiddlerRoot", Some("Fiddler"));
        check("CN=Avast Web/Mail Shield Root, O=Avast", Some("Avast"));
        check(
            "C=US, O=Zscaler Inc., CN=Zscaler Intermediate Root CA",
            Some("Zscaler"),
        );
        check("CN=squid.corp.example", Some("Squid"));
        check("C=US, O=Let's Encrypt, CN=R11", None);
        check("CN=Preset Authority", None);
        check("CN=Tail-F Asquidity Root", None);
    }

    #[test]
    fn operators_name_their_authorities_by_purpose() {
        assert_eq!(
            inspection_words("CN=Corp TLS Inspection CA"),
            Some("inspection")
        );
        assert_eq!(inspection_words("CN=Example Proxy CA"), Some("proxy"));
        assert_eq!(inspection_words("CN=Example Root CA"), None);
    }
}
