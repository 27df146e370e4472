//! A network of its own for one test: a machine that is offline, behind a firewall, or asks another resolver.
//!
//! Only root may make one. Where this is not root, [`Namespace::new`] says so and gives nothing on a
//! person's machine; in CI it fails.

use std::fs;
use std::process::{Child, Command, Stdio};

use super::Folder;

/// A network namespace with a mount namespace, both gone when this is dropped.
#[derive(Debug)]
pub struct Namespace {
    /// Keeps the namespaces alive for as long as its standard input is open.
    holder: Child,
    folder: Folder,
}

impl Namespace {
    /// A network with nothing but loopback.
    pub fn new(test: &str) -> Option<Self> {
        if !is_root() {
            let message = format!("`{test}` was left out: only root can make network namespaces");
            assert!(std::env::var_os("CI").is_none(), "{message}");
            eprintln!("{message}");
            return None;
        }
        let folder = Folder::new();
        // `echo` proves that the namespaces exist before anything else enters them.
        let mut holder = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "unshare", "--net", "--mount", "--"])
            .args(["sh", "-c", "ip link set lo up && echo ready && exec cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare belongs to every Debian");
        let mut ready = [0; 6];
        let mut output = holder.stdout.take().expect("it was just piped");
        std::io::Read::read_exact(&mut output, &mut ready).expect("root may make namespaces");
        Some(Self { holder, folder })
    }

    /// Runs a shell script inside; it must succeed.
    pub fn run(&self, script: &str) {
        let output = self
            .command("sh")
            .args(["-ec", script])
            .output()
            .expect("there is a shell");
        assert!(
            output.status.success(),
            "in the namespace, `{script}` failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// A command that runs inside.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command
            .args([
                "--target",
                &self.holder.id().to_string(),
                "--net",
                "--mount",
                "--",
            ])
            .arg(program);
        command
    }

    /// A virtual cable to another namespace; the ends are named `here` and `there`.
    pub fn cable(&self, here: &str, other: &Self, there: &str) {
        let target = other.holder.id();
        self.run(&format!(
            "ip link add {here} type veth peer name {there} netns {target}; ip link set {here} up"
        ));
        other.run(&format!("ip link set {there} up"));
    }

    /// A virtual cable to the namespace of this process; the ends are named `here` and `there`.
    pub fn cable_to_host(&self, here: &str, there: &str, address_there: &str) -> HostCable {
        let own = self.holder.id();
        // A run that was killed leaves its cable behind for as long as a connection there is not given up.
        let script = format!(
            "ip link delete {there} 2>/dev/null || true; \
             ip link add {there} type veth peer name {here} netns {own}; \
             ip address add {address_there} dev {there}; ip link set {there} up"
        );
        let output = Command::new("sh").args(["-ec", &script]).output();
        let output = output.expect("there is a shell");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`{script}` failed: {errors}");
        self.run(&format!("ip link set {here} up"));
        HostCable {
            there: there.to_owned(),
        }
    }

    /// Replaces a file of the system, for this namespace only.
    pub fn replace(&self, path: &str, text: &str) {
        let name = path.trim_start_matches('/').replace('/', "-");
        let copy = self.folder.write(&name, text);
        self.run(&format!("mount --bind {} {path}", copy.display()));
    }

    /// Whether something listens on a TCP port.
    pub fn listens(&self, port: u16) -> bool {
        let table = format!("/proc/{}/net/tcp", self.holder.id());
        [table.clone(), format!("{table}6")].iter().any(|table| {
            let text = fs::read_to_string(table).unwrap_or_default();
            text.lines().any(|line| is_listener(line, port))
        })
    }
}

/// A cable that ends in the namespace of this process, where it would outlast the other end.
#[derive(Debug)]
pub struct HostCable {
    there: String,
}

impl Drop for HostCable {
    fn drop(&mut self) {
        let _ = Command::new("ip")
            .args(["link", "delete", &self.there])
            .output();
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// Whether a line of the kernel's table of sockets is a listener on this port: state `0A`, port in hexadecimal.
fn is_listener(line: &str, port: u16) -> bool {
    let mut fields = line.split_whitespace().skip(1);
    let local = fields.next().unwrap_or_default();
    let state = fields.nth(1).unwrap_or_default();
    state == "0A" && local.ends_with(&format!(":{port:04X}"))
}

fn is_root() -> bool {
    fs::read_to_string("/proc/self/status").is_ok_and(|status| {
        status
            .lines()
            .any(|line| line.starts_with("Uid:") && line.split_whitespace().nth(2) == Some("0"))
    })
}

#[cfg(test)]
mod tests {
    use super::is_listener;

    #[test]
    fn listeners_are_told_from_connections() {
        let line = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000";
        assert!(is_listener(line, 8080));
        assert!(!is_listener(line, 8081));
        assert!(!is_listener(&line.replace(" 0A ", " 01 "), 8080));
    }
}
