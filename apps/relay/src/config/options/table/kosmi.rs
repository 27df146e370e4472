//! Settings of Kosmi sides.

use super::{absent, default};
use crate::config::OptionDoc;

/// The rows.
pub(super) const ROWS: &[OptionDoc] = &[
    default(
        "kosmi.NAME.login",
        "\"anonymous\"",
        "As whom to speak: \"anonymous\" (a visitor whom Kosmi gives a name, the same one after a restart), \"token\" (token_file, which is enough to say so) or \"page\" (read from the page by a browser, see browser_attach).",
    ),
    absent(
        "kosmi.NAME.token_file",
        "\"kosmi.token\"",
        "With login = \"token\": a file with the token of your login.",
    ),
    absent(
        "kosmi.NAME.page",
        "\"https://app.kosmi.io/\"",
        "With login = \"page\": the page that holds the token.",
    ),
    absent(
        "kosmi.NAME.account",
        "\"me\"",
        "A name for the login in the cache of tokens, where you have more than one.",
    ),
    default(
        "kosmi.NAME.via",
        "\"auto\"",
        "By which way: \"auto\" finds the best one out, \"direct\", \"proxy\", \"gateway\" (a Towpath gateway at the URL) or \"browser\" (a real Chromium).",
    ),
    default(
        "kosmi.NAME.browser",
        "true",
        "Whether a browser may be started, to find out why nothing else gets through, as a way, and to read a token.",
    ),
    absent(
        "kosmi.NAME.browser_attach",
        "\"http://127.0.0.1:9222\"",
        "Use this running browser, by its debugging address. A browser that is logged in has the token of the login.",
    ),
    default(
        "kosmi.NAME.members",
        "false",
        "Whether it is told who comes and goes; needs formats for join and leave, too.",
    ),
    absent(
        "kosmi.NAME.profile",
        "\"kosmi.toml\"",
        "A corrected copy of what `towpath relay profile` prints.",
    ),
    absent(
        "kosmi.NAME.url",
        "\"wss://engine.kosmi.io/gql-ws\"",
        "Where the chat is, if not where the profile says.",
    ),
    absent(
        "kosmi.NAME.login_url",
        "\"https://engine.kosmi.io/\"",
        "Where an anonymous login is asked for, if not where the profile says.",
    ),
    absent(
        "kosmi.NAME.label",
        "\"Kosmi\"",
        "What {label} says in formats; the network's name without it.",
    ),
    absent(
        "kosmi.NAME.proxy",
        "\"none\"",
        "As in [network], for this side alone.",
    ),
    absent(
        "kosmi.NAME.proxy_login_file",
        "\"proxy.secret\"",
        "As in [network]; it needs proxy.",
    ),
    absent("kosmi.NAME.cacert", "\"authority.pem\"", "As in [network]."),
    default(
        "kosmi.NAME.times.open",
        "\"1 min\"",
        "For the opening of the socket, an inquiry into a refusal included.",
    ),
    default(
        "kosmi.NAME.times.acknowledgement",
        "\"10 s\"",
        "For the answer to the first message.",
    ),
    default(
        "kosmi.NAME.times.operation",
        "\"15 s\"",
        "For the answer to a query or mutation.",
    ),
    default(
        "kosmi.NAME.times.silence",
        "\"90 s\"",
        "How long the server may say nothing before the connection counts as dead.",
    ),
    default(
        "kosmi.NAME.times.ping",
        "\"25 s\"",
        "Between two pings. Such servers close after 60 s without one.",
    ),
    default(
        "kosmi.NAME.times.echo",
        "\"10 s\"",
        "How long our own message may take to come back before the history is asked for it.",
    ),
    default(
        "kosmi.NAME.times.reconcile_first",
        "\"5 s\"",
        "The first look into the history after a start.",
    ),
    default(
        "kosmi.NAME.times.reconcile",
        "\"45 s\"",
        "Between two looks after that.",
    ),
    default(
        "kosmi.NAME.times.backoff_first",
        "\"1 s\"",
        "The first wait after a loss; it doubles.",
    ),
    default(
        "kosmi.NAME.times.backoff_max",
        "\"1 min\"",
        "The longest wait after a loss.",
    ),
    default(
        "kosmi.NAME.times.slow",
        "\"5 min\"",
        "The wait where the same attempt is likely to end the same way.",
    ),
    default(
        "kosmi.NAME.times.stable",
        "\"1 min\"",
        "How long a connection has to hold before losses are forgotten.",
    ),
];
