//! What a user can get wrong before anything is sent: each message says what, and how to mend it.

use std::io;

use thiserror::Error;
use towpath_net::SettingsError;

/// A command line, file or option that cannot be used. Leads to exit status 2.
#[derive(Debug, Error)]
pub enum UsageError {
    /// No scheme.
    #[error("`{given}` has no scheme. Try: {suggestion}")]
    NoScheme {
        /// What was given, credentials removed.
        given: String,
        /// What was probably meant.
        suggestion: String,
    },
    /// `http` or `https`.
    #[error("`{given}` is a web page's address, not a WebSocket's. Try: {suggestion}")]
    WebScheme {
        /// What was given, credentials removed.
        given: String,
        /// What was probably meant.
        suggestion: String,
    },
    /// Any other scheme.
    #[error(
        "`{scheme}:` is not a WebSocket's scheme. A WebSocket's address begins with ws:// or wss://"
    )]
    OtherScheme {
        /// The scheme.
        scheme: String,
    },
    /// A fragment (RFC 6455 section 3).
    #[error(
        "a WebSocket's address has no fragment (`#{fragment}`). Try: {suggestion}\n(if the # belongs to the path or query, write it as %23)"
    )]
    Fragment {
        /// The fragment.
        fragment: String,
        /// The address without it.
        suggestion: String,
    },
    /// User name or password in the address.
    #[error(
        "the address holds a user name or password; browsers refuse or ignore that. Try: {suggestion}\nand give them as a header: -H 'Authorization: Basic …', where … is user:password in base64"
    )]
    Credentials {
        /// The address without them.
        suggestion: String,
    },
    /// Not an address at all.
    #[error("`{given}` is not a valid address: {problem}. It looks like wss://host.example/path")]
    Address {
        /// What was given, credentials removed.
        given: String,
        /// What is wrong.
        problem: String,
    },
    /// A header line that is none.
    #[error(
        "`{line}` is not a header: {problem}. Write -H 'Name: value', or -H 'Name:' to leave the header out"
    )]
    Header {
        /// The line up to its colon.
        line: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// A subprotocol that is none (RFC 6455 section 4.1).
    #[error(
        "`{name}` is not a subprotocol's name: it is one word of letters, digits and !#$%&'*+-.^_`|~"
    )]
    Subprotocol {
        /// The name.
        name: String,
    },
    /// An Origin that is none (RFC 6454 section 7).
    #[error("`{given}` is not an Origin. Try: --origin {suggestion}")]
    Origin {
        /// What was given.
        given: String,
        /// What was probably meant.
        suggestion: String,
    },
    /// A page's address that is none.
    #[error("--page `{given}` is not a page's address. It begins with https:// or http://")]
    Page {
        /// What was given.
        given: String,
    },
    /// An empty or impossible token.
    #[error(
        "the token given by --token {problem}. Forms: --token VALUE, --token @FILE, --token env:NAME"
    )]
    Token {
        /// What is wrong with it.
        problem: String,
    },
    /// An option's value.
    #[error("{option}: {problem}")]
    Value {
        /// The option.
        option: &'static str,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// A setting for the network.
    #[error("{option}")]
    Setting {
        /// The option.
        option: &'static str,
        /// What is wrong.
        source: SettingsError,
    },
    /// A file that cannot be read.
    #[error("{option}: cannot read {path}")]
    Read {
        /// The option, or what the file was wanted for.
        option: &'static str,
        /// The file.
        path: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file that is larger than is read.
    #[error("{option}: {path} is larger than {limit_bytes} bytes, which is the most that is read")]
    TooLarge {
        /// The option, or what the file was wanted for.
        option: &'static str,
        /// The file.
        path: String,
        /// The limit.
        limit_bytes: u64,
    },
    /// A file that holds something else.
    #[error("{path}: {problem}")]
    Content {
        /// The file.
        path: String,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// An id that the catalogue does not have.
    #[error(
        "there is no cause `{id}`; `towpath causes` lists them{}",
        suggestion(nearest)
    )]
    UnknownCause {
        /// The id given.
        id: String,
        /// Ids that are like it.
        nearest: String,
    },
    /// A file that cannot be written.
    #[error("{option}: cannot write {path}")]
    Write {
        /// The option.
        option: &'static str,
        /// The file.
        path: String,
        /// What the operating system said.
        source: io::Error,
    },
}

fn suggestion(nearest: &str) -> String {
    if nearest.is_empty() {
        String::new()
    } else {
        format!(". Like it: {nearest}")
    }
}

impl UsageError {
    /// An error about an option's network setting.
    pub(crate) fn setting(option: &'static str) -> impl Fn(SettingsError) -> Self {
        move |source| Self::Setting { option, source }
    }
}
