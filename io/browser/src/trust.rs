//! Makes the browser trust a private certificate authority, in this run only.
//!
//! Chromium on Linux reads additional roots from the NSS database below `$HOME`. So the run gets a home directory of
//! its own with a copy of the user's database plus the given certificates. Checks of names and dates stay on, which
//! the flag that ignores certificate errors for a key would switch off; and that flag only looks at certificates the
//! server sends, which a root rarely is.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use std::{env, fs, io};

use tokio::process::Command;
use tokio::time::timeout;

use crate::error::BrowserError;
use crate::profile::Profile;

/// Builds the home directory and returns it.
pub(crate) async fn home_that_trusts(
    profile: &Profile,
    roots_pem: &str,
) -> Result<PathBuf, BrowserError> {
    let certificates = certificates_in(roots_pem)?;
    let home = profile.subdirectory("home")?;
    profile.subdirectory("home/.pki")?;
    let database = profile.subdirectory("home/.pki/nssdb")?;
    copy_user_database(&database);
    if add_all(profile, &database, &certificates).await.is_err() {
        // The user's own database may be protected by a password; an empty one always works.
        fs::remove_dir_all(&database).map_err(BrowserError::io("replacing the trust database"))?;
        let database = profile.subdirectory("home/.pki/nssdb")?;
        add_all(profile, &database, &certificates).await?;
    }
    Ok(home)
}

/// Splits PEM text into its certificates, each a complete block.
fn certificates_in(pem: &str) -> Result<Vec<String>, BrowserError> {
    let mut certificates = Vec::new();
    let mut rest = pem;
    while let Some(start) = rest.find(BEGIN) {
        let Some(length) = rest[start..].find(END) else {
            return Err(trust("a certificate block has no end line"));
        };
        let end = start + length + END.len();
        certificates.push(format!("{}\n", &rest[start..end]));
        rest = &rest[end..];
        if certificates.len() > CERTIFICATES_MAX {
            return Err(trust("there are more than 512 certificates"));
        }
    }
    if certificates.is_empty() {
        return Err(trust("the text holds no PEM certificate"));
    }
    Ok(certificates)
}

/// Best effort: without it the browser merely trusts fewer roots than the user's own would.
fn copy_user_database(database: &Path) {
    let Some(home) = env::var_os("HOME").map(PathBuf::from) else {
        return;
    };
    let data_home =
        env::var_os("XDG_DATA_HOME").map_or_else(|| home.join(".local/share"), PathBuf::from);
    let candidates = [home.join(".pki/nssdb"), data_home.join("pki/nssdb")];
    if let Some(source) = candidates
        .iter()
        .find(|candidate| candidate.join("cert9.db").is_file())
    {
        for name in ["cert9.db", "key4.db", "pkcs11.txt"] {
            let _ = fs::copy(source.join(name), database.join(name));
        }
    }
}

async fn add_all(
    profile: &Profile,
    database: &Path,
    certificates: &[String],
) -> Result<(), BrowserError> {
    let database_argument = format!("sql:{}", database.display());
    if !database.join("cert9.db").is_file() {
        certutil(&["-N", "-d", &database_argument, "--empty-password"]).await?;
    }
    for (index, certificate) in certificates.iter().enumerate() {
        let file = profile.path().join("root.pem");
        fs::write(&file, certificate).map_err(BrowserError::io("writing a certificate"))?;
        let nickname = format!("towpath-{index}");
        let file = file.display().to_string();
        certutil(&[
            "-A",
            "-d",
            &database_argument,
            "-n",
            &nickname,
            "-t",
            "C,,",
            "-i",
            &file,
        ])
        .await?;
    }
    Ok(())
}

async fn certutil(arguments: &[&str]) -> Result<(), BrowserError> {
    let run = Command::new("certutil")
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(CERTUTIL_TIMEOUT, run)
        .await
        .map_err(|_| BrowserError::Timeout {
            what: "certutil adding a certificate".to_owned(),
            limit: CERTUTIL_TIMEOUT,
        })?
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => BrowserError::NotFound {
                what: "certutil, which makes the browser trust the given certificates,".to_owned(),
                how_to_get: "install it (Debian, Ubuntu: `apt-get install libnss3-tools`; Fedora: `dnf install \
                             nss-tools`)"
                    .to_owned(),
            },
            _ => BrowserError::io("starting certutil")(error),
        })?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(trust(words.lines().next().unwrap_or("certutil failed")))
}

fn trust(reason: &str) -> BrowserError {
    BrowserError::Trust {
        reason: reason.to_owned(),
    }
}

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
const CERTIFICATES_MAX: usize = 512;
const CERTUTIL_TIMEOUT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_block_becomes_one_certificate_and_text_between_is_ignored() {
        let pem = format!("# first\n{BEGIN}\nAAAA\n{END}\n# second\n{BEGIN}\nBBBB\n{END}\n");
        let certificates = certificates_in(&pem).expect("two");
        assert_eq!(certificates.len(), 2);
        assert_eq!(certificates[1], format!("{BEGIN}\nBBBB\n{END}\n"));
    }

    #[test]
    fn text_without_a_certificate_and_a_cut_block_are_refused() {
        assert!(certificates_in("hello").is_err());
        assert!(certificates_in(&format!("{BEGIN}\nAAAA\n")).is_err());
    }
}
