//! The catalogue of causes: every reason Towpath can name for a WebSocket that fails, breaks or stalls.
//!
//! The texts are data, one TOML file per layer beside this crate; this module gives them types and an order.
//! It must never decide anything: rules look at observations, the catalogue only says what a cause means
//! and who has to change what.

use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// One cause: what is wrong, how it shows, what tells it from its neighbours, and who must change what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// Stable name in kebab case; rules, lab faults, tests and documentation share it.
    pub id: String,
    /// Where on the way from name to application the cause sits.
    pub layer: Layer,
    /// What is wrong, as a statement of at most [`TITLE_CHARACTERS_MAX`] characters.
    pub title: String,
    /// What happens and why, for a support person.
    pub summary: String,
    /// What it looks like from outside.
    pub signs: String,
    /// The one change that tells it from its neighbours.
    pub test: String,
    /// Ids of causes it is easily mistaken for.
    pub neighbours: Vec<String>,
    /// Where it can be observed at all; says nothing about whether a rule exists yet.
    pub vantages: Vec<Vantage>,
    /// Whether naming it means that something is broken.
    pub kind: Kind,
    /// What to change, for each of three readers.
    pub remedy: Remedy,
}

/// What to change, once per reader. The texts may hold the placeholders `{host}`, `{port}` and `{path}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// For the affected person: no jargon, what they can do or whom to ask.
    pub user: String,
    /// For the IT department of the affected person's network.
    pub it: String,
    /// For whoever runs the server, or wrote the program that connects.
    pub operator: String,
}

/// Where a cause sits, ordered from the name lookup outwards to the application.
///
/// The order is the order of diagnosis: the lowest broken layer explains what fails above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// Name resolution.
    Dns,
    /// Routing, ports, address families and segment sizes.
    Tcp,
    /// TLS handshake, certificates, ALPN.
    Tls,
    /// Forward proxies and inspecting middleboxes on the way out.
    Proxy,
    /// Software and limits on the device itself.
    Endpoint,
    /// The opening handshake.
    Http,
    /// WebSocket frames and messages.
    Frame,
    /// Timeouts, lifetimes, restarts and rates.
    Time,
    /// The browser and the web page.
    Page,
    /// The application protocol after open.
    App,
    /// Statements about the diagnosis itself.
    Meta,
}

/// Who observed: the place from which a cause can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Vantage {
    /// The command line probe on the affected machine or network.
    Cli,
    /// A page in the affected browser, its driven twin, or a file exported from it.
    Page,
    /// A Towpath gateway in front of the backend.
    Gateway,
}

/// Whether a cause is a fault or only explains what else is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Something has to change before the connection works.
    Fault,
    /// True and worth saying, but nothing is broken by it alone.
    Context,
}

/// Longest title of a cause, so that it fits one terminal line beside its confidence.
pub const TITLE_CHARACTERS_MAX: usize = 70;

/// All causes, ordered by layer; within a layer related ones stand together.
pub fn all() -> &'static [Cause] {
    &CAUSES
}

/// The cause with this id, if the catalogue has it.
pub fn find(id: &str) -> Option<&'static Cause> {
    all().iter().find(|cause| cause.id == id)
}

impl Layer {
    /// The word used in the catalogue, in reports and on the terminal.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Proxy => "proxy",
            Self::Endpoint => "endpoint",
            Self::Http => "http",
            Self::Frame => "frame",
            Self::Time => "time",
            Self::Page => "page",
            Self::App => "app",
            Self::Meta => "meta",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl Vantage {
    /// The word used in the catalogue, in reports and on the terminal.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cli => "cli",
            Self::Page => "page",
            Self::Gateway => "gateway",
        }
    }
}

impl fmt::Display for Vantage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// The shape of one file: a list of causes and nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogueFile {
    cause: Vec<Cause>,
}

static CAUSES: LazyLock<Vec<Cause>> = LazyLock::new(|| {
    FILES
        .iter()
        .flat_map(|(layer, text)| {
            toml::from_str::<CatalogueFile>(text)
                .unwrap_or_else(|error| {
                    panic!("catalogue/{layer}.toml is part of this program: {error}")
                })
                .cause
        })
        .collect()
});

/// The files in the order of [`Layer`].
const FILES: [(Layer, &str); 11] = [
    (Layer::Dns, include_str!("../catalogue/dns.toml")),
    (Layer::Tcp, include_str!("../catalogue/tcp.toml")),
    (Layer::Tls, include_str!("../catalogue/tls.toml")),
    (Layer::Proxy, include_str!("../catalogue/proxy.toml")),
    (Layer::Endpoint, include_str!("../catalogue/endpoint.toml")),
    (Layer::Http, include_str!("../catalogue/http.toml")),
    (Layer::Frame, include_str!("../catalogue/frame.toml")),
    (Layer::Time, include_str!("../catalogue/time.toml")),
    (Layer::Page, include_str!("../catalogue/page.toml")),
    (Layer::App, include_str!("../catalogue/app.toml")),
    (Layer::Meta, include_str!("../catalogue/meta.toml")),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn texts(cause: &Cause) -> [(&'static str, &str); 7] {
        [
            ("title", &cause.title),
            ("summary", &cause.summary),
            ("signs", &cause.signs),
            ("test", &cause.test),
            ("remedy.user", &cause.remedy.user),
            ("remedy.it", &cause.remedy.it),
            ("remedy.operator", &cause.remedy.operator),
        ]
    }

    #[test]
    fn ids_are_unique() {
        let mut seen = HashSet::new();
        for cause in all() {
            assert!(seen.insert(&cause.id), "{} occurs twice", cause.id);
        }
    }

    #[test]
    fn no_cause_is_lost() {
        assert_eq!(all().len(), 167);
    }

    #[test]
    fn neighbours_exist_and_are_others() {
        for cause in all() {
            let mut seen = HashSet::new();
            assert!(!cause.neighbours.is_empty(), "{} stands alone", cause.id);
            for neighbour in &cause.neighbours {
                assert_ne!(neighbour, &cause.id, "a cause is not its own neighbour");
                assert!(
                    find(neighbour).is_some(),
                    "{}: no cause {neighbour}",
                    cause.id
                );
                assert!(seen.insert(neighbour), "{}: {neighbour} twice", cause.id);
            }
        }
    }

    #[test]
    fn ids_are_kebab_case() {
        for cause in all() {
            assert!(
                cause
                    .id
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
                "{}",
                cause.id
            );
        }
    }

    #[test]
    fn each_file_holds_only_its_own_layer() {
        for (layer, text) in FILES {
            let file: CatalogueFile = toml::from_str(text).expect("parsed by every other test too");
            for cause in file.cause {
                assert_eq!(cause.layer, layer, "{} stands in {layer}.toml", cause.id);
            }
        }
    }

    #[test]
    fn layers_come_in_the_order_of_diagnosis() {
        assert!(all().is_sorted_by_key(|cause| cause.layer));
    }

    #[test]
    fn every_text_says_something() {
        for cause in all() {
            for (field, text) in texts(cause) {
                assert!(!text.trim().is_empty(), "{}: {field} is empty", cause.id);
                assert_eq!(
                    text.trim(),
                    text,
                    "{}: {field} has blanks around it",
                    cause.id
                );
            }
            assert!(
                !cause.vantages.is_empty(),
                "{}: nobody can see it",
                cause.id
            );
        }
    }

    #[test]
    fn titles_fit_one_line() {
        for cause in all() {
            let length = cause.title.chars().count();
            assert!(
                length <= TITLE_CHARACTERS_MAX,
                "{}: title has {length} characters",
                cause.id
            );
            assert!(
                !cause.title.ends_with('.'),
                "{}: titles have no full stop",
                cause.id
            );
        }
    }

    #[test]
    fn texts_are_plain() {
        for cause in all() {
            for (field, text) in texts(cause) {
                assert!(
                    text.is_ascii(),
                    "{}: {field} must be plain ASCII, without long dashes",
                    cause.id
                );
                let rest = ["{host}", "{port}", "{path}"]
                    .iter()
                    .fold(text.to_owned(), |rest, placeholder| {
                        rest.replace(placeholder, "")
                    });
                assert!(
                    !rest.contains(['{', '}']),
                    "{}: {field} has an unknown placeholder",
                    cause.id
                );
            }
        }
    }

    #[test]
    fn placeholders_stand_only_in_remedies() {
        for cause in all() {
            for (field, text) in texts(cause) {
                assert!(
                    field.starts_with("remedy") || !text.contains('{'),
                    "{}: {field}",
                    cause.id
                );
            }
        }
    }

    #[test]
    fn displayed_words_are_the_serialised_words() {
        for (layer, _) in FILES {
            assert_eq!(
                serde_json::to_value(layer).expect("a unit variant"),
                layer.to_string()
            );
        }
        for vantage in [Vantage::Cli, Vantage::Page, Vantage::Gateway] {
            assert_eq!(
                serde_json::to_value(vantage).expect("a unit variant"),
                vantage.to_string()
            );
        }
    }

    #[test]
    fn unknown_ids_are_not_found() {
        assert!(find("no-such-cause").is_none());
    }
}
