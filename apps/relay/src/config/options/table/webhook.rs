//! Settings of webhook sides.

use super::{absent, default};
use crate::config::OptionDoc;

/// The rows.
pub(super) const ROWS: &[OptionDoc] = &[
    absent(
        "webhook.NAME.url_file",
        "\"webhook.url\"",
        "A file with the webhook's address, which is a secret: whoever knows it can post there.",
    ),
    default(
        "webhook.NAME.kind",
        "\"json\"",
        "What is posted: \"json\" (our own, signed), \"discord\", \"slack\" or \"mattermost\".",
    ),
    absent(
        "webhook.NAME.secret_file",
        "\"webhook.secret\"",
        "A file with the key that signs the body (HMAC-SHA256 in `Towpath-Signature`), for \"json\" only.",
    ),
    default(
        "webhook.NAME.answer",
        "\"20 s\"",
        "How long an answer may take.",
    ),
    default(
        "webhook.NAME.backoff_first",
        "\"1 s\"",
        "The first wait after a failure; it doubles.",
    ),
    default(
        "webhook.NAME.backoff_max",
        "\"5 min\"",
        "The longest wait after a failure.",
    ),
    absent(
        "webhook.NAME.label",
        "\"Webhook\"",
        "What {label} says in formats; the network's name without it.",
    ),
    absent(
        "webhook.NAME.proxy",
        "\"none\"",
        "As in [network], for this side alone.",
    ),
    absent(
        "webhook.NAME.proxy_login_file",
        "\"proxy.secret\"",
        "As in [network]; it needs proxy.",
    ),
    absent(
        "webhook.NAME.cacert",
        "\"authority.pem\"",
        "As in [network].",
    ),
];
