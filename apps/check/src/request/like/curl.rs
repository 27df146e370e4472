//! A `curl` command, as browsers' "Copy as cURL" writes it, as a request.

use towpath_diagnosis::observation::{Header, RequestHead};
use url::Url;

use super::words::{Shell, split};

/// Reads a command.
pub(super) fn parse(command: &str) -> Result<RequestHead, String> {
    let mut words = split(command, Shell::of(command))?.into_iter();
    let first = words.next().unwrap_or_default();
    if !matches!(first.rsplit(['/', '\\']).next(), Some("curl" | "curl.exe")) {
        return Err(HOW_TO.to_owned());
    }
    let mut url = None;
    let mut headers: Vec<Header> = Vec::new();
    while let Some(word) = words.next() {
        let (option, attached) = option(&word);
        let Some(option) = option else {
            url = url.or(Some(word));
            continue;
        };
        let takes_value = VALUED.contains(&option);
        let value = match attached {
            Some(value) => value.to_owned(),
            None if takes_value => words
                .next()
                .ok_or_else(|| format!("the command ends after {option}; was it copied whole?"))?,
            None => continue,
        };
        match option {
            "-H" | "--header" => headers.extend(header(&value)),
            "-A" | "--user-agent" => set(&mut headers, "User-Agent", &value),
            "-e" | "--referer" => set(&mut headers, "Referer", &value),
            "-b" | "--cookie" if value.contains('=') => set(&mut headers, "Cookie", &value),
            "--url" => url = url.or(Some(value)),
            _ => {}
        }
    }
    let url = url.ok_or("the command names no address")?;
    let url =
        Url::parse(&url).map_err(|error| format!("the command's address `{url}`: {error}"))?;
    Ok(RequestHead {
        method: "GET".to_owned(),
        target: url[url::Position::BeforePath..url::Position::AfterQuery].to_owned(),
        version: "HTTP/1.1".to_owned(),
        headers,
    })
}

/// The option that a word is, and the value that is attached to a short one (`-Hx`).
fn option(word: &str) -> (Option<&str>, Option<&str>) {
    if word.starts_with("--") {
        return (Some(word), None);
    }
    if !word.starts_with('-') || word.len() == 1 {
        return (None, None);
    }
    match word.split_at_checked(2) {
        Some((short, value)) if !value.is_empty() && VALUED.contains(&short) => {
            (Some(short), Some(value))
        }
        _ => (Some(word), None),
    }
}

/// `Name: value`, or `Name;` for an empty value; `Name:` leaves a header out.
fn header(line: &str) -> Option<Header> {
    let (name, value) = match line.split_once(':') {
        Some((name, value)) => (name, value.trim()),
        None => (line.strip_suffix(';')?, ""),
    };
    let left_out = value.is_empty() && line.contains(':');
    let one_line = !line.contains(['\r', '\n']);
    (!left_out && one_line && !name.is_empty()).then(|| Header {
        name: name.to_owned(),
        value: value.to_owned(),
    })
}

fn set(headers: &mut Vec<Header>, name: &str, value: &str) {
    headers.retain(|header| !header.name.eq_ignore_ascii_case(name));
    headers.push(Header {
        name: name.to_owned(),
        value: value.to_owned(),
    });
}

/// Options whose next word is their value. Unknown ones are taken to have none.
const VALUED: [&str; 37] = [
    "-H",
    "--header",
    "-A",
    "--user-agent",
    "-e",
    "--referer",
    "-b",
    "--cookie",
    "--url",
    "-X",
    "--request",
    "-d",
    "--data",
    "--data-raw",
    "--data-binary",
    "--data-ascii",
    "--data-urlencode",
    "-u",
    "--user",
    "-x",
    "--proxy",
    "-U",
    "--proxy-user",
    "-o",
    "--output",
    "-m",
    "--max-time",
    "--connect-timeout",
    "--cacert",
    "-E",
    "--cert",
    "--key",
    "--resolve",
    "--ciphers",
    "--tls13-ciphers",
    "-F",
    "-w",
];

const HOW_TO: &str = "it holds neither a curl command nor a HAR. In the browser: developer tools, Network, WS, right click \
     the request, Copy, Copy as cURL (bash or cmd), and paste that into the file";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_browsers_copy_is_read() {
        let head = parse(
            "curl 'wss://api.example/socket?vsn=2.0.0' \\\n  -H 'Upgrade: websocket' \\\n  -H 'Origin: https://app.example' \\\n  \
             -b 'session=abc' --compressed --insecure -A 'Mozilla/5.0 (X11)'",
        )
        .unwrap();
        assert_eq!(head.target, "/socket?vsn=2.0.0");
        let names: Vec<&str> = head
            .headers
            .iter()
            .map(|header| header.name.as_str())
            .collect();
        assert_eq!(names, ["Upgrade", "Origin", "Cookie", "User-Agent"]);
        assert_eq!(head.headers[3].value, "Mozilla/5.0 (X11)");
    }

    #[test]
    fn the_command_prompt_is_read_too() {
        let head = parse(
            "curl ^\"https://api.example/socket^\" ^\r\n  -H ^\"Origin: https://app.example^\" ^\r\n  -H ^\"X-A: 100^%^\"",
        )
        .unwrap();
        assert_eq!(head.target, "/socket");
        assert_eq!(head.headers[1].value, "100%");
    }

    #[test]
    fn attached_and_unknown_options_do_no_harm() {
        let head = parse("/usr/bin/curl -HA:b --http1.1 -sS -X GET --data-raw '{}' https://h.example/ -H 'Gone:' -H 'Empty;'").unwrap();
        assert_eq!(head.headers.len(), 2);
        assert_eq!(head.headers[0].value, "b");
        assert_eq!(head.headers[1].name, "Empty");
    }

    #[test]
    fn incomplete_commands_are_refused() {
        for (command, says) in [
            ("curl", "no address"),
            ("curl -H", "ends after -H"),
            ("curl 'wss://h", "does not end"),
            ("curl host", "`host`"),
            ("wget x", "Copy as cURL"),
        ] {
            let problem = parse(command).expect_err(command);
            assert!(problem.contains(says), "{command}: {problem}");
        }
    }
}
