//! Squid, as forward proxy, as inspecting proxy, and as accelerator.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::certificates::text;
use crate::support::{Authority, Folder, Namespace, Program, port};

use super::Running;

/// A forward proxy with these rules; `http_access deny all` follows them.
pub fn forward(rules: &str) -> Running {
    start("", &format!("{rules}\nhttp_access deny all"))
}

/// An inspecting proxy that signs with this authority and trusts `upstream` towards servers.
pub fn inspecting(signer: &Authority, upstream: &Authority, rules: &str) -> Running {
    let folder = Folder::new();
    let rules = inspection(&folder, upstream, rules);
    start_in(folder, &signing(signer), &rules)
}

/// Options of a port on which TLS is opened.
fn signing(signer: &Authority) -> String {
    format!(
        "ssl-bump cert={} generate-host-certificates=on dynamic_cert_mem_cache_size=4MB",
        text(&signer.root_with_key())
    )
}

/// The settings that go with it. The first rule that fits counts, so that the test's go before the one for all.
fn inspection(folder: &Folder, upstream: &Authority, rules: &str) -> String {
    let database = text(&folder.path().join("certificates"));
    let made = Command::new("/usr/lib/squid/security_file_certgen")
        .args(["-c", "-s", &database, "-M", "4MB"])
        .output()
        .expect("squid-openssl is installed");
    assert!(made.status.success(), "{made:?}");
    // Squid gives up root before it starts the program that writes here.
    let opened = Command::new("chmod")
        .args(["-R", "a+rwX", &database])
        .status();
    assert!(opened.is_ok_and(|status| status.success()));
    format!(
        "sslcrtd_program /usr/lib/squid/security_file_certgen -s {database} -M 4MB\n\
         sslcrtd_children 1 startup=1 idle=1\ntls_outgoing_options cafile={}\n{rules}\n\
         ssl_bump bump all\nhttp_access allow all",
        text(&upstream.root())
    )
}

/// Squid with options for its port and these further settings.
pub fn start(options: &str, settings: &str) -> Running {
    start_in(Folder::new(), options, settings)
}

/// The same for TLS, which it opens with certificates of its own authority.
pub fn intercepting_tls(
    namespace: &Namespace,
    signer: &Authority,
    upstream: &Authority,
    port: u16,
    rules: &str,
) -> Program {
    let folder = Folder::new();
    let rules = inspection(&folder, upstream, rules);
    let listen = format!(
        "{}\nhttps_port {port} intercept {}",
        port + 1,
        signing(signer)
    );
    let settings = settings(&folder, &listen, &rules);
    let mut command = namespace.command("squid");
    arguments(&mut command, &settings, port);
    Program::start(folder, &mut command).listening_in(namespace, port)
}

/// Squid inside a namespace whose firewall sends connections to it unasked.
pub fn intercepting(namespace: &Namespace, port: u16) -> Program {
    let folder = Folder::new();
    let settings = settings(
        &folder,
        &format!("{port} intercept\nhttp_port {}", port + 1),
        "http_access allow all",
    );
    let mut command = namespace.command("squid");
    arguments(&mut command, &settings, port);
    Program::start(folder, &mut command).listening_in(namespace, port)
}

fn start_in(folder: Folder, options: &str, rules: &str) -> Running {
    let port = port::free();
    let settings = settings(&folder, &format!("127.0.0.1:{port} {options}"), rules);
    let mut command = Command::new("squid");
    arguments(&mut command, &settings, port);
    Running::new(port, Program::start(folder, &mut command).listening(port))
}

fn settings(folder: &Folder, listen: &str, rules: &str) -> PathBuf {
    let path = folder.path().display();
    let settings = format!(
        "http_port {listen}\npid_filename none\ncoredump_dir {path}\n\
         cache_log {path}/cache.log\naccess_log none\ncache_store_log none\nnetdb_filename none\n\
         cache deny all\ncache_effective_user proxy\ncache_effective_group proxy\npinger_enable off\n\
         shutdown_lifetime 0 seconds\nvisible_hostname proxy.example\n{rules}\n"
    );
    folder.write("squid.conf", &settings)
}

fn arguments(command: &mut Command, settings: &Path, port: u16) {
    // Squids under one service name would share memory.
    let service = format!("towpath{}x{port}", std::process::id());
    command.args(["-N", "-d", "1", "-n", &service]);
    command.arg("-f").arg(settings);
}
