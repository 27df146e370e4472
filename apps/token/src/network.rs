//! The browser's way to the page, as curl's options name it.

use std::fs::File;
use std::io::Read as _;

use towpath_browser::{BrowserOptions, BrowserProxy, Credentials, FixedAddress};
use towpath_net::{ProxyServer, Settings};

use crate::error::UsageError;
use crate::options::BrowserOptionsGiven;

impl BrowserOptionsGiven {
    /// The browser's options.
    pub(crate) fn browser(&self) -> Result<BrowserOptions, UsageError> {
        let mut net = Settings::default();
        for text in &self.resolve {
            net.add_override(text)
                .map_err(UsageError::setting("--resolve"))?;
        }
        if let Some(path) = &self.cacert {
            net.trust_only(&bytes("--cacert", path)?)
                .map_err(UsageError::setting("--cacert"))?;
        }
        let fixed = net.overrides().filter_map(|(host, port, addresses)| {
            Some(FixedAddress {
                host: host.to_owned(),
                port,
                address: *addresses.first()?,
            })
        });
        Ok(BrowserOptions {
            proxy: self.proxy()?,
            extra_roots_pem: net.authorities().map(str::to_owned),
            resolve: fixed.collect(),
            attach: self.attach.clone(),
            ..BrowserOptions::default()
        })
    }

    fn proxy(&self) -> Result<BrowserProxy, UsageError> {
        let server = match self.proxy.as_deref() {
            None if self.proxy_user.is_some() => {
                return Err(UsageError::Value {
                    option: "--proxy-user",
                    problem: "name the proxy, too, by --proxy".to_owned(),
                });
            }
            None => return Ok(BrowserProxy::System),
            Some("") => return Ok(BrowserProxy::Direct),
            Some(text) => ProxyServer::parse(text).map_err(UsageError::setting("--proxy"))?,
        };
        // To the browser, this name always means that the proxy looks up names.
        let url = server.to_string().replace("socks5h://", "socks5://");
        let given = self.proxy_user.as_ref().map(|pair| {
            let (user, password) = pair.split_once(':').unwrap_or((pair, ""));
            (user.to_owned(), password.to_owned())
        });
        let in_url = server.credentials.map(|known| (known.user, known.password));
        Ok(BrowserProxy::Server {
            url,
            credentials: given
                .or(in_url)
                .map(|(username, password)| Credentials { username, password }),
        })
    }
}

fn bytes(option: &'static str, path: &str) -> Result<Vec<u8>, UsageError> {
    let unreadable = |source| UsageError::Read {
        option,
        path: path.to_owned(),
        source,
    };
    let mut bytes = Vec::new();
    File::open(path)
        .map_err(unreadable)?
        .take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(UsageError::Value {
            option,
            problem: format!("{path} is larger than {FILE_BYTES_MAX} bytes"),
        });
    }
    Ok(bytes)
}

/// More than any list of certificates that somebody would write by hand.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_a_proxy_goes_beside_its_address() {
        let proxy = |proxy: &str, user: Option<&str>| {
            let given = BrowserOptionsGiven {
                proxy: Some(proxy.to_owned()),
                proxy_user: user.map(str::to_owned),
                ..BrowserOptionsGiven::default()
            };
            given.browser().unwrap().proxy
        };
        let server = |url: &str, username: &str, password: &str| BrowserProxy::Server {
            url: url.to_owned(),
            credentials: Some(Credentials {
                username: username.to_owned(),
                password: password.to_owned(),
            }),
        };
        assert_eq!(
            proxy("http://mary:pw@proxy.test:3128", None),
            server("http://proxy.test:3128", "mary", "pw")
        );
        assert_eq!(
            proxy("socks5h://a:b@proxy.test:1", Some("mary:p:w")),
            server("socks5://proxy.test:1", "mary", "p:w")
        );
        assert_eq!(proxy("", None), BrowserProxy::Direct);
    }

    #[test]
    fn what_cannot_be_used_is_named_by_its_option() {
        let check = |given: BrowserOptionsGiven, option: &str| {
            let error = given.browser().expect_err(option).to_string();
            assert!(error.contains(option), "{error}");
        };
        let given = BrowserOptionsGiven::default;
        check(
            BrowserOptionsGiven {
                resolve: vec!["nonsense".to_owned()],
                ..given()
            },
            "--resolve",
        );
        check(
            BrowserOptionsGiven {
                cacert: Some("/nonexistent.pem".to_owned()),
                ..given()
            },
            "/nonexistent.pem",
        );
        check(
            BrowserOptionsGiven {
                proxy: Some("ftp://x".to_owned()),
                ..given()
            },
            "--proxy",
        );
        check(
            BrowserOptionsGiven {
                proxy_user: Some("a:b".to_owned()),
                ..given()
            },
            "--proxy-user",
        );
    }
}
