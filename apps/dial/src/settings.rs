//! What the user fixes for one endpoint, checked before anything listens.
//!
//! It must never let an endpoint that is open beyond this machine start without an access token.

use std::net::SocketAddr;

use url::Url;

use crate::access::AccessToken;
use crate::admit::Door;
use crate::error::DialError;
use crate::limits::Limits;

/// An endpoint as it is wanted.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The remote: `ws` or `wss`. A request for `/` means exactly it; another path means that path of the same host.
    pub url: Url,
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Whether `listen` may be an address that other machines reach. Needs an access token.
    pub beyond_loopback: bool,
    /// Host names that clients may use besides `localhost` and the addresses, for example a container's name.
    pub hosts: Vec<String>,
    /// Origins of web pages that may connect, as browsers send them. Any page of such an origin gets what the remote gives this endpoint.
    pub origins: Vec<String>,
    /// What a client has to show; nothing lets every program of this machine in.
    pub access_token: Option<AccessToken>,
    /// Sizes and waits.
    pub limits: Limits,
}

impl Settings {
    /// An endpoint for a remote on a free port of loopback, for programs and not for pages.
    pub fn new(url: Url) -> Self {
        Self {
            url,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            beyond_loopback: false,
            hosts: Vec::new(),
            origins: Vec::new(),
            access_token: None,
            limits: Limits::default(),
        }
    }

    /// The first thing that cannot be used.
    pub fn check(&self) -> Result<(), DialError> {
        if !matches!(self.url.scheme(), "ws" | "wss") {
            return Err(DialError::Scheme);
        }
        let listen = self.listen;
        if !listen.ip().is_loopback() {
            if !self.beyond_loopback {
                return Err(DialError::BeyondLoopback { listen });
            }
            if self.access_token.is_none() {
                return Err(DialError::NoAccessToken { listen });
            }
        }
        for origin in &self.origins {
            check_origin(origin)?;
        }
        for host in &self.hosts {
            if url::Host::parse(host).is_err() {
                return Err(DialError::Host {
                    given: host.clone(),
                });
            }
        }
        Ok(())
    }

    /// Who is let in, once it is known where the endpoint listens.
    pub(crate) fn door(&self, listen: SocketAddr) -> Door {
        Door {
            listen,
            hosts: self
                .hosts
                .iter()
                .map(|host| host.to_ascii_lowercase())
                .collect(),
            origins: self.origins.clone(),
            token: self.access_token.clone(),
        }
    }
}

/// An Origin is compared letter by letter, so one that no browser would send is a mistake (RFC 6454 section 6.2).
fn check_origin(given: &str) -> Result<(), DialError> {
    let written = Url::parse(given).map(|url| url.origin().ascii_serialization());
    match written {
        Ok(origin) if origin == given => Ok(()),
        // Extensions and apps have schemes of their own, whose origins `Url` does not know.
        Ok(origin) if origin == "null" && !given.ends_with('/') => Ok(()),
        Ok(origin) if origin != "null" => Err(DialError::Origin {
            given: given.to_owned(),
            suggestion: origin,
        }),
        _ => Err(DialError::Origin {
            given: given.to_owned(),
            suggestion: "https://app.example.com".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(listen: &str) -> Settings {
        Settings {
            listen: listen.parse().unwrap(),
            ..Settings::new(Url::parse("wss://remote.example/").unwrap())
        }
    }

    #[test]
    fn beyond_loopback_needs_the_word_and_a_token() {
        for listen in ["127.0.0.1:0", "127.9.9.9:80", "[::1]:0"] {
            assert!(settings(listen).check().is_ok(), "{listen}");
        }
        for listen in [
            "0.0.0.0:0",
            "[::]:0",
            "192.168.1.5:80",
            "[::ffff:127.0.0.1]:80",
        ] {
            let mut settings = settings(listen);
            let error = settings.check().unwrap_err().to_string();
            assert!(error.contains("--beyond-loopback"), "{error}");
            settings.beyond_loopback = true;
            let error = settings.check().unwrap_err().to_string();
            assert!(error.contains("--access-token-file"), "{error}");
            settings.access_token = Some(AccessToken::of_text("0123456789abcdefghij").unwrap());
            assert!(settings.check().is_ok(), "{listen}");
        }
    }

    #[test]
    fn origins_are_those_that_browsers_send() {
        let check = |origin: &str, expected: Option<&str>| {
            let settings = Settings {
                origins: vec![origin.to_owned()],
                ..settings("127.0.0.1:0")
            };
            let error = settings.check().err().map(|error| error.to_string());
            match (expected, error) {
                (None, None) => {}
                (Some(expected), Some(error)) => assert!(error.contains(expected), "{error}"),
                other => panic!("{origin}: {other:?}"),
            }
        };
        check("https://app.example.com", None);
        check("http://localhost:3000", None);
        check("chrome-extension://abcdef", None);
        check("https://app.example.com/", Some("https://app.example.com`"));
        check(
            "https://App.example.com:443",
            Some("https://app.example.com`"),
        );
        check("app.example.com", Some("https://"));
        check("*", Some("https://"));
    }
}
