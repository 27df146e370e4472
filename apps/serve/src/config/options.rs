//! Every option once: the table that documentation, the example and the check for unknown keys are made from.

use std::fmt::Write as _;

use super::Settings;

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct OptionDoc {
    /// Its key with its table, for example `limits.sessions`.
    pub key: &'static str,
    /// A value to show where the default is none.
    pub example: &'static str,
    /// What it means, and what follows from another value.
    pub meaning: &'static str,
}

/// All options, in the order in which they are shown.
pub const OPTIONS: &[OptionDoc] = &[
    option("listen", "", "Addresses to listen on."),
    option(
        "listen_plain",
        "",
        "Further addresses, without TLS although `[tls]` names a certificate: for a proxy or a probe on the same machine.",
    ),
    option(
        "drain_seconds",
        "",
        "After SIGTERM or SIGINT: how long connections have to end. Closes are spread over this time, so that clients do not all come back at once. Longer is gentler on the servers that take over; keep it below the time after which your supervisor kills.",
    ),
    option(
        "compression",
        "",
        "Whether the gateway itself compresses a plain WebSocket towards a client that offers permessage-deflate when the backend agrees on no extension. Saves traffic, costs processor time and copies. Without it, compression is between client and backend.",
    ),
    option(
        "upstream.url",
        "",
        "What stands behind: `ws://`, `wss://`, `http://` or `https://`. The WebSockets and the HTTP requests both go there. A path here goes in front of the path of every request.",
    ),
    option(
        "upstream.ca",
        "\"/etc/towpath/upstream-ca.pem\"",
        "Certificates (PEM) to trust for a `wss://` upstream, instead of the system's and Mozilla's.",
    ),
    option(
        "upstream.host",
        "",
        "What `Host` tells the upstream: `preserve` the one the client asked for (many servers compare it with `Origin`), or name the `upstream` itself (for servers that choose by name).",
    ),
    option(
        "upstream.forward_http",
        "",
        "Whether requests that are no WebSockets are handed on too, so that a page and its WebSocket live behind one address. `false` answers them 404.",
    ),
    option(
        "upstream.forward_headers",
        "",
        "Only these client headers reach the upstream, and `Cookie`, `Origin` and `Authorization`. Empty: all of them.",
    ),
    option(
        "upstream.drop_headers",
        "",
        "Client headers that never reach the upstream. Forwarding headers (`X-Forwarded-…`, `Forwarded`, `X-Real-IP`) are always written anew.",
    ),
    option(
        "tls.certificate",
        "\"/etc/towpath/chain.pem\"",
        "The gateway's certificate chain (PEM, leaf first). Without `[tls]` the gateway speaks no TLS. The files are read again when they change; a bad new pair is logged and the old one stays.",
    ),
    option(
        "tls.key",
        "\"/etc/towpath/key.pem\"",
        "The private key (PEM) of the certificate.",
    ),
    option(
        "network.proxy_protocol",
        "",
        "Whether each connection begins with a PROXY protocol header, version 1 or 2, as load balancers send it. Connections without one are closed then.",
    ),
    option(
        "network.proxy_protocol_from",
        "",
        "Address ranges of the load balancers that may send it; others are closed. Must not be empty with `proxy_protocol`.",
    ),
    option(
        "network.trusted_hops",
        "",
        "Whose forwarding headers are believed: a number of proxies in front of the gateway, or a list of their address ranges. Too many lets clients forge their address; 0 believes nobody.",
    ),
    option(
        "network.forwarding_header",
        "",
        "Which header those proxies write: `x-forwarded` (`X-Forwarded-For`, `-Proto`, `-Host`) or `forwarded` (RFC 7239). The other kind is ignored, since proxies hand it on unread.",
    ),
    option(
        "origins.allow",
        "",
        "Pages that may connect besides those of the gateway's own host: `https://app.example.com`, or `https://*.example.com` for all subdomains (not for `example.com` itself).",
    ),
    option(
        "origins.same_origin",
        "",
        "Whether pages whose origin is the scheme, host and port that the request asks for may connect. On a private network name your hosts in `allow` and switch this off: a page that makes its own name point to your address (DNS rebinding) is of the same origin, too.",
    ),
    option(
        "origins.without_origin",
        "",
        "Whether requests without `Origin` may connect. Browsers always send it with WebSockets and POSTs, so this is about other programs; they can claim any origin anyway.",
    ),
    option(
        "sessions.enabled",
        "",
        "Whether clients of Towpath get sessions. `false` leaves plain WebSockets and HTTP.",
    ),
    option(
        "sessions.transports",
        "",
        "What may carry a session. A transport that is left out is answered 503.",
    ),
    option(
        "sessions.heartbeat_seconds",
        "",
        "Silence after which the gateway sends a ping on a session. It becomes shorter by itself on networks that cut silent connections sooner.",
    ),
    option(
        "limits.connections",
        "",
        "Client connections in all. Each costs a descriptor, and another for its backend.",
    ),
    option(
        "limits.connections_per_address",
        "",
        "Client connections of one address (IPv6: one /64). Offices share an address, and so does a proxy in front without PROXY protocol.",
    ),
    option("limits.sessions", "", "Sessions in all, attached or not."),
    option(
        "limits.sessions_per_address",
        "",
        "Sessions of one address (IPv6: one /64).",
    ),
    option(
        "limits.buffered_bytes_per_session",
        "",
        "Bytes kept for one session: sent and not acknowledged, or received and not taken by the backend. Reaching it pauses the side that sends; it is the most that can travel in one round trip.",
    ),
    option(
        "limits.buffered_bytes",
        "",
        "The same in all sessions together: the memory that clients can make the gateway use.",
    ),
    option(
        "limits.header_bytes",
        "",
        "Bytes of a request's or an answer's head. At least 8192.",
    ),
    option(
        "limits.body_bytes",
        "",
        "Bytes of the body of one POST of a session. Bodies of other requests are streamed and have no limit here.",
    ),
    option(
        "limits.head_seconds",
        "",
        "For PROXY protocol and TLS together, and then for each request's head, counted from when one can come. So it is also how long an idle HTTP/1.1 connection is kept.",
    ),
    option(
        "limits.handshake_seconds",
        "",
        "For the upstream to answer a WebSocket handshake, name resolution and TLS included.",
    ),
    option(
        "limits.answer_seconds",
        "",
        "For the upstream to begin its answer to an ordinary request.",
    ),
    option(
        "limits.idle_seconds",
        "",
        "Silence in both directions after which a plain WebSocket is closed. 0: never, which is right for backends that ping.",
    ),
    option(
        "limits.slow_reader_seconds",
        "",
        "How long a client or backend may take nothing while bytes wait for it.",
    ),
    option(
        "limits.detached_seconds",
        "",
        "How long a session waits for its client to come back. Longer survives longer tunnels and elevators, and keeps more memory.",
    ),
    option(
        "reports.enabled",
        "",
        "Whether pages are asked to report failures of their connections and the reports are kept. `false` takes nothing and keeps nothing; the gateway's own view stays in its metrics.",
    ),
    option(
        "reports.check_page",
        "",
        "Whether `/.towpath/check` is served: a page that finds out in the user's browser what the network does to WebSockets.",
    ),
    option(
        "reports.file",
        "\"/var/lib/towpath/reports.sqlite\"",
        "Where reports are kept (SQLite, made if it is not there). Without it they are kept in memory and gone with the process.",
    ),
    option(
        "reports.days",
        "",
        "How long reports are kept. Then they are deleted, the oldest first.",
    ),
    option(
        "reports.megabytes",
        "",
        "How much room reports may take. Beyond it the oldest are deleted before their time.",
    ),
    option(
        "reports.sample",
        "",
        "The share of sessions whose pages are asked to report failures, from 0 to 1. Less saves traffic where very many users are affected; checks that a user starts are always taken.",
    ),
    option(
        "reports.per_minute",
        "",
        "Reports and checks that one address may send in a minute; beyond it 429.",
    ),
    option(
        "console.listen",
        "\"127.0.0.1:9091\"",
        "A listener of its own for the console: transports in use, findings by network, one session from both sides. None without it. Whoever reaches it needs the token; put TLS in front of it beyond this machine.",
    ),
    option(
        "console.token_file",
        "",
        "The file that holds the console's token. It is made with a random token, readable for its owner alone, if it is not there.",
    ),
    option(
        "console.hosts",
        "[\"console.example.com\"]",
        "Names that the console may be asked for by. Addresses and `localhost` always do; any other name could be one that a stranger's page made to point here.",
    ),
    option(
        "metrics.listen",
        "\"127.0.0.1:9090\"",
        "An address for Prometheus and for `/health`, apart from the clients'. None by default.",
    ),
    option("metrics.path", "", "The path that Prometheus reads there."),
    option(
        "log.format",
        "",
        "`text` for people, `json` for machines. Lines go to standard error.",
    ),
    option(
        "log.level",
        "",
        "`error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,towpath_serve=debug`. No level shows cookies, queries, tokens or messages.",
    ),
];

const fn option(key: &'static str, example: &'static str, meaning: &'static str) -> OptionDoc {
    OptionDoc {
        key,
        example,
        meaning,
    }
}

impl OptionDoc {
    /// Table and name; the table is empty at the top.
    pub fn place(&self) -> (&'static str, &'static str) {
        self.key.rsplit_once('.').unwrap_or(("", self.key))
    }
}

/// The default of an option as it is written in a file; nothing where there is none.
fn default_of(key: &str, defaults: &toml::Table) -> Option<String> {
    let mut value = None;
    let mut table = defaults;
    for part in key.split('.') {
        value = table.get(part);
        if let Some(toml::Value::Table(inner)) = value {
            table = inner;
        }
    }
    value.map(ToString::to_string)
}

fn defaults() -> toml::Table {
    toml::Table::try_from(Settings::default()).expect("settings are made of what TOML has")
}

/// A settings file with every option at its default; those without a default are comments.
pub fn example() -> String {
    let defaults = defaults();
    let mut text = String::from("# Every option of `towpath serve`, at its default.\n");
    let mut table = "";
    for option in OPTIONS {
        let (of, name) = option.place();
        let default = default_of(option.key, &defaults);
        if of != table {
            // A table whose options have no default must not be there.
            let mark = if of == "tls" { "# " } else { "" };
            let _ = writeln!(text, "\n{mark}[{of}]");
            table = of;
        }
        let _ = match default {
            Some(default) => writeln!(text, "{name} = {default}"),
            None => writeln!(text, "# {name} = {}", option.example),
        };
    }
    text
}

/// The options for people to read, in Markdown.
pub fn documentation() -> String {
    let defaults = defaults();
    let mut text = String::from(BEGINNING);
    let mut table = None;
    for option in OPTIONS {
        let (of, name) = option.place();
        if table != Some(of) {
            let title = if of.is_empty() { "Top" } else { of };
            let _ = write!(
                text,
                "\n## `{title}`\n\n| option | default | meaning |\n| --- | --- | --- |\n"
            );
            table = Some(of);
        }
        let default = default_of(option.key, &defaults);
        let default = default.map_or_else(|| "none".to_owned(), |default| format!("`{default}`"));
        let _ = writeln!(text, "| `{name}` | {default} | {} |", option.meaning);
    }
    text.push_str("\n## What happens at a limit\n\n| limit | HTTP status | close code | then |\n| --- | --- | --- | --- |\n");
    for row in crate::limits::LIMITS {
        let number = |number: Option<u16>| {
            number.map_or_else(|| "–".to_owned(), |number| number.to_string())
        };
        let (status, code) = (number(row.status), number(row.close_code));
        let _ = writeln!(
            text,
            "| `{}` | {status} | {code} | {} |",
            row.name, row.outcome
        );
    }
    text.push_str("\n## A file with everything\n\n```toml\n");
    text.push_str(&example());
    text.push_str("```\n");
    text
}

const BEGINNING: &str = "\
<!-- Made from the table in apps/serve/src/config/options.rs; a test compares. -->

# towpath.toml

`towpath serve` needs no file: `towpath serve --upstream ws://127.0.0.1:4000` is enough. For everything else it reads
`--config FILE`, or `./towpath.toml` if there is one; flags go before the file. `towpath serve --check-config` reads
everything as a start would and says what is wrong: file, line, and what to write.
";
