//! Settings of IRC sides.

use super::{absent, default, example};
use crate::config::OptionDoc;

/// The rows.
pub(super) const ROWS: &[OptionDoc] = &[
    example(
        "irc.NAME.server",
        "\"irc.libera.chat:6697\"",
        "Where it is: host:port, or the wss:// URL of a server that speaks IRC over WebSockets.",
    ),
    default(
        "irc.NAME.tls",
        "true",
        "Whether the connection is encrypted. Without it everybody on the way reads along, passwords included.",
    ),
    example("irc.NAME.nick", "\"towpath\"", "The nickname to have."),
    default(
        "irc.NAME.alternatives",
        "[]",
        "Other nicknames, for while that one is taken; it is taken back when it is free.",
    ),
    default(
        "irc.NAME.username",
        "\"towpath\"",
        "The user name, which is part of the address that people see.",
    ),
    default(
        "irc.NAME.realname",
        "\"a chat relay (Towpath)\"",
        "What /whois shows.",
    ),
    absent(
        "irc.NAME.password_file",
        "\"irc.secret\"",
        "A file with the server's password, for servers that have one.",
    ),
    absent(
        "irc.NAME.sasl_user",
        "\"towpath\"",
        "The account to log in to by SASL.",
    ),
    absent(
        "irc.NAME.sasl_password_file",
        "\"irc.secret\"",
        "A file with that account's password.",
    ),
    default(
        "irc.NAME.sasl_external",
        "false",
        "Log in by certificate instead (SASL EXTERNAL).",
    ),
    default(
        "irc.NAME.sasl_optional",
        "false",
        "Whether to go on where the login fails. Many channels let nobody speak without one.",
    ),
    absent(
        "irc.NAME.certificate",
        "\"irc.pem\"",
        "A client certificate (PEM), for sasl_external.",
    ),
    absent(
        "irc.NAME.certificate_key",
        "\"irc.key\"",
        "Its key (PEM), where it is not in the same file.",
    ),
    absent(
        "irc.NAME.nickserv_password_file",
        "\"irc.secret\"",
        "A file with the password for NickServ, on networks without SASL.",
    ),
    absent(
        "irc.NAME.nickserv_nick",
        "\"NickServ\"",
        "The service's nickname.",
    ),
    absent(
        "irc.NAME.nickserv_account",
        "\"towpath\"",
        "The account to name to it, where it is not the nickname.",
    ),
    absent(
        "irc.NAME.keys",
        "{ \"#private\" = \"key\" }",
        "Keys of channels that have one.",
    ),
    default(
        "irc.NAME.presence",
        "false",
        "Whether joins, leaves, changed nicknames and topics are told.",
    ),
    default(
        "irc.NAME.flood_burst",
        "5",
        "Messages at once before they are paced. More is quicker and is taken for a flood by strict servers.",
    ),
    default(
        "irc.NAME.flood_every",
        "\"2 s\"",
        "One message in this time after that. \"0 s\" where the server does not limit this client.",
    ),
    default(
        "irc.NAME.version",
        "\"Towpath, a chat relay\"",
        "What CTCP VERSION is answered with; an empty text answers nothing.",
    ),
    absent(
        "irc.NAME.origin",
        "\"https://chat.example.com\"",
        "For a wss:// server: the Origin to send. Most such servers take only those that they know.",
    ),
    default(
        "irc.NAME.via",
        "\"auto\"",
        "For a wss:// server: by which way, as for Kosmi.",
    ),
    default(
        "irc.NAME.browser",
        "true",
        "For a wss:// server: whether a browser may be started.",
    ),
    absent(
        "irc.NAME.label",
        "\"Libera\"",
        "What {label} says in formats; the network's name without it.",
    ),
    absent(
        "irc.NAME.proxy",
        "\"none\"",
        "As in [network], for this side alone.",
    ),
    absent(
        "irc.NAME.proxy_login_file",
        "\"proxy.secret\"",
        "As in [network]; it needs proxy.",
    ),
    absent("irc.NAME.cacert", "\"authority.pem\"", "As in [network]."),
    default(
        "irc.NAME.times.register",
        "\"30 s\"",
        "From the connection to the end of the registration.",
    ),
    default(
        "irc.NAME.times.ping_after",
        "\"1 min\"",
        "Silence of the server after which it is pinged.",
    ),
    default(
        "irc.NAME.times.silence",
        "\"30 s\"",
        "From that ping to any line.",
    ),
    default(
        "irc.NAME.times.proof",
        "\"30 s\"",
        "From a message to the proof that the server has it.",
    ),
    default(
        "irc.NAME.times.rejoin",
        "\"5 s\"",
        "The first wait before a channel is joined again; it doubles.",
    ),
    default(
        "irc.NAME.times.rejoin_max",
        "\"5 min\"",
        "The longest such wait.",
    ),
    default(
        "irc.NAME.times.regain",
        "\"1 min\"",
        "Between two tries for the wanted nickname.",
    ),
    default(
        "irc.NAME.times.backoff_first",
        "\"1 s\"",
        "The first wait after a loss; it doubles.",
    ),
    default(
        "irc.NAME.times.backoff_max",
        "\"1 min\"",
        "The longest wait after a loss.",
    ),
];
