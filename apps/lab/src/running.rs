//! Starting a fault, saying how to reach it, and stopping it without a trace.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::task::{AbortHandle, JoinHandle};
use tokio_rustls::TlsAcceptor;

use crate::authority::{Authority, client_trusting};
use crate::authority_file::AuthorityFile;
use crate::error::LabError;
use crate::fault::{Fault, Host, Kind, Serve, Trust};
use crate::faults::find;
use crate::lab::Lab;
use crate::server;
use crate::upstream::Upstream;

/// Where and how a fault runs.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// `host:port` or a `ws`/`wss` URL that a middlebox or proxy leads to; without it, to a healthy echo
    /// that is built in. Requests keep their Host for `host:port`; for a URL they get the URL's.
    pub upstream: Option<String>,
    /// Where to write the certificates a client has to trust, as PEM. Without it a file in the temporary
    /// folder is used and removed at the end.
    pub ca_out: Option<PathBuf>,
    /// The idle time, lifetime or beat of a fault in time, in place of its own few seconds.
    pub period: Option<Duration>,
}

impl Default for Options {
    /// Any free port of 127.0.0.1, the built-in upstream.
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            upstream: None,
            ca_out: None,
            period: None,
        }
    }
}

/// A fault at work. Dropping it stops it too.
#[derive(Debug)]
pub struct Running {
    fault: Fault,
    address: SocketAddr,
    url: String,
    has_upstream: bool,
    authority: Option<AuthorityFile>,
    tasks: Vec<JoinHandle<()>>,
    // Aborts on drop, when `stop` was not called.
    _guard: AbortOnDrop,
}

/// Starts the fault of this name.
pub async fn start(name: &str, options: Options) -> Result<Running, LabError> {
    let fault = *find(name).ok_or_else(|| LabError::UnknownFault {
        name: name.to_owned(),
    })?;
    let upstream = options
        .upstream
        .as_deref()
        .map(Upstream::parse)
        .transpose()?;
    if upstream.is_some() && matches!(fault.kind, Kind::Server | Kind::Resolver) {
        return Err(LabError::UpstreamNotTaken { name: fault.name });
    }
    let has_upstream = upstream.is_some();
    let authority = Authority::new("Towpath Lab")?;
    let inspector = Authority::new(fault.inspector)?;
    let trust = Arc::new(client_trusting(&[authority.root()])?);
    let server_tls = TlsAcceptor::from(Arc::new(authority.server()?));
    let is_proxy = matches!(fault.kind, Kind::Proxy { .. });
    let pem = match fault.trust {
        // What is not the lab's own has its own authority.
        Trust::Lab if upstream.is_some() && is_proxy => String::new(),
        Trust::Lab => authority.pem(),
        Trust::LabAndInspector => authority.pem() + &inspector.pem(),
        Trust::Nothing => String::new(),
    };

    let socket = bind(options.listen)?;
    let address = local_address(&socket, options.listen)?;
    let mut tasks = Vec::new();
    let mut target = upstream;
    if is_proxy && target.is_none() {
        let (own, task) = start_target(&fault, &authority)?;
        target = Some(own);
        tasks.push(task);
    }
    let url = match (&fault.kind, &target) {
        (Kind::Proxy { .. }, Some(target)) => url_of_target(&fault, target),
        (_, Some(target)) => url(
            &fault,
            address,
            target.path.as_deref().unwrap_or(fault.path),
        ),
        _ => url(&fault, address, fault.path),
    };
    let lab = Lab::new(authority, inspector, trust, address, target).with_period(options.period);
    let lab = Arc::new(lab);
    tasks.push(run(fault, socket, lab, server_tls, options.listen)?);
    let authority = (!pem.is_empty() && url.starts_with("wss"))
        .then(|| AuthorityFile::write(pem, options.ca_out))
        .transpose()?;
    let guard = AbortOnDrop(tasks.iter().map(JoinHandle::abort_handle).collect());
    Ok(Running {
        fault,
        address,
        url,
        has_upstream,
        authority,
        tasks,
        _guard: guard,
    })
}

impl Running {
    /// The fault that runs.
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The `ws` or `wss` URL to check. For a proxy, the URL of what lies behind it.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The certificates to trust, as PEM. `None` where TLS plays no part, or nothing makes it trusted.
    pub fn ca_pem(&self) -> Option<&str> {
        self.authority.as_ref().map(AuthorityFile::pem)
    }

    /// The file that holds [`Self::ca_pem`].
    pub fn ca_path(&self) -> Option<&Path> {
        self.authority.as_ref().map(AuthorityFile::path)
    }

    /// The proxy to use, as a URL, where the fault is one.
    pub fn proxy_url(&self) -> Option<String> {
        match self.fault.kind {
            Kind::Proxy { scheme } => Some(format!("{scheme}://{}", client_address(self.address))),
            _ => None,
        }
    }

    /// The page beside the WebSocket, as an `http` or `https` URL.
    pub fn page_url(&self) -> String {
        let (scheme, rest) = self
            .url
            .split_once("://")
            .expect("made here, with a scheme");
        let authority = rest.split('/').next().unwrap_or(rest);
        let scheme = if scheme == "wss" { "https" } else { "http" };
        format!("{scheme}://{authority}/")
    }

    /// All arguments that follow `towpath check` to see this fault.
    pub fn check_arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        if let Some(proxy) = self.proxy_url() {
            arguments.extend(["--proxy".to_owned(), proxy]);
        }
        if let Some(path) = self.ca_path() {
            arguments.extend(["--cacert".to_owned(), path.display().to_string()]);
        }
        if let Some(addresses) = self.addresses_of_localhost() {
            let port = self.address.port();
            arguments.extend([
                "--resolve".to_owned(),
                format!("localhost:{port}:{addresses}"),
            ]);
        }
        let page = self.page_url();
        let options = self.fault.check.iter();
        // Only the built-in upstream is known to echo.
        let options = options.filter(|option| !(self.has_upstream && **option == "--echo"));
        arguments.extend(options.map(|option| option.replace("{page}", &page)));
        arguments.push(self.url());
        arguments
    }

    /// What `localhost` in the URL stands for, where a machine's own idea of it could lead elsewhere.
    fn addresses_of_localhost(&self) -> Option<String> {
        if !self.url.contains("//localhost:") || self.proxy_url().is_some() {
            return None;
        }
        let own = client_address(self.address).ip();
        Some(match self.fault.host {
            Host::BothFamilies => format!("{own},[{}]", Ipv6Addr::LOCALHOST),
            _ if own.is_ipv6() => format!("[{own}]"),
            _ => own.to_string(),
        })
    }

    /// Ends all connections, frees the port and removes what was written to the temporary folder.
    pub async fn stop(mut self) {
        for task in self.tasks.drain(..) {
            task.abort();
            // Cancelled is what was asked for.
            task.await.ok();
        }
    }
}

/// Runs the fault on its socket.
fn run(
    fault: Fault,
    socket: TcpSocket,
    lab: Arc<Lab>,
    tls: TlsAcceptor,
    asked: SocketAddr,
) -> Result<JoinHandle<()>, LabError> {
    if let Serve::Bound(serve) = fault.serve {
        let served = serve(socket, lab);
        return Ok(tokio::spawn(async move {
            served.await.ok();
        }));
    }
    let listener = socket.listen(BACKLOG).map_err(|source| LabError::Listen {
        address: asked,
        source,
    })?;
    // The `wss` of a proxy is what lies behind it.
    let ends_tls = fault.tls && !matches!(fault.kind, Kind::Proxy { .. });
    let tls = (ends_tls && matches!(fault.serve, Serve::Stream(_))).then_some(tls);
    Ok(tokio::spawn(server::run(listener, fault, lab, tls)))
}

/// The healthy server behind a proxy that was given no upstream.
fn start_target(
    proxy: &Fault,
    authority: &Authority,
) -> Result<(Upstream, JoinHandle<()>), LabError> {
    let asked = Options::default().listen;
    let socket = bind(asked)?;
    let address = local_address(&socket, asked)?;
    let listener: TcpListener = socket.listen(BACKLOG).map_err(|source| LabError::Listen {
        address: asked,
        source,
    })?;
    let healthy = if proxy.tls {
        "healthy-echo-tls"
    } else {
        "healthy-echo"
    };
    let fault = *find(healthy).expect("the healthy echoes are always in the list");
    let config = Arc::new(authority.server()?);
    let trust = Arc::new(client_trusting(&[authority.root()])?);
    let tls = proxy.tls.then(|| TlsAcceptor::from(config));
    let lab = Lab::new(
        Authority::new("Unused")?,
        Authority::new("Unused")?,
        trust,
        address,
        None,
    );
    let upstream = Upstream {
        host: "localhost".to_owned(),
        port: address.port(),
        tls: proxy.tls,
        path: None,
    };
    Ok((
        upstream,
        tokio::spawn(server::run(listener, fault, Arc::new(lab), tls)),
    ))
}

fn bind(address: SocketAddr) -> Result<TcpSocket, LabError> {
    let failed = |source| LabError::Listen { address, source };
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }
    .map_err(failed)?;
    // A fault restarted on its port must not wait for the old connections to be forgotten.
    socket.set_reuseaddr(true).map_err(failed)?;
    socket.bind(address).map_err(failed)?;
    Ok(socket)
}

fn local_address(socket: &TcpSocket, asked: SocketAddr) -> Result<SocketAddr, LabError> {
    socket.local_addr().map_err(|source| LabError::Listen {
        address: asked,
        source,
    })
}

fn url(fault: &Fault, address: SocketAddr, path: &str) -> String {
    let address = client_address(address);
    let scheme = if fault.tls { "wss" } else { "ws" };
    let port = address.port();
    match fault.host {
        Host::Resolved => format!("{scheme}://app.lab.test{path}"),
        Host::BothFamilies => format!("{scheme}://localhost:{port}{path}"),
        Host::Suitable if fault.tls && address.ip().is_loopback() => {
            format!("{scheme}://localhost:{port}{path}")
        }
        Host::Suitable | Host::Address => format!("{scheme}://{address}{path}"),
    }
}

/// The address under which a client on this machine reaches the listener.
fn client_address(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn url_of_target(fault: &Fault, target: &Upstream) -> String {
    let scheme = if target.tls { "wss" } else { "ws" };
    let host = if target.host.contains(':') {
        format!("[{}]", target.host)
    } else {
        target.host.clone()
    };
    let path = target.path.as_deref().unwrap_or(fault.path);
    format!("{scheme}://{host}:{}{path}", target.port)
}

#[derive(Debug)]
struct AbortOnDrop(Vec<AbortHandle>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        for handle in &self.0 {
            handle.abort();
        }
    }
}

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 128;

#[cfg(test)]
mod tests;
