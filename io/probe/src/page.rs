//! The cookies that a visit to the page sets.
//!
//! A small cookie jar for one visit: domain, path and `Secure` are honoured as far as one target
//! needs it. It must never put a cookie's value into a fact.

use towpath_diagnosis::observation::Scheme;
use towpath_net::http1::Answer;
use url::Url;

use crate::control;
use crate::request;
use crate::run::Probe;

/// Most redirects that are followed.
const REDIRECTS_MAX: usize = 5;

/// Most cookies that are kept.
const COOKIES_MAX: usize = 50;

/// One cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cookie {
    name: String,
    value: String,
    /// The host it belongs to, and whether hosts below it get it too.
    domain: String,
    below: bool,
    path: String,
    secure: bool,
}

/// The `Cookie` header for the target after a visit to the page; the page is visited once a run.
pub(crate) async fn cookies(probe: &mut Probe) -> Result<String, String> {
    if let Some(known) = &probe.cookies {
        return known.clone();
    }
    let header = match visit(probe).await {
        Ok(jar) => for_target(&jar, probe),
        Err(problem) => Err(problem),
    };
    probe.cookies = Some(header.clone());
    header
}

fn for_target(jar: &[Cookie], probe: &Probe) -> Result<String, String> {
    let settings = &probe.settings;
    let path = settings.path.split('?').next().unwrap_or("/");
    let secure = settings.scheme == Scheme::Wss;
    let pairs: Vec<String> = jar
        .iter()
        .filter(|cookie| cookie.fits(&settings.host, path, secure))
        .map(|cookie| format!("{}={}", cookie.name, cookie.value))
        .collect();
    if pairs.is_empty() {
        return Err("the page sets no cookie for this target".to_owned());
    }
    Ok(pairs.join("; "))
}

async fn visit(probe: &mut Probe) -> Result<Vec<Cookie>, String> {
    let page = probe.settings.page.clone().ok_or("no page was given")?;
    let mut url = Url::parse(&page).map_err(|error| format!("the page's URL: {error}"))?;
    let mut jar = Vec::new();
    for _ in 0..=REDIRECTS_MAX {
        let answer = fetch(probe, &url, &jar).await?;
        for line in answer.values("Set-Cookie") {
            keep(&mut jar, line, &url);
        }
        probe.keep_secret(jar.iter().map(|cookie| cookie.value.clone()));
        let location = answer
            .header("Location")
            .filter(|_| answer.status / 100 == 3);
        match location.map(|location| url.join(location)) {
            Some(Ok(next)) => url = next,
            _ => return Ok(jar),
        }
    }
    Err(format!(
        "the page redirects more than {REDIRECTS_MAX} times"
    ))
}

async fn fetch(probe: &mut Probe, url: &Url, jar: &[Cookie]) -> Result<Answer, String> {
    let mut draft = request::page(probe, url)?;
    let secure = draft.scheme == Scheme::Wss;
    let pairs: Vec<String> = jar
        .iter()
        .filter(|cookie| cookie.fits(&draft.host, url.path(), secure))
        .map(|cookie| format!("{}={}", cookie.name, cookie.value))
        .collect();
    if !pairs.is_empty() {
        draft.set("Cookie", pairs.join("; "));
    }
    // A step's fact does not name its host, so that a step to the page would pass for the target's.
    let (_, _, answer) = control::exchange(probe, &draft, &mut Vec::new()).await;
    answer.map_err(|failed| {
        let stage = failed.stage;
        format!(
            "the page could not be fetched: {stage:?}, {:?}",
            failed.failure
        )
    })
}

fn keep(jar: &mut Vec<Cookie>, line: &str, url: &Url) {
    let mut parts = line.split(';').map(str::trim);
    let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
        return;
    };
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    let mut cookie = Cookie {
        name: name.trim().to_owned(),
        value: value.trim().to_owned(),
        domain: host.clone(),
        below: false,
        path: default_path(url.path()),
        secure: false,
    };
    for part in parts {
        let (attribute, value) = part.split_once('=').unwrap_or((part, ""));
        match attribute.trim().to_ascii_lowercase().as_str() {
            "domain" => {
                let domain = value.trim().trim_start_matches('.').to_ascii_lowercase();
                let covers = host == domain || host.ends_with(&format!(".{domain}"));
                if covers && domain.contains('.') {
                    (cookie.domain, cookie.below) = (domain, true);
                }
            }
            "path" if value.trim().starts_with('/') => value.trim().clone_into(&mut cookie.path),
            "secure" => cookie.secure = true,
            "max-age" if value.trim().starts_with(['0', '-']) => cookie.value.clear(),
            _ => {}
        }
    }
    jar.retain(|known| {
        (&known.name, &known.domain, &known.path) != (&cookie.name, &cookie.domain, &cookie.path)
    });
    if !cookie.value.is_empty() && jar.len() < COOKIES_MAX {
        jar.push(cookie);
    }
}

/// The directory of the page that set the cookie (RFC 6265 section 5.1.4).
fn default_path(path: &str) -> String {
    match path.rfind('/') {
        None | Some(0) => "/".to_owned(),
        Some(end) => path[..end].to_owned(),
    }
}

impl Cookie {
    fn fits(&self, host: &str, path: &str, secure: bool) -> bool {
        let host = host.to_ascii_lowercase();
        let host_fits =
            host == self.domain || (self.below && host.ends_with(&format!(".{}", self.domain)));
        let path_fits = path == self.path
            || (path.starts_with(&self.path)
                && (self.path.ends_with('/') || path[self.path.len()..].starts_with('/')));
        host_fits && path_fits && (secure || !self.secure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jar(lines: &[&str]) -> Vec<Cookie> {
        let url = Url::parse("https://www.site.example/app/index").unwrap();
        let mut jar = Vec::new();
        for line in lines {
            keep(&mut jar, line, &url);
        }
        jar
    }

    #[test]
    fn cookies_go_where_their_attributes_say() {
        let all = jar(&[
            "a=1; Path=/; Domain=site.example",
            "b=2; Path=/",
            "c=3",
            "d=4; Path=/; Secure",
            "e=5; Path=/; Domain=other.example",
        ]);
        let sent = |host: &str, path: &str, secure: bool| {
            all.iter()
                .filter(|cookie| cookie.fits(host, path, secure))
                .map(|cookie| cookie.name.clone())
                .collect::<String>()
        };
        assert_eq!(sent("www.site.example", "/app/socket", true), "abcde");
        assert_eq!(sent("www.site.example", "/", true), "abde");
        assert_eq!(sent("www.site.example", "/application", false), "abe");
        assert_eq!(sent("ws.site.example", "/app/socket", true), "a");
        assert_eq!(sent("notsite.example", "/", true), "");
    }

    #[test]
    fn a_later_line_replaces_and_removes() {
        let all = jar(&[
            "a=1; Path=/",
            "a=2; Path=/",
            "b=1; Path=/",
            "b=; Max-Age=0; Path=/",
        ]);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].value, "2");
    }
}
