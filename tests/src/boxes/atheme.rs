//! Atheme, the services of a network: accounts by `NickServ`, logins by SASL. It stands behind an [`super::inspircd`].

use std::process::Command;
use std::time::Duration;

use crate::support::irc::Person;
use crate::support::{Folder, Program, port};

use super::{Running, inspircd};

/// An IRC server with services. Dropping it ends both.
#[derive(Debug)]
pub struct Network {
    /// The server.
    pub server: Running,
    _services: Program,
}

/// Starts both, with further elements of the server's settings, and waits until they are linked.
pub fn start_with(settings: &str) -> Network {
    let link = port::free();
    let settings = format!(
        "<bind address=\"127.0.0.1\" port=\"{link}\" type=\"servers\">\n\
         <module name=\"spanningtree\">\n<module name=\"services_account\">\n<module name=\"hidechans\">\n\
         <module name=\"svshold\">\n<module name=\"servprotect\">\n<module name=\"chghost\">\n<module name=\"sasl\">\n\
         <sasl target=\"services.lab.test\" requiressl=\"no\">\n\
         <link name=\"services.lab.test\" ipaddr=\"127.0.0.1\" port=\"{link}\" allowmask=\"127.0.0.0/8\" \
         sendpass=\"lab\" recvpass=\"lab\">\n<uline server=\"services.lab.test\" silent=\"yes\">\n{settings}"
    );
    let server = inspircd::start_at(port::free(), &settings);
    let folder = Folder::new();
    let path = folder.path().display().to_string();
    let modules: String = MODULES
        .iter()
        .flat_map(|name| ["loadmodule \"modules/", name, "\";\n"])
        .collect();
    let settings = format!(
        "{modules}serverinfo {{ name = \"services.lab.test\"; desc = \"services of the tests\"; numeric = \"00A\"; \
         recontime = 1; netname = \"Lab\"; hidehostsuffix = \"users.lab.test\"; adminname = \"lab\"; \
         adminemail = \"lab@lab.test\"; registeremail = \"lab@lab.test\"; mta = \"/bin/true\"; \
         loglevel = {{ error; info; network; }}; maxlogins = 20; maxusers = 0; maxnicks = 5; maxchans = 5; \
         mdlimit = 30; emaillimit = 10; emailtime = 300; auth = none; casemapping = rfc1459; }};\n\
         uplink \"irc.lab.test\" {{ host = \"127.0.0.1\"; port = {link}; send_password = \"lab\"; receive_password = \"lab\"; }};\n\
         nickserv {{ nick = \"NickServ\"; user = \"NickServ\"; host = \"services.lab.test\"; real = \"accounts\"; }};\n\
         saslserv {{ nick = \"SaslServ\"; user = \"SaslServ\"; host = \"services.lab.test\"; real = \"logins\"; }};\n"
    );
    let settings = folder.write("atheme.conf", &settings);
    let mut command = Command::new("atheme-services");
    command.args(["-n", "-D", &path, "-l", &format!("{path}/atheme.log")]);
    command
        .args(["-p", &format!("{path}/atheme.pid"), "-c"])
        .arg(settings);
    let services = Program::start(folder, &mut command).saying("finished synching");
    Network {
        server,
        _services: services,
    }
}

impl Network {
    /// Makes an account, by a person of the same name who leaves then.
    pub fn register(&self, account: &str, password: &str) {
        let person = Person::join(self.server.port, account, &[]);
        person
            .write(&format!(
                "PRIVMSG NickServ :REGISTER {password} {account}@lab.test\r\n"
            ))
            .expect("the server is there");
        person
            .heard_within(PATIENCE, |line| {
                line.contains("NOTICE") && line.contains("is now registered")
            })
            .expect("the services register an account");
        person.write("QUIT\r\n").expect("the server is there");
        while !person.is_over() {
            std::thread::yield_now();
        }
    }
}

/// What the services are to know.
const MODULES: &[&str] = &[
    "protocol/inspircd",
    "backend/opensex",
    "crypto/pbkdf2v2",
    "nickserv/main",
    "nickserv/identify",
    "nickserv/register",
    "nickserv/cert",
    "saslserv/main",
    "saslserv/plain",
    "saslserv/external",
];

const PATIENCE: Duration = Duration::from_mins(1);
