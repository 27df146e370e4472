//! dnsmasq, a resolver, inside a namespace whose machine asks it.

use crate::support::{Folder, Namespace, Program};

/// A machine in a network of its own that asks this dnsmasq, with these settings, for every name.
///
/// `interface` lines of settings are not needed: it listens on loopback.
pub fn asked_by(namespace: &Namespace, settings: &str) -> Program {
    namespace.replace(
        "/etc/resolv.conf",
        "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
    );
    let folder = Folder::new();
    let settings = folder.write(
        "dnsmasq.conf",
        &format!("no-resolv\nno-hosts\nbind-interfaces\nlisten-address=127.0.0.1\nlog-facility=-\n{settings}\n"),
    );
    let mut command = namespace.command("dnsmasq");
    command.args(["--keep-in-foreground", "--user=root", "--pid-file="]);
    command.arg(format!("--conf-file={}", settings.display()));
    Program::start(folder, &mut command).listening_in(namespace, 53)
}
