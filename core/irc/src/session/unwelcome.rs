//! Why a server does not let this client into a room, and whether asking again helps (RFC 2812 section 5.2).
//!
//! It must never ask again at once: a room that throws a client out sees a client that comes back at once as an attack.

use crate::numeric::{
    ERR_BADCHANMASK, ERR_BADCHANNAME, ERR_BADCHANNELKEY, ERR_BANNEDFROMCHAN, ERR_CHANNELISFULL,
    ERR_INVITEONLYCHAN, ERR_LINKCHANNEL, ERR_NEEDREGGEDNICK, ERR_NOSUCHCHANNEL, ERR_OPERONLY,
    ERR_SECUREONLYCHAN, ERR_THROTTLE, ERR_TOOMANYCHANNELS, ERR_UNAVAILRESOURCE,
};

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unwelcome {
    codes: &'static [u16],
    pub(super) what: &'static str,
    pub(super) remedy: &'static str,
    pub(super) again: Again,
}

/// When to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// After a wait that grows.
    Growing,
    /// After the longest wait: only somebody else can change it, and may.
    Slowly,
    /// Never: it cannot change by itself.
    Never,
}

/// What the number of a refusal means; `None` where it is none. `identifies_late` says that a login may still be under way.
pub(super) fn of(code: u16, identifies_late: bool) -> Option<Unwelcome> {
    if code == ERR_NEEDREGGEDNICK && identifies_late {
        return Some(NOT_YET);
    }
    ALL.into_iter()
        .find(|unwelcome| unwelcome.codes.contains(&code))
}

const NOT_YET: Unwelcome = Unwelcome::new(
    &[ERR_NEEDREGGEDNICK],
    "the room takes only those who are logged in, and this client is not yet",
    "wait for the login",
    Again::Growing,
);

const ALL: [Unwelcome; 12] = [
    Unwelcome::new(
        &[ERR_NOSUCHCHANNEL],
        "the server knows no such room",
        "check the room's name; some servers allow the rooms of their own list only",
        Again::Never,
    ),
    Unwelcome::new(
        &[ERR_TOOMANYCHANNELS],
        "the server allows this client no more rooms",
        "use a second side for further rooms",
        Again::Slowly,
    ),
    Unwelcome::new(
        &[ERR_UNAVAILRESOURCE, ERR_THROTTLE],
        "the room is not available right now",
        "wait",
        Again::Growing,
    ),
    Unwelcome::new(
        &[ERR_LINKCHANNEL],
        "the room sends whoever joins on to another one",
        "use the other room's name, or have the room's operators let this client in",
        Again::Never,
    ),
    Unwelcome::new(
        &[ERR_CHANNELISFULL],
        "the room is full",
        "wait, or have its operators raise the limit",
        Again::Growing,
    ),
    Unwelcome::new(
        &[ERR_INVITEONLYCHAN],
        "the room takes only those who are invited",
        "have one of its operators invite this client, or add it to the list of exceptions (+I)",
        Again::Slowly,
    ),
    Unwelcome::new(
        &[ERR_BANNEDFROMCHAN],
        "the room bans this client",
        "have its operators lift the ban or add an exception (+e)",
        Again::Slowly,
    ),
    Unwelcome::new(
        &[ERR_BADCHANNELKEY],
        "the room wants another key",
        "set the room's key in `keys` of this side: `keys = { \"#room\" = \"key\" }`",
        Again::Never,
    ),
    Unwelcome::new(
        &[ERR_BADCHANMASK, ERR_BADCHANNAME],
        "the server does not take the room's name",
        "check the room's name",
        Again::Never,
    ),
    Unwelcome::new(
        &[ERR_NEEDREGGEDNICK],
        "the room takes only those who are logged in",
        "set an account in this side: `sasl_user` with `sasl_password_file`, or `nickserv_password_file`",
        Again::Slowly,
    ),
    Unwelcome::new(
        &[ERR_SECUREONLYCHAN],
        "the room takes only those who are connected by TLS",
        "set `tls = true` and the server's TLS port",
        Again::Never,
    ),
    Unwelcome::new(
        &[ERR_OPERONLY],
        "the room takes only operators of the network",
        "choose another room",
        Again::Never,
    ),
];

impl Unwelcome {
    const fn new(
        codes: &'static [u16],
        what: &'static str,
        remedy: &'static str,
        again: Again,
    ) -> Self {
        Self {
            codes,
            what,
            remedy,
            again,
        }
    }
}
