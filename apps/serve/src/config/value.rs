//! The values of settings that need more than TOML's types: parsed once, written back the same.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

mod network;
mod origin;
mod seconds;
mod token;
mod upstream;

pub use network::{Network, TrustedHops};
pub use origin::OriginPattern;
pub use seconds::Seconds;
pub use token::ConsoleToken;
pub use upstream::UpstreamUrl;

macro_rules! as_text {
    ($($name:ty),*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )*};
}

as_text!(Network, UpstreamUrl, OriginPattern);

/// Lists of header names.
pub(super) mod header_names {
    use http::HeaderName;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<HeaderName>, D::Error> {
        let read = |name: String| {
            name.parse()
                .map_err(|_| de::Error::custom(format!("\"{name}\" is no header name")))
        };
        Vec::<String>::deserialize(deserializer)?
            .into_iter()
            .map(read)
            .collect()
    }

    pub(crate) fn serialize<S: Serializer>(
        names: &[HeaderName],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let names: Vec<&str> = names.iter().map(HeaderName::as_str).collect();
        names.serialize(serializer)
    }
}
