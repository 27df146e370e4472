//! Pages: captive portals, block pages, titles, and whether two are the same.

use crate::observation::Response;

/// Whether a captive portal answered, by its own words.
pub fn captive_portal(response: &Response) -> Option<String> {
    if response.status == 511 {
        return Some("511 Network Authentication Required".into());
    }
    let lower = format!("{} {}", title(response), response.body.text).to_ascii_lowercase();
    let words = [
        "captive portal",
        "captiveportal",
        "wispaccessgatewayparam",
        "hotspot login",
        "wi-fi login",
        "wifi login",
        "guest wi-fi",
        "guest wifi",
        "guest network",
        "network login",
        "network authentication required",
        "log in to this network",
        "login to this network",
        "sign in to network",
        "sign in to the network",
        "log in to the network",
        "accept the terms of use to connect",
    ];
    if let Some(found) = words.iter().find(|words| lower.contains(*words)) {
        return Some(format!("the page says \"{found}\""));
    }
    let location = response.header("location")?.to_ascii_lowercase();
    [
        "captive",
        "hotspot",
        "/portal",
        "portal.",
        "guest-login",
        "wifi-login",
        "nds?",
        "cp/login",
        "/splash",
        "splash.",
    ]
    .iter()
    .find(|mark| location.contains(*mark))
    .map(|_| {
        format!(
            "it redirects to {}",
            response.header("location").unwrap_or("")
        )
    })
}

/// Whether a filter's block page answered, by its own words or a filter's headers.
pub fn block_page(response: &Response) -> Option<String> {
    for (name, product) in [
        ("x-fortinet-block", "FortiGuard"),
        ("x-zscaler-error", "Zscaler"),
        ("x-umbrella-block", "Cisco Umbrella"),
        ("x-webfilter", "a web filter"),
        ("x-sophos-block", "Sophos"),
        ("x-e2guardian", "e2guardian"),
        ("x-dansguardian", "DansGuardian"),
    ] {
        if response.has(name) {
            return Some(format!("the answer bears {product}'s header {name}"));
        }
    }
    if let Some(location) = block_page_elsewhere(response) {
        return Some(format!("it redirects to {location}"));
    }
    if !is_html(response) && !response.body.text.to_ascii_lowercase().contains("category") {
        return None;
    }
    let lower = format!("{} {}", title(response), response.body.text).to_ascii_lowercase();
    [
        "web page blocked",
        "website blocked",
        "web site blocked",
        "site blocked",
        "page blocked",
        "url blocked",
        "access blocked",
        "content blocked",
        "blocked by your administrator",
        "blocked by your organization",
        "blocked by your organisation",
        "blocked by your network",
        "blocked by network policy",
        "blocked by policy",
        "blocked by the administrator",
        "blocked by administrator",
        "blocked according to",
        "blocked by a content filter",
        "blocked by content filter",
        "blocked by web filter",
        "blocked by the web filter",
        "blocked by fortiguard",
        "blocked due to",
        "blocked because",
        "has been blocked",
        "is blocked",
        "was blocked",
        "access to this site is restricted",
        "access to this page is restricted",
        "access to this website is restricted",
        "access to this web site",
        "violates your internet",
        "internet usage policy",
        "acceptable use policy",
        "web filter violation",
        "url category",
        "not allowed by company policy",
        "company policy",
        "corporate policy",
        "content_filter_denied",
        "content categorization",
    ]
    .iter()
    .find(|words| lower.contains(*words))
    .map(|words| format!("the page says \"{words}\""))
}

/// The address of a filter's block page to which an answer redirects.
fn block_page_elsewhere(response: &Response) -> Option<&str> {
    let location = response
        .header("location")
        .filter(|_| (300..400).contains(&response.status))?;
    let lower = location.to_ascii_lowercase();
    // The words count in the host and the path, not in what is passed on of the address asked for.
    let address = lower.split(['?', '#']).next().unwrap_or("");
    [
        "//block.",
        "//blocked.",
        "//blockpage.",
        "//webfilter.",
        "//warning.",
        "blockpage",
        "block-page",
        "block_page",
        "/blocked",
        "courtorders",
    ]
    .iter()
    .any(|mark| address.contains(mark))
    .then_some(location)
}

/// Whether the body is HTML.
pub fn is_html(response: &Response) -> bool {
    response
        .header("content-type")
        .is_some_and(|value| value.to_ascii_lowercase().contains("text/html"))
        || {
            let start = response.body.text.trim_start().to_ascii_lowercase();
            start.starts_with("<!doctype html") || start.starts_with("<html")
        }
}

/// The title of an HTML body; empty without one.
pub fn title(response: &Response) -> &str {
    let text = &response.body.text;
    let lower = text.to_ascii_lowercase();
    let Some(open) = lower.find("<title") else {
        return "";
    };
    let Some(start) = lower[open..].find('>').map(|at| open + at + 1) else {
        return "";
    };
    match lower[start..].find("</title") {
        Some(length) => text[start..start + length].trim(),
        None => "",
    }
}

/// Whether two answers are the same page: status, kind and text.
pub fn same_answer(a: &Response, b: &Response) -> bool {
    a.status == b.status
        && a.header("content-type") == b.header("content-type")
        && a.header("location") == b.header("location")
        && similar(&a.body.text, &b.body.text)
}

/// Texts that differ at most in a few words, such as a request number or a date.
fn similar(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let words_a: Vec<&str> = a.split_whitespace().collect();
    let words_b: Vec<&str> = b.split_whitespace().collect();
    if words_a.len() != words_b.len() {
        return false;
    }
    let differing = words_a.iter().zip(&words_b).filter(|(a, b)| a != b).count();
    differing * 10 <= words_a.len().max(10)
}

/// Whether the status is one that refusals and challenges use.
pub(super) fn refused_status(response: &Response) -> bool {
    response.status >= 400 || response.status == 202
}
