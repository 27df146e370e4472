//! Settings of the whole relay.

use super::{absent, default};
use crate::config::OptionDoc;

/// The rows.
pub(super) const ROWS: &[OptionDoc] = &[
    absent(
        "state",
        "\"/var/lib/towpath/relay.sqlite\"",
        "The file that keeps what is not yet told, with all ids that were told. By default `relay.sqlite` in the state folder of the service or of the user (`$STATE_DIRECTORY`, `$XDG_STATE_HOME/towpath`, `~/.local/state/towpath`). Two relays cannot share one.",
    ),
    default(
        "status.listen",
        "\"127.0.0.1:9380\"",
        "Where to listen, or \"none\". Anything but a loopback address needs access_token_file.",
    ),
    default(
        "status.hosts",
        "[]",
        "Names by which it may be asked besides addresses and `localhost`, for a proxy in front.",
    ),
    absent(
        "status.access_token_file",
        "\"status.token\"",
        "A file with a token that callers must show, as a bearer or as the password that a browser asks for; it is made if it is not there. Without it, every user of this machine can read the status.",
    ),
    default(
        "network.proxy",
        "\"environment\"",
        "\"environment\" for what HTTPS_PROXY and its kind say, \"none\", or the URL of a proxy: http://, https://, socks5:// or socks5h://.",
    ),
    absent(
        "network.proxy_login_file",
        "\"proxy.secret\"",
        "A file with `user:password` for that proxy.",
    ),
    absent(
        "network.cacert",
        "\"authority.pem\"",
        "Certificates (PEM) to trust instead of the system's and Mozilla's.",
    ),
    default(
        "network.resolve",
        "[]",
        "Fixed addresses, each \"host:port:address\", as curl has them.",
    ),
    default(
        "delivery.age_max",
        "\"24 h\"",
        "How long a message waits to be told before it is given up. Longer tells older things after an outage.",
    ),
    default(
        "delivery.queue_max",
        "10000",
        "How many messages wait for one member; beyond it the oldest is given up.",
    ),
    default(
        "delivery.uncertain",
        "\"repeat\"",
        "What becomes of a message that may have arrived, where the other end has no history to look into: \"repeat\" loses nothing and may double it, \"drop\" doubles nothing and may lose it.",
    ),
    default(
        "delivery.replay_at_first_start",
        "\"0 s\"",
        "How much of what was said before the very first start is told.",
    ),
    absent(
        "formats.name",
        "\"{nick} ({network})\"",
        "The author's name, for sides that show one beside the text. The default depends on the side.",
    ),
    absent(
        "formats.text",
        "\"[{network}] <{nick}> {text}\"",
        "What was said, for sides that show no name beside it. The default depends on the side.",
    ),
    absent(
        "formats.action",
        "\"[{network}] * {nick} {text}\"",
        "What was done (`/me`). The default depends on the side.",
    ),
    absent(
        "formats.notice",
        "\"[{network}] -{nick}- {text}\"",
        "What no program may answer. The default depends on the side.",
    ),
    absent(
        "formats.edit",
        "\"[{network}] <{nick}> (edited) {text}\"",
        "An earlier message's new text, where the side takes no edits. The default depends on the side.",
    ),
    absent(
        "formats.delete",
        "\"[{network}] * {nick} took back a message\"",
        "An earlier message's end, where the side takes none.",
    ),
    absent(
        "formats.join",
        "\"[{network}] * {nick} joined\"",
        "Somebody came in. Not told unless a format is set, but to sides that take it as such.",
    ),
    absent(
        "formats.leave",
        "\"[{network}] * {nick} left\"",
        "Somebody left; likewise.",
    ),
    absent(
        "formats.topic",
        "\"[{network}] * {nick} changed the subject to: {text}\"",
        "The room has another subject.",
    ),
    absent(
        "formats.reply",
        "\"(to {quoted_nick}: {quote}) \"",
        "What stands before a reply, where the side takes no replies.",
    ),
    absent(
        "formats.late",
        "\"({time} UTC) \"",
        "What stands before a message that is told late.",
    ),
];
