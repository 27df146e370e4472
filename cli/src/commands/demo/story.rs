//! The second part of the demo: a backend, a gateway before it, and networks before both, all on this machine.
//!
//! Nothing of it is kept: reports are in memory, and the one file that must be written is gone when the gateway runs.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use towpath_lab::{Promotions, PublishedFile, ServerIdentity, start_promotions};
use towpath_serve::config::{ConsoleToken, Seconds, Settings, TlsSettings};
use towpath_serve::start;

use super::files;
use super::folder::Folder;
use super::held::Held;
use super::switch::{self, Ends, Line, RunningLine};

/// All that runs.
pub(super) struct Story {
    page: SocketAddr,
    token: String,
    gateway: towpath_serve::Running,
    _backend: Promotions,
    _lines: Vec<RunningLine>,
}

impl Story {
    /// Starts everything; the page is served at this address.
    pub(super) async fn start(listen: SocketAddr) -> anyhow::Result<Self> {
        let backend = start_promotions(LOOPBACK).await?;
        let identity = ServerIdentity::new()?;
        let page = Held::take(listen)?;
        let lines = switch::lines(page.address().ip())?;
        // The networks have ports of their own, so that for the browser the page is somebody else's; and behind a
        // network that opens TLS the gateway takes pages for secure ones, which here they are not.
        let origins: Vec<_> = std::iter::once(page.address())
            .chain(lines.iter().map(Line::towpath_address))
            .collect();
        let folder = Folder::new()?;
        let tls = TlsSettings {
            certificate: folder.write("chain.pem", &identity.chain)?,
            key: folder.write("key.pem", &identity.key)?,
        };
        let token = random_token()?;
        let settings = settings(&origins, backend.address(), tls, &token)?;
        let gateway = start(settings).await?;
        let page = page.release();
        drop(folder);
        let ends = Ends {
            backend: backend.address(),
            gateway_tls: gateway.addresses()[0],
            gateway: gateway.addresses()[2],
            root: identity.root,
        };
        let mut running = Vec::new();
        for line in lines {
            running.push(line.start(&ends).await?);
        }
        let networks: Vec<_> = running.iter().map(RunningLine::to_json).collect();
        backend.publish(PublishedFile {
            path: "/networks.json".to_owned(),
            content_type: "application/json",
            text: serde_json::json!({
                "path": Promotions::PATH,
                "networks": networks,
                "console": gateway.console_address().map(|address| address.port()),
            })
            .to_string(),
        });
        files::page().for_each(|file| backend.publish(file));
        Ok(Self {
            page,
            token,
            gateway,
            _backend: backend,
            _lines: running,
        })
    }

    /// What to tell the user.
    pub(super) fn greeting(&self) -> String {
        let console = self.gateway.console_address().map(url_of);
        format!(
            "The rest of the story is a page for your browser:\n\n    {}\n\n\
             Its console, for whoever runs the application: {}\n\
             The console's token, good until the demo ends:  {}\n\nCtrl-C ends it.\n",
            url_of(self.page),
            console.unwrap_or_default(),
            self.token
        )
    }

    /// Ends everything.
    pub(super) async fn end(self) {
        self.gateway.drain().await;
    }
}

/// The gateway's settings: the usual ones, but for where it stands and who may come. The first origin is the page's.
fn settings(
    origins: &[SocketAddr],
    backend: SocketAddr,
    tls: TlsSettings,
    token: &str,
) -> anyhow::Result<Settings> {
    let page = origins[0];
    let mut settings = Settings::default();
    settings.listen = vec![LOOPBACK];
    settings.listen_plain = vec![page, LOOPBACK];
    settings.tls = Some(tls);
    settings.upstream.url = format!("ws://{backend}")
        .parse()
        .map_err(anyhow::Error::msg)?;
    for origin in origins {
        for host in [origin.ip().to_string(), "localhost".to_owned()] {
            let origin = format!("http://{}", host_and_port(&host, origin.port()));
            let allowed = origin.parse().map_err(anyhow::Error::msg)?;
            settings.origins.allow.push(allowed);
        }
    }
    // Whoever reads reports here wants them now, and asks for many.
    settings.reports.per_minute = REPORTS_PER_MINUTE;
    settings.console.listen = Some(SocketAddr::new(page.ip(), 0));
    settings.console.token = Some(ConsoleToken::new(token));
    settings.drain_seconds = Seconds::whole(0);
    Ok(settings)
}

/// Nobody can guess it.
fn random_token() -> anyhow::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

fn url_of(address: SocketAddr) -> String {
    let host = match address.ip() {
        ip if ip.is_unspecified() => "localhost".to_owned(),
        ip => ip.to_string(),
    };
    format!("http://{}/", host_and_port(&host, address.port()))
}

fn host_and_port(host: &str, port: u16) -> String {
    match host.parse::<IpAddr>() {
        Ok(ip) => SocketAddr::new(ip, port).to_string(),
        Err(_) => format!("{host}:{port}"),
    }
}

/// Any free port.
const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
/// Reports and checks of one address in a minute.
const REPORTS_PER_MINUTE: u32 = 600;
