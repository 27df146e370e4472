//! Settings of Matterbridge sides.

use super::{absent, default};
use crate::config::OptionDoc;

/// The rows.
pub(super) const ROWS: &[OptionDoc] = &[
    absent(
        "matterbridge.NAME.url",
        "\"http://127.0.0.1:4242\"",
        "Where its API is.",
    ),
    absent(
        "matterbridge.NAME.token_file",
        "\"matterbridge.token\"",
        "A file with the API's token, if it has one.",
    ),
    default(
        "matterbridge.NAME.only_client",
        "false",
        "Whether no other program reads from this API. Then what was said during a gap is fetched from its buffer, which empties it.",
    ),
    default(
        "matterbridge.NAME.via",
        "\"auto\"",
        "By which way: \"auto\" finds the best one out, \"direct\", \"proxy\", \"gateway\" (a Towpath gateway at the URL) or \"browser\" (a real Chromium).",
    ),
    default(
        "matterbridge.NAME.silence",
        "\"60 s\"",
        "How long its WebSocket may be silent before it is renewed.",
    ),
    default(
        "matterbridge.NAME.answer",
        "\"60 s\"",
        "How long an answer may take.",
    ),
    default(
        "matterbridge.NAME.backoff_first",
        "\"1 s\"",
        "The first wait after a loss; it doubles.",
    ),
    default(
        "matterbridge.NAME.backoff_max",
        "\"1 min\"",
        "The longest wait after a loss.",
    ),
    absent(
        "matterbridge.NAME.label",
        "\"Matterbridge\"",
        "What {label} says in formats; the network's name without it.",
    ),
    absent(
        "matterbridge.NAME.proxy",
        "\"none\"",
        "As in [network], for this side alone.",
    ),
    absent(
        "matterbridge.NAME.proxy_login_file",
        "\"proxy.secret\"",
        "As in [network]; it needs proxy.",
    ),
    absent(
        "matterbridge.NAME.cacert",
        "\"authority.pem\"",
        "As in [network].",
    ),
];
