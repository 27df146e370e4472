//! The flags of `towpath token`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use towpath_token::{BrowserOptionsGiven, GetOptions, KeepOptions, PlaceGiven};

/// Get, list or forget tokens of web applications
///
/// A token is read once from the application's page by a real browser, kept in a file that only you can read,
/// and renewed before it expires: one reading at a time, however many programs ask. `towpath dial` uses the
/// same tokens.
#[derive(Debug, Args)]
#[command(after_long_help = TOKEN_EXAMPLES, arg_required_else_help = true)]
pub(crate) struct TokenArguments {
    #[command(subcommand)]
    pub(crate) command: TokenCommand,

    /// Keep tokens in this folder [default: ~/.local/state/towpath/tokens]
    #[arg(
        long,
        value_name = "FOLDER",
        env = "TOWPATH_TOKENS",
        hide_env_values = true,
        global = true
    )]
    folder: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    Get(Box<GetArguments>),
    List(ListArguments),
    Forget(ForgetArguments),
}

/// Print the token of a page
///
/// Prints the token alone on standard output; what is known of it goes to standard error. A token in the cache is
/// given at once. Where there is none, or its time to be renewed has come, a browser visits the page and waits until
/// the token is there. It sees the page as a new visitor does; to read the token of a login, attach to a browser
/// that is logged in.
#[derive(Debug, Args)]
#[command(after_long_help = GET_EXAMPLES, override_usage = "towpath token get <PAGE> <PLACE> [OPTIONS]")]
pub(crate) struct GetArguments {
    /// The page's address
    #[arg(value_name = "PAGE")]
    page: String,

    #[command(flatten)]
    place: PlaceArguments,

    /// The value of the storage's key is JSON, and this member of it is the token, for example /access_token
    #[arg(long, value_name = "POINTER", conflicts_with_all = ["cookie", "connection_init"], help_heading = PLACE)]
    pointer: Option<String>,

    /// A name for the login, where you have more than one
    #[arg(long, value_name = "NAME")]
    account: Option<String>,

    /// Read it from the page even if there is one
    #[arg(long)]
    fresh: bool,

    /// Wait this long for the page to come up with it [default: 20]
    #[arg(long, value_name = "SECONDS")]
    wait: Option<f64>,

    /// Keep it in the system's keyring, by secret-tool
    #[arg(long)]
    keyring: bool,

    /// Use this running browser: the address that it debugs on, http://127.0.0.1:9222 or ws://…
    #[arg(long, value_name = "ADDRESS", help_heading = NETWORK)]
    browser_attach: Option<String>,

    /// Let the browser use this proxy: http://, https:// or socks5h://host:port; an empty text means none
    #[arg(short = 'x', long, value_name = "URL", help_heading = NETWORK)]
    proxy: Option<String>,

    /// User and password for the proxy
    #[arg(short = 'U', long, value_name = "USER:PASSWORD", help_heading = NETWORK)]
    proxy_user: Option<String>,

    /// Let the browser trust the authorities in this PEM file, too
    #[arg(long, value_name = "FILE", help_heading = NETWORK)]
    cacert: Option<String>,

    /// Let the browser connect to this address instead of asking DNS; repeatable
    #[arg(long, value_name = "HOST:PORT:ADDRESS", help_heading = NETWORK)]
    resolve: Vec<String>,

    /// Print JSON: the token, where it comes from, its dates
    #[arg(long)]
    pub(crate) json: bool,
}

/// The place in the page; one of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct PlaceArguments {
    /// The token is this key of the page's localStorage
    #[arg(long, value_name = "KEY", help_heading = PLACE)]
    storage_key: Option<String>,

    /// The token is this key of the page's sessionStorage
    #[arg(long, value_name = "KEY", help_heading = PLACE)]
    session_key: Option<String>,

    /// The token is this cookie, also one that scripts cannot see
    #[arg(long, value_name = "NAME", help_heading = PLACE)]
    cookie: Option<String>,

    /// The token is in the first messages that the page or a worker sends on a WebSocket
    ///
    /// POINTER says where in the message, which is JSON; without it, /payload/token, as in GraphQL's connection_init.
    #[arg(long, value_name = "POINTER", num_args = 0..=1, default_missing_value = "/payload/token", help_heading = PLACE)]
    connection_init: Option<String>,
}

/// List what is kept, without the tokens themselves
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// Print one JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// Forget the tokens of a page's origin
///
/// The server is not told: a token that others may know has to be revoked there.
#[derive(Debug, Args)]
pub(crate) struct ForgetArguments {
    /// Any page of the application
    #[arg(value_name = "PAGE", required_unless_present = "all")]
    pub(crate) page: Option<String>,

    /// Only those of this account
    #[arg(long, value_name = "NAME", conflicts_with = "all")]
    pub(crate) account: Option<String>,

    /// All tokens of all pages
    #[arg(long, conflicts_with = "page")]
    pub(crate) all: bool,
}

impl TokenArguments {
    /// Where tokens are kept.
    pub(crate) fn keep(&self) -> KeepOptions {
        let keyring = match &self.command {
            TokenCommand::Get(get) => get.keyring,
            TokenCommand::List(_) | TokenCommand::Forget(_) => false,
        };
        KeepOptions {
            folder: self.folder.clone(),
            keyring,
        }
    }
}

impl GetArguments {
    /// The options as the app takes them.
    pub(crate) fn options(&self) -> GetOptions {
        let text = |value: &Option<String>| value.clone();
        GetOptions {
            page: self.page.clone(),
            place: PlaceGiven {
                storage_key: text(&self.place.storage_key),
                session_key: text(&self.place.session_key),
                cookie: text(&self.place.cookie),
                connection_init: text(&self.place.connection_init),
                pointer: text(&self.pointer),
            },
            account: text(&self.account),
            fresh: self.fresh,
            wait: self.wait,
            browser: BrowserOptionsGiven {
                attach: text(&self.browser_attach),
                proxy: text(&self.proxy),
                proxy_user: text(&self.proxy_user),
                cacert: text(&self.cacert),
                resolve: self.resolve.clone(),
            },
        }
    }
}

const PLACE: &str = "The place in the page, one of the first four";
const NETWORK: &str = "The browser and its way there";

const TOKEN_EXAMPLES: &str = "\
Examples:
  towpath token get https://app.example.com/ --storage-key token
  towpath token list
  towpath token forget https://app.example.com/";

const GET_EXAMPLES: &str = "\
Examples:
  The token that the page's script keeps:
      towpath token get https://app.example.com/ --storage-key token

  It is one member of what is kept as JSON:
      towpath token get https://app.example.com/ --storage-key auth --pointer /access_token

  The token that the page sends first on its WebSocket:
      towpath token get https://app.example.com/room/1 --connection-init

  The token of your login, from a browser that was started with --remote-debugging-port=9222:
      towpath token get https://app.example.com/ --cookie session --account mary \\
          --browser-attach http://127.0.0.1:9222

  In a script:
      curl -H \"Authorization: Bearer $(towpath token get https://app.example.com/ --storage-key token)\" …

Exit status:
  0  the token was printed
  1  the page gave none, or the last attempts failed and the next one has to wait
  2  the command line, a file or an option cannot be used
  3  there is no browser that can be used";
