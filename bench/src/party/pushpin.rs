//! Pushpin as a plain WebSocket proxy: all four of its processes, and the client program that it needs, count.

use super::{Party, Site, Started};
use crate::load::{Shape, Speech, Target};
use crate::process::{Core, Log, Program, find, free_address};
use anyhow::Result;

pub(super) const PARTY: Party = Party {
    name: "pushpin",
    what: "WebSocket proxy without publishing, all its processes and zurl",
    has_tls: false,
    start,
};

fn start(site: &Site<'_>) -> Result<Option<Started>> {
    let (Some(pushpin), Some(zurl)) = (find("pushpin"), find("zurl")) else {
        return Ok(None);
    };
    let address = free_address()?;
    let zurl_file = site.write("zurl.conf", &zurl_configuration(site))?;
    site.write("routes", &format!("* {}\n", site.backend))?;
    let pushpin_file = site.write("pushpin.conf", &configuration(site, address.port())?)?;
    let (pushpin, zurl) = (pushpin.to_string_lossy(), zurl.to_string_lossy());
    let zurl_log = site.folder.join("zurl.log");
    let config = format!("--config={zurl_file}");
    let zurl = Program::start(
        Core::Party,
        &[&*zurl, &config],
        site.folder,
        Log::File(&zurl_log),
    )?;
    let config = format!("--config={pushpin_file}");
    let pushpin = Program::start(
        Core::Party,
        &[&*pushpin, &config],
        site.folder,
        Log::File(&site.log()),
    )?;
    Ok(Some(Started {
        programs: vec![pushpin, zurl],
        target: Target {
            address,
            path: "/",
            speech: Speech::Plain,
            shape: Shape::KILOBYTE,
            is_page: true,
            tls: None,
        },
    }))
}

/// Its own defaults deny loopback and stop at 2,000 requests.
fn zurl_configuration(site: &Site<'_>) -> String {
    let folder = site.folder.display();
    format!(
        "[General]\nin_spec=ipc://{folder}/z-in\nin_stream_spec=ipc://{folder}/z-in-stream\n\
         out_spec=ipc://{folder}/z-out\nin_req_spec=ipc://{folder}/z-req\nipc_file_mode=660\n\
         defpolicy=allow\nallow=\ndeny=\nmax_open_requests=20000\nbuffer_size=200000\ntimeout=600\n\
         in_hwm=100000\nout_hwm=100000\n"
    )
}

fn configuration(site: &Site<'_>, port: u16) -> Result<String> {
    let folder = site.folder.display();
    let mut control = Vec::new();
    for _ in 0..4 {
        control.push(free_address()?.port());
    }
    Ok(format!(
        "[global]\ninclude={{libdir}}/internal.conf\nrundir={folder}\nipc_prefix=p-\nport_offset=0\n\
         [runner]\nservices=condure,pushpin-proxy,pushpin-handler\nhttp_port=127.0.0.1:{port}\n\
         logdir={folder}\nlog_level=0\nclient_buffer_size=8192\nclient_maxconn=50000\n\
         [proxy]\nroutesfile={folder}/routes\ndebug=false\nupdates_check=off\n\
         zurl_out_specs=ipc://{folder}/z-in\nzurl_out_stream_specs=ipc://{folder}/z-in-stream\n\
         zurl_in_specs=ipc://{folder}/z-out\n\
         [handler]\npush_in_spec=tcp://127.0.0.1:{}\npush_in_sub_specs=tcp://127.0.0.1:{}\n\
         push_in_http_addr=127.0.0.1\npush_in_http_port={}\ncommand_spec=tcp://127.0.0.1:{}\n\
         message_rate=1000000\nmessage_hwm=1000000\n",
        control[0], control[1], control[2], control[3]
    ))
}
