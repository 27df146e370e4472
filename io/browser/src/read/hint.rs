//! What is on a page instead of what was wanted: names, for whoever has to correct the request.

use url::Url;

use super::failure::list;
use super::{Held, LOCAL_STORAGE, SESSION_STORAGE, Wanted, cookies, current, stored};
use crate::error::BrowserError;
use crate::page::Page;

pub(super) async fn hint(
    page: &mut Page<'_>,
    address: &Url,
    wanted: &Wanted,
) -> Result<String, BrowserError> {
    let mut said = Vec::new();
    let document = &page.recorder.document;
    if let Some(status) = document.status.filter(|status| *status >= 400) {
        said.push(format!("it was answered with the status {status}"));
    }
    if current(page, address).origin() != address.origin() {
        said.push(format!(
            "the page asked for led there from {}",
            super::without_query(address)
        ));
    }
    match wanted {
        Wanted::LocalStorage(key) => {
            said.push(area(page, LOCAL_STORAGE, key).await?);
            said.extend(elsewhere(page, SESSION_STORAGE, key).await?);
        }
        Wanted::SessionStorage(key) => {
            said.push(area(page, SESSION_STORAGE, key).await?);
            said.extend(elsewhere(page, LOCAL_STORAGE, key).await?);
        }
        Wanted::Cookie(_) => {
            let cookies = cookies(page, address).await?;
            let names: Vec<_> = cookies.iter().filter_map(|c| c["name"].as_str()).collect();
            said.push(if names.is_empty() {
                "it has no cookies".to_owned()
            } else {
                format!("its cookies are {}", list(names))
            });
        }
        Wanted::FirstMessage { .. } => said.push(messages(page)),
    }
    Ok(said.join("; "))
}

async fn area(page: &mut Page<'_>, area: &str, key: &str) -> Result<String, BrowserError> {
    Ok(match stored(page, area, key).await?.held {
        Held::Refused(reason) => format!("its {area} cannot be read ({reason})"),
        Held::Absent(names) if names.is_empty() => format!("its {area} is empty"),
        Held::Absent(names) => {
            format!("its {area} has {}", list(names.iter().map(String::as_str)))
        }
        Held::Value(_) | Held::TooLong(_) => format!("the key in its {area} is empty"),
    })
}

async fn elsewhere(
    page: &mut Page<'_>,
    area: &str,
    key: &str,
) -> Result<Option<String>, BrowserError> {
    Ok(match stored(page, area, key).await?.held {
        Held::Value(_) => Some(format!("its {area} has a key of that name")),
        _ => None,
    })
}

fn messages(page: &Page<'_>) -> String {
    let hosts: Vec<String> = page.recorder.socket_hosts();
    if hosts.is_empty() {
        return "it opened no WebSocket".to_owned();
    }
    let hosts = list(hosts.iter().map(String::as_str));
    let listener = page.recorder.listener.as_ref();
    let Some(listener) = listener.filter(|listener| listener.sockets() > 0) else {
        return format!("only frames of other origins in it opened a WebSocket, to {hosts}");
    };
    if listener.messages() == 0 {
        return format!("it opened a WebSocket to {hosts} and sent nothing on it");
    }
    let places: Vec<_> = listener.texts_at().collect();
    if places.is_empty() {
        return format!("what it sent first to {hosts} is not JSON with texts");
    }
    format!(
        "what it sent first to {hosts} has texts at {}",
        list(places)
    )
}
