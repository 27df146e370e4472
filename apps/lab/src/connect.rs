//! The honest part of an HTTP proxy: CONNECT tunnels and plain requests with absolute URLs.
//!
//! Faulty proxies refuse or deviate before or after these steps; nothing here may deviate itself.

use std::io;

use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;

use crate::answer::Answer;
use crate::relay;
use crate::request::Request;
use crate::stream::Stream;

/// The host and port a client wants to reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Name or address, without brackets.
    pub(crate) host: String,
    /// TCP port.
    pub(crate) port: u16,
}

impl Target {
    /// Where this request wants to go. `None` for a request that is not for a proxy.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        if request.method == "CONNECT" {
            let (host, port) = request.target.rsplit_once(':')?;
            return Some(Self {
                host: without_brackets(host),
                port: port.parse().ok()?,
            });
        }
        let url = url::Url::parse(&request.target).ok()?;
        Some(Self {
            host: without_brackets(url.host_str()?),
            port: url.port_or_known_default()?,
        })
    }

    /// Connects to it.
    pub(crate) async fn dial(&self) -> io::Result<Stream> {
        let tcp = TcpStream::connect((self.host.as_str(), self.port)).await?;
        tcp.set_nodelay(true)?;
        Ok(Stream::from(tcp))
    }
}

/// Serves one proxy request that is allowed: opens the tunnel, or forwards the plain request.
pub(crate) async fn allow(mut client: Stream, request: Request) -> io::Result<()> {
    let Some(target) = Target::of(&request) else {
        Answer::new(400)
            .text("this is a proxy")
            .write(&mut client)
            .await?;
        return client.finish().await;
    };
    let mut upstream = match target.dial().await {
        Ok(upstream) => upstream,
        Err(error) => {
            unreachable(&error).write(&mut client).await?;
            return client.finish().await;
        }
    };
    if request.method == "CONNECT" {
        established().write(&mut client).await?;
        copy_bidirectional(&mut client, &mut upstream).await?;
        return Ok(());
    }
    match relay::forward(
        &mut client,
        upstream,
        in_origin_form(request),
        |_| {},
        |_| {},
    )
    .await?
    {
        Some(upstream) => relay::pass(client, upstream).await,
        None => client.finish().await,
    }
}

/// The answer that opens a tunnel.
pub(crate) fn established() -> Answer {
    Answer::new(200).unsized_body()
}

/// What a proxy says when the target does not answer, in Squid's words.
pub(crate) fn unreachable(error: &io::Error) -> Answer {
    let code = if error.raw_os_error().is_some() {
        "ERR_CONNECT_FAIL 111"
    } else {
        "ERR_DNS_FAIL 0"
    };
    squid(503, code)
}

/// An error answer in the form of Squid: status, `X-Squid-Error`, a page.
pub(crate) fn squid(status: u16, error: &str) -> Answer {
    let name = error.split(' ').next().unwrap_or(error);
    Answer::new(status)
        .header("Server", "squid/6.6")
        .dated()
        .header("X-Squid-Error", error)
        .header("Via", "1.1 proxy.corp.test (squid/6.6)")
        .html(&format!(
            "<!DOCTYPE html><html><head><title>ERROR: The requested URL could not be retrieved</title></head>\
             <body id=\"{name}\"><h1>ERROR</h1></body></html>"
        ))
}

/// A proxy sends servers the path alone.
pub(crate) fn in_origin_form(mut request: Request) -> Request {
    if let Ok(url) = url::Url::parse(&request.target) {
        url[url::Position::BeforePath..url::Position::AfterQuery].clone_into(&mut request.target);
    }
    request.remove("proxy-connection");
    request.remove("proxy-authorization");
    request
}

fn without_brackets(host: &str) -> String {
    host.trim_matches(['[', ']']).to_owned()
}
