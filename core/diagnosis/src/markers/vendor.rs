//! Products that mark the answers they write: edges, bot challenges, firewalls.

use crate::observation::Response;

use super::page::{is_html, refused_status, title};

/// A product that marks the answers it writes or relays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vendor {
    /// The product's name, for the reader.
    pub name: &'static str,
    /// Whether it is a content delivery network or hosting edge in front of the origin.
    pub edge: bool,
}

/// The edge network whose marks an answer bears.
pub fn edge(response: &Response) -> Option<Vendor> {
    let server = response.header("server").unwrap_or("").to_ascii_lowercase();
    let via = response.header("via").unwrap_or("").to_ascii_lowercase();
    let name = if response.has("cf-ray") || server == "cloudflare" {
        "Cloudflare"
    } else if response.has("x-amz-cf-id") || via.contains("cloudfront.net") {
        "Amazon CloudFront"
    } else if response.has("x-azure-ref") || response.has("x-azure-fdid") {
        "Azure Front Door"
    } else if response.has("x-vercel-id") || server == "vercel" {
        "Vercel"
    } else if server == "akamaighost" || response.has("x-akamai-request-id") {
        "Akamai"
    } else if response.has("x-fastly-request-id")
        || response
            .header("x-served-by")
            .is_some_and(|value| value.starts_with("cache-"))
    {
        "Fastly"
    } else if response.has("x-sucuri-id") || server.starts_with("sucuri") {
        "Sucuri"
    } else if response.has("x-iinfo") || response.header("x-cdn") == Some("Imperva") {
        "Imperva"
    } else if server == "google frontend" {
        "Google Front End"
    } else if response.has("x-msedge-ref") {
        "Microsoft Edge network"
    } else {
        return None;
    };
    Some(Vendor { name, edge: true })
}

/// Which hops an answer names, as the end of a sentence: `, written by "Cowboy" and passed on by "1.1 Caddy"`.
///
/// `Server` is weak evidence, because a reverse proxy may put its own name there.
pub fn writer(response: &Response) -> String {
    match (response.header("server"), response.header("via")) {
        (Some(server), Some(via)) => {
            format!(", written by \"{server}\" and passed on by \"{via}\"")
        }
        (Some(server), None) => format!(", written by \"{server}\""),
        (None, Some(via)) => format!(", passed on by \"{via}\""),
        (None, None) => String::new(),
    }
}

/// Whether a bot challenge answered, and by which mark.
pub fn challenge(response: &Response) -> Option<(&'static str, String)> {
    if response
        .header("cf-mitigated")
        .is_some_and(|value| value.eq_ignore_ascii_case("challenge"))
    {
        return Some(("Cloudflare", "cf-mitigated: challenge".into()));
    }
    if let Some(value) = response.header("x-vercel-mitigated")
        && !value.eq_ignore_ascii_case("deny")
    {
        return Some(("Vercel", format!("x-vercel-mitigated: {value}")));
    }
    if let Some(value) = response.header("x-amzn-waf-action")
        && matches!(value.to_ascii_lowercase().as_str(), "challenge" | "captcha")
    {
        return Some(("AWS WAF", format!("x-amzn-waf-action: {value}")));
    }
    if response.status != 200 && (response.has("x-datadome") || response.has("x-datadome-cid")) {
        return Some(("DataDome", "x-datadome".into()));
    }
    let text = response.body.text.to_ascii_lowercase();
    if let Some((vendor, mark)) = script_of_its_own(response, &text) {
        return Some((vendor, format!("the page holds \"{mark}\"")));
    }
    if refused_status(response) && is_html(response) {
        let pages = [
            ("/cdn-cgi/challenge-platform/", "Cloudflare"),
            ("<title>just a moment...</title>", "Cloudflare"),
            (
                "<title>attention required! | cloudflare</title>",
                "Cloudflare",
            ),
            ("captcha-delivery.com", "DataDome"),
            ("px-captcha", "PerimeterX"),
            ("<title>vercel security checkpoint</title>", "Vercel"),
            ("_incapsula_resource", "Imperva"),
            ("awswafintegration", "AWS WAF"),
        ];
        for (mark, vendor) in pages {
            if text.contains(mark) && (!mark.contains("attention") || text.contains("captcha")) {
                return Some((vendor, format!("the page holds \"{mark}\"")));
            }
        }
        let generic = title(response).to_ascii_lowercase();
        if [
            "checking your browser",
            "verify you are human",
            "verifying you are human",
            "are you a robot",
            "security check",
            "security checkpoint",
            "human verification",
            "ddos protection",
        ]
        .iter()
        .any(|words| generic.contains(words))
            || text.contains("enable javascript and cookies to continue")
        {
            return Some((
                "a bot protection",
                format!("the page's title is \"{}\"", title(response)),
            ));
        }
    }
    None
}

/// Challenges that some products send with the status 200, known by a script that nobody else loads.
fn script_of_its_own(response: &Response, text: &str) -> Option<(&'static str, &'static str)> {
    let scripts = [
        ("_incapsula_resource?", "Imperva"),
        ("/.within.website/x/cmd/anubis/", "Anubis"),
    ];
    let (mark, vendor) = scripts.into_iter().find(|(mark, _)| text.contains(mark))?;
    let blocked = text.contains("incapsula incident id");
    (is_html(response) && response.status != 101 && !blocked).then_some((vendor, mark))
}

/// Whether a web application firewall's rule answered: product and the mark or incident number.
pub fn firewall_rule(response: &Response) -> Option<(&'static str, String)> {
    let text = response.body.text.as_str();
    let lower = text.to_ascii_lowercase();
    // F5 sends its page with the status 200.
    if lower.contains("the requested url was rejected. please consult with your administrator") {
        return Some(("F5", incident(text, "support ID is")));
    }
    if !refused_status(response) {
        return None;
    }
    let server = response.header("server").unwrap_or("").to_ascii_lowercase();
    if let Some(value) = response.header("x-sucuri-block") {
        return Some(("Sucuri", format!("x-sucuri-block: {value}")));
    }
    if let Some(value) = response.header("x-amzn-waf-action") {
        return Some(("AWS WAF", format!("x-amzn-waf-action: {value}")));
    }
    if lower.contains("incapsula incident id") {
        return Some(("Imperva", incident(text, "Incapsula incident ID")));
    }
    if response
        .header("x-vercel-mitigated")
        .is_some_and(|value| value.eq_ignore_ascii_case("deny"))
    {
        return Some(("Vercel", "x-vercel-mitigated: deny".into()));
    }
    if server == "cloudfront" && lower.contains("request blocked") {
        return Some(("AWS WAF", incident(text, "Request blocked")));
    }
    if lower.contains("mod_security")
        || lower.contains("modsecurity")
        || server.contains("mod_security")
    {
        return Some(("ModSecurity", "the page names ModSecurity".into()));
    }
    if server == "akamaighost"
        && (lower.contains("reference&#32;&#35;") || lower.contains("reference #"))
    {
        return Some(("Akamai", incident(text, "Reference")));
    }
    if response.has("fortiwafsid") || lower.contains("fortiweb") || lower.contains("fgd_icon") {
        return Some(("FortiWeb", "the page names FortiWeb".into()));
    }
    if lower.contains("wordfence") {
        return Some(("Wordfence", "the page names Wordfence".into()));
    }
    if lower.contains("web application firewall") || lower.contains("waf rule") {
        return Some(("a web application firewall", "the page says so".into()));
    }
    if server == "cloudflare"
        && response.has("cf-ray")
        && matches!(response.status, 403 | 406)
        && !lower.contains("error 1")
    {
        let ray = response.header("cf-ray").unwrap_or("");
        let by_rule = ["error code 1020", "error code: 1020", "error code: 1010"];
        if lower.contains("you have been blocked")
            || lower.contains("<title>attention required!")
            || by_rule.iter().any(|words| lower.contains(words))
        {
            return Some(("Cloudflare", format!("cf-ray: {ray}")));
        }
    }
    None
}

/// The words around an incident number, cut short.
fn incident(text: &str, before: &str) -> String {
    let Some(at) = text.find(before) else {
        return before.to_owned();
    };
    text[at..]
        .chars()
        .take(64)
        .collect::<String>()
        .split('<')
        .next()
        .unwrap_or(before)
        .trim()
        .to_owned()
}
