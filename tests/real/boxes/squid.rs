//! Squid, as forward proxy, as inspecting proxy, and as accelerator.

use std::process::Command;

use towpath_tests::support::certificates::text;
use towpath_tests::support::{Authority, Folder, Program, port};

use super::Running;

/// A forward proxy with these rules; `http_access deny all` follows them.
pub(crate) fn forward(rules: &str) -> Running {
    start("", &format!("{rules}\nhttp_access deny all"))
}

/// An inspecting proxy that signs with this authority and trusts `upstream` towards servers.
pub(crate) fn inspecting(signer: &Authority, upstream: &Authority, rules: &str) -> Running {
    let store = Folder::new();
    let database = text(&store.path().join("certificates"));
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
    let signing = text(&signer.root_with_key());
    let rules = format!(
        "sslcrtd_program /usr/lib/squid/security_file_certgen -s {database} -M 4MB\nsslcrtd_children 1 startup=1 idle=1\n\
         tls_outgoing_options cafile={}\nssl_bump bump all\nhttp_access allow all\n{rules}",
        text(&upstream.root())
    );
    let options = format!(
        "ssl-bump cert={signing} generate-host-certificates=on dynamic_cert_mem_cache_size=4MB"
    );
    start_in(store, &options, &rules)
}

/// Squid with options for its port and these further settings.
pub(crate) fn start(options: &str, settings: &str) -> Running {
    start_in(Folder::new(), options, settings)
}

fn start_in(folder: Folder, options: &str, settings: &str) -> Running {
    let port = port::free();
    let path = folder.path().display();
    let settings = format!(
        "http_port 127.0.0.1:{port} {options}\npid_filename none\ncoredump_dir {path}\n\
         cache_log {path}/cache.log\naccess_log none\ncache_store_log none\nnetdb_filename none\n\
         cache deny all\ncache_effective_user proxy\ncache_effective_group proxy\npinger_enable off\n\
         shutdown_lifetime 0 seconds\nvisible_hostname proxy.example\n{settings}\n"
    );
    let settings = folder.write("squid.conf", &settings);
    let mut command = Command::new("squid");
    // Squids under one service name would share memory.
    command.args(["-N", "-d", "1", "-n", &format!("towpath{port}")]);
    command.arg("-f").arg(settings);
    Running::new(port, Program::start(folder, &mut command).listening(port))
}
