//! Certificates for real servers, good ones and bad ones, by authorities that only one test trusts.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};

use super::Folder;

/// A root and an intermediate that issue, and a folder with their files.
pub struct Authority {
    intermediate: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
    folder: Folder,
}

impl Authority {
    /// A new authority under an organisation's name.
    pub fn new(organisation: &str) -> Self {
        let folder = Folder::new();
        let root_key = key();
        let root_params = authority(organisation, "Root CA");
        let root = root_params
            .self_signed(&root_key)
            .expect("the parameters are sound");
        folder.write("root.pem", &root.pem());
        // A proxy that signs by itself takes the key and the certificate from one file.
        folder.write(
            "root-with-key.pem",
            &format!("{}{}", root_key.serialize_pem(), root.pem()),
        );
        let root_issuer = Issuer::new(root_params, root_key);
        let issuing_key = key();
        let params = authority(organisation, "Issuing CA");
        let intermediate = params
            .signed_by(&issuing_key, &root_issuer)
            .expect("the parameters are sound");
        Self {
            intermediate,
            issuer: Issuer::new(params, issuing_key),
            folder,
        }
    }

    /// The root's certificate, for `--cacert`.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("root.pem")
    }

    /// The root's key and certificate in one file, for proxies that sign.
    pub fn root_with_key(&self) -> PathBuf {
        self.folder.path().join("root-with-key.pem")
    }

    /// A certificate for these names or addresses, valid now.
    pub fn issue(&self, names: &[&str]) -> Identity {
        self.identity(names, -1, 60, true)
    }

    /// One that expired last week.
    pub fn issue_expired(&self, names: &[&str]) -> Identity {
        self.identity(names, -60, -7, true)
    }

    /// One that begins next week.
    pub fn issue_early(&self, names: &[&str]) -> Identity {
        self.identity(names, 7, 60, true)
    }

    /// One whose server does not send the intermediate along.
    pub fn issue_without_chain(&self, names: &[&str]) -> Identity {
        self.identity(names, -1, 60, false)
    }

    fn identity(&self, names: &[&str], from: i64, until: i64, with_chain: bool) -> Identity {
        let key = key();
        let leaf = leaf(names, from, until)
            .signed_by(&key, &self.issuer)
            .expect("the parameters are sound");
        let chain = if with_chain {
            format!("{}{}", leaf.pem(), self.intermediate.pem())
        } else {
            leaf.pem()
        };
        Identity::new(&chain, &key.serialize_pem())
    }
}

/// A certificate chain and its key in files.
pub struct Identity {
    folder: Folder,
}

impl Identity {
    /// One that signs itself.
    pub fn self_signed(names: &[&str]) -> Self {
        let key = key();
        let certificate = leaf(names, -1, 60)
            .self_signed(&key)
            .expect("the parameters are sound");
        Self::new(&certificate.pem(), &key.serialize_pem())
    }

    fn new(chain: &str, key: &str) -> Self {
        let folder = Folder::new();
        folder.write("chain.pem", chain);
        folder.write("key.pem", key);
        folder.write("both.pem", &format!("{chain}{key}"));
        Self { folder }
    }

    /// The chain, leaf first.
    pub fn chain(&self) -> PathBuf {
        self.folder.path().join("chain.pem")
    }

    /// The key.
    pub fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    /// Chain and key in one file.
    pub fn both(&self) -> PathBuf {
        self.folder.path().join("both.pem")
    }
}

/// A path as text, for settings files and command lines.
pub fn text(path: &Path) -> String {
    path.display().to_string()
}

fn key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("the library has random bytes")
}

fn authority(organisation: &str, role: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).expect("no names, so that none is wrong");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let name = &mut params.distinguished_name;
    name.push(DnType::OrganizationName, organisation);
    name.push(DnType::CommonName, format!("{organisation} {role}"));
    valid(&mut params, -365, 365);
    params
}

fn leaf(names: &[&str], from: i64, until: i64) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let first = names.first().cloned().unwrap_or_default();
    let mut params = CertificateParams::new(names).expect("tests give sound names");
    params.distinguished_name.push(DnType::CommonName, first);
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyEncipherment,
    ];
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    valid(&mut params, from, until);
    params
}

/// Sets the time of validity, in days from now.
fn valid(params: &mut CertificateParams, from: i64, until: i64) {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the clock is past 1970");
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let day = |days: i64| {
        let span = Duration::from_secs(days.unsigned_abs() * 86_400);
        let since = if days < 0 {
            now.saturating_sub(span)
        } else {
            now + span
        };
        epoch + since
    };
    params.not_before = day(from);
    params.not_after = day(until);
}
