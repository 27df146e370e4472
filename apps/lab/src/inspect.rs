//! An inspecting proxy's skeleton: it ends the client's TLS with a certificate of its own authority.
//!
//! Faults say what happens to the request inside; nothing here may change one.

use std::io;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;

use crate::answer::Answer;
use crate::authority::{Authority, LAB_NAMES, Validity, server_of};
use crate::connect::{Target, established, unreachable};
use crate::hello::Hello;
use crate::lab::Lab;
use crate::request::Request;
use crate::server::{self, accept_tls};
use crate::stream::Stream;
use crate::upstream::over_tls;

/// A tunnel that was opened and looked into.
#[derive(Debug)]
pub(crate) struct Tunnel {
    /// The client's side, decrypted.
    pub(crate) client: Stream,
    /// Where the client wanted to go.
    pub(crate) target: Target,
    /// Whether the client speaks TLS inside the tunnel.
    pub(crate) tls: bool,
}

impl Tunnel {
    /// Takes a CONNECT and looks inside, with a certificate of the lab's inspecting authority. `None` when
    /// the client left or wanted something else.
    pub(crate) async fn accept(client: Stream, lab: &Lab) -> io::Result<Option<Self>> {
        Self::accept_as(client, &lab.inspector).await
    }

    /// The same with another authority.
    pub(crate) async fn accept_as(
        mut client: Stream,
        authority: &Authority,
    ) -> io::Result<Option<Self>> {
        let Some(request) = Request::read(&mut client).await? else {
            return Ok(None);
        };
        let target = Target::of(&request).filter(|_| request.method == "CONNECT");
        let Some(target) = target else {
            Answer::new(405)
                .header("Allow", "CONNECT")
                .text("only CONNECT")
                .write(&mut client)
                .await?;
            client.finish().await?;
            return Ok(None);
        };
        established().write(&mut client).await?;
        let Some(hello) = Hello::peek(&mut client).await? else {
            return Ok(Some(Self {
                client,
                target,
                tls: false,
            }));
        };
        let name = hello.server_name.unwrap_or_else(|| target.host.clone());
        let config = server_of(authority.issue(&[&name], Validity::NOW)?)?;
        let client = accept_tls(client, &TlsAcceptor::from(Arc::new(config))).await?;
        Ok(Some(Self {
            client,
            target,
            tls: true,
        }))
    }

    /// Connects to the target as the client would have; tells the client where that fails.
    pub(crate) async fn dial(&mut self, lab: &Lab) -> io::Result<Stream> {
        match self.dial_quietly(lab).await {
            Ok(upstream) => Ok(upstream),
            Err(error) => {
                unreachable(&error).write(&mut self.client).await?;
                Err(error)
            }
        }
    }

    async fn dial_quietly(&self, lab: &Lab) -> io::Result<Stream> {
        let stream = self.target.dial().await?;
        if self.tls {
            over_tls(stream, &self.target.host, &lab.trust).await
        } else {
            Ok(stream)
        }
    }
}

/// Stands in a server's place without being asked: shows a certificate of the inspecting authority for
/// whatever name is wanted, and serves the healthy origin.
pub(crate) async fn pose(mut stream: Stream, lab: &Lab) -> io::Result<()> {
    let hello = Hello::peek(&mut stream).await?;
    let wanted = hello.and_then(|hello| hello.server_name);
    let names = wanted
        .as_deref()
        .map_or(LAB_NAMES.to_vec(), |name| vec![name]);
    server::serve_healthy(
        stream,
        server_of(lab.inspector.issue(&names, Validity::NOW)?)?,
    )
    .await
}
