//! What a refusal says it objects to: the address, the Host, the Origin, the program.

use crate::observation::Response;

use super::page::refused_status;

/// Whether the answer refuses this address, network or country, by its own words.
pub fn address_refused(response: &Response) -> Option<String> {
    if response.status == 451 {
        return Some("451 Unavailable For Legal Reasons".into());
    }
    if !refused_status(response) {
        return None;
    }
    let lower = response.body.text.to_ascii_lowercase();
    [
        "your ip address has been",
        "your ip has been",
        "your ip address is blocked",
        "your ip is blocked",
        "ip address is not allowed",
        "ip not allowed",
        "ip address not allowed",
        "ip address forbidden",
        "ip blocked",
        "ip address blocked",
        "blocked your ip",
        "banned your ip",
        "access denied from your ip",
        "access denied for your ip",
        "not available in your country",
        "not available in your region",
        "blocked in your country",
        "error 1005",
        "error 1006",
        "error 1007",
        "error 1008",
        "error 1009",
        "error code: 1005",
        "error code: 1006",
        "error code: 1007",
        "error code: 1008",
        "error code: 1009",
        "vpn or proxy detected",
        "ip reputation",
    ]
    .iter()
    .find(|words| lower.contains(*words))
    .map(|words| format!("the page says \"{words}\""))
}

/// Whether the answer complains of the Host it was asked for.
pub fn host_refused(response: &Response) -> Option<&'static str> {
    if response.status < 400 {
        return None;
    }
    let lower = response.body.text.to_ascii_lowercase();
    [
        "invalid host header",
        "invalid http_host header",
        "this host is not allowed",
        "host is not allowed",
        "host not allowed",
        "blocked host",
        "disallowedhost",
        "bad host header",
        "invalid host name",
        "invalid hostname",
        "unknown host header",
        "host header is not",
        "allowedhosts",
        "allowed_hosts",
        "blocked request. this host",
    ]
    .into_iter()
    .find(|words| lower.contains(words))
}

/// Whether the answer complains of the Origin it was sent.
pub fn origin_refused(response: &Response) -> Option<&'static str> {
    if response.status < 400 {
        return None;
    }
    let lower = response.body.text.to_ascii_lowercase();
    [
        "cross origin websockets not allowed",
        "cross-origin websockets not allowed",
        "invalid origin header",
        "missing origin header",
        "origin not allowed",
        "origin is not allowed",
        "origin header is not allowed",
        "origin denied",
        "invalid origin",
        "forbidden origin",
        "bad origin",
        "unauthorized origin",
        "origin mismatch",
        "not an allowed origin",
        "invalid cors request",
        "cors policy",
    ]
    .into_iter()
    .find(|words| lower.contains(words))
}

/// Whether the answer says that the program or its User-Agent is unwelcome.
pub fn program_refused(response: &Response) -> Option<&'static str> {
    if response.status < 400 {
        return None;
    }
    let lower = response.body.text.to_ascii_lowercase();
    [
        "user-agent",
        "user agent",
        "bots are not allowed",
        "bot detected",
        "automated requests",
        "automated access",
        "unsupported browser",
        "unsupported client",
    ]
    .into_iter()
    .find(|words| lower.contains(words))
}
