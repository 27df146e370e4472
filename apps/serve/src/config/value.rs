//! The values of settings that need more than TOML's types: parsed once, written back the same.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use url::Url;

/// A span in seconds, fractions allowed, at most a year.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seconds(Duration);

impl Seconds {
    /// Whole seconds.
    pub const fn whole(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// As a duration.
    pub const fn duration(self) -> Duration {
        self.0
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Seconds;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of seconds from 0 to a year")
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Seconds, E> {
                u64::try_from(value)
                    .ok()
                    .filter(|seconds| *seconds <= SECONDS_MAX)
                    .map(Seconds::whole)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Signed(value), &self))
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Seconds, E> {
                Duration::try_from_secs_f64(value)
                    .ok()
                    .filter(|span| *span <= Duration::from_secs(SECONDS_MAX))
                    .map(Seconds)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Float(value), &self))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.subsec_nanos() == 0 {
            serializer.serialize_u64(self.0.as_secs())
        } else {
            serializer.serialize_f64(self.0.as_secs_f64())
        }
    }
}

/// A range of addresses, `192.0.2.0/24`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Whether the address is in the range. An IPv4 address in IPv6 form counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                u32::from(own) & mask == u32::from(other) & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let shift = 128 - u32::from(self.bits);
                let mask = u128::MAX.checked_shl(shift).unwrap_or(0);
                u128::from(own) & mask == u128::from(other) & mask
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("\"{text}\" is no address range; write for example 10.0.0.0/8 or ::1");
        let (address, bits) = text.split_once('/').unwrap_or((text, ""));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            "" if !text.contains('/') => most,
            bits => bits.parse().map_err(|_| wrong())?,
        };
        if bits > most {
            return Err(wrong());
        }
        Ok(Self { address, bits })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

/// Whose forwarding headers are believed, counted from the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustedHops {
    /// So many hops in front of the gateway, whoever they are; 0: none.
    Count(usize),
    /// Hops with these addresses.
    Networks(Vec<Network>),
}

impl Default for TrustedHops {
    fn default() -> Self {
        Self::Count(0)
    }
}

impl<'de> Deserialize<'de> for TrustedHops {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = TrustedHops;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of hops or a list of address ranges")
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<TrustedHops, E> {
                usize::try_from(value)
                    .map(TrustedHops::Count)
                    .map_err(|_| E::invalid_value(de::Unexpected::Signed(value), &self))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(
                self,
                mut list: A,
            ) -> Result<TrustedHops, A::Error> {
                let mut networks = Vec::new();
                while let Some(network) = list.next_element()? {
                    networks.push(network);
                }
                Ok(TrustedHops::Networks(networks))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl Serialize for TrustedHops {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(count) => serializer.serialize_u64(*count as u64),
            Self::Networks(networks) => networks.serialize(serializer),
        }
    }
}

/// The upstream's URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamUrl(Url);

impl UpstreamUrl {
    /// The URL, with a host and a scheme of WebSocket or HTTP.
    pub fn url(&self) -> &Url {
        &self.0
    }
}

impl Default for UpstreamUrl {
    fn default() -> Self {
        Self(Url::parse("ws://127.0.0.1:9000").expect("a constant that is a URL"))
    }
}

impl FromStr for UpstreamUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            format!("\"{text}\" is no upstream: {why}; write for example ws://127.0.0.1:4000")
        };
        let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
        if !matches!(url.scheme(), "ws" | "wss" | "http" | "https") {
            return Err(wrong("the scheme must be ws, wss, http or https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("it must not hold a user name or password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("it must not have a query or fragment"));
        }
        Ok(Self(url))
    }
}

impl fmt::Display for UpstreamUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

/// Which web pages are meant: `https://app.example.com`, `https://*.example.com`, with `:port` where it is not the scheme's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginPattern {
    scheme: Box<str>,
    host: Box<str>,
    port: u16,
    subdomains: bool,
}

impl OriginPattern {
    /// Whether a page of this origin is meant. `*.` stands for one or more labels, never for none.
    pub fn matches(&self, scheme: &str, host: &str, port: u16) -> bool {
        if *self.scheme != *scheme || self.port != port {
            return false;
        }
        if !self.subdomains {
            return *self.host == *host;
        }
        host.strip_suffix(&*self.host)
            .is_some_and(|labels| labels.len() > 1 && labels.ends_with('.'))
    }
}

impl FromStr for OriginPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            format!(
                "\"{text}\" is no origin: {why}; write for example https://app.example.com or https://*.example.com"
            )
        };
        if text == "*" {
            return Err(wrong("every page of the Web would be let in"));
        }
        let subdomains = text.contains("://*.");
        let url = Url::parse(&text.replacen("://*.", "://", 1))
            .map_err(|error| wrong(&error.to_string()))?;
        let host = url.host_str().ok_or_else(|| wrong("it names no host"))?;
        let port = url
            .port_or_known_default()
            .ok_or_else(|| wrong("it names no port"))?;
        if host.contains('*') {
            return Err(wrong("a star may only stand for whole labels in front"));
        }
        if url.path() != "/" || url.query().is_some() || !url.username().is_empty() {
            return Err(wrong("an origin ends behind host and port"));
        }
        Ok(Self {
            scheme: url.scheme().into(),
            host: host.into(),
            port,
            subdomains,
        })
    }
}

impl fmt::Display for OriginPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if self.subdomains { "*." } else { "" };
        write!(f, "{}://{star}{}:{}", self.scheme, self.host, self.port)
    }
}

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

/// A year.
const SECONDS_MAX: u64 = 365 * 24 * 3600;
