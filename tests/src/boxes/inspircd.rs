//! `InspIRCd`, an IRC server with most of `IRCv3`: history on joining, echo, times, identities of messages.

use std::process::Command;

use crate::support::{Folder, Program, port};

use super::Running;

/// A server that takes everybody and everything at any rate. Every room keeps its last 2,000 messages for an hour and
/// tells them to whoever joins.
pub fn start() -> Running {
    start_at(port::free(), "")
}

/// The same on a port of the caller's choice, with further elements of its settings.
pub fn start_at(port: u16, settings: &str) -> Running {
    let folder = Folder::new();
    let path = folder.path().display();
    let modules: String = MODULES
        .iter()
        .flat_map(|name| ["<module name=\"", name, "\">\n"])
        .collect();
    let settings = format!(
        "<config format=\"xml\">\n\
         <server name=\"irc.lab.test\" description=\"a server of the tests\" network=\"Lab\" id=\"1LA\">\n\
         <admin name=\"lab\" nick=\"lab\" email=\"lab@lab.test\">\n\
         <path configdir=\"{path}\" datadir=\"{path}\" logdir=\"{path}\" runtimedir=\"{path}\">\n\
         <pid file=\"{path}/inspircd.pid\">\n\
         <bind address=\"127.0.0.1\" port=\"{port}\" type=\"clients\">\n\
         <connect allow=\"*\" timeout=\"60\" pingfreq=\"120\" threshold=\"100000\" commandrate=\"100000000\" \
         fakelag=\"no\" recvq=\"1M\" softsendq=\"4M\" hardsendq=\"16M\" localmax=\"1000\" globalmax=\"1000\" \
         maxchans=\"100\" resolvehostnames=\"no\" useident=\"no\" maxconnwarn=\"no\">\n\
         <options defaultmodes=\"notH 2000:1h\" syntaxhints=\"no\">\n\
         <performance nouserdns=\"yes\" somaxconn=\"128\" softlimit=\"1000\">\n\
         <limits maxnick=\"30\" maxchan=\"64\" maxtopic=\"300\">\n\
         <log method=\"file\" type=\"* -USERINPUT -USEROUTPUT\" level=\"default\" target=\"{path}/inspircd.log\">\n\
         {modules}<chanhistory maxlines=\"5000\" prefixmsg=\"no\" bots=\"yes\" enableumode=\"no\">\n{settings}\n"
    );
    let settings = folder.write("inspircd.conf", &settings);
    let mut command = Command::new("inspircd");
    // It asks for a core file of itself, and some of its modules crash on the way out.
    command
        .current_dir(folder.path())
        .args(["--nofork", "--nopid", "--runasroot", "--config"])
        .arg(settings);
    Running::new(port, Program::start(folder, &mut command).listening(port))
}

/// What of `IRCv3` it is to know. Identities and times of messages are what makes its history of use.
const MODULES: &[&str] = &[
    "cap",
    "ircv3",
    "ircv3_accounttag",
    "ircv3_batch",
    "ircv3_capnotify",
    "ircv3_ctctags",
    "ircv3_echomessage",
    "ircv3_labeledresponse",
    "ircv3_msgid",
    "ircv3_servertime",
    "namesx",
    "chanhistory",
];
