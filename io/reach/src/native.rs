//! The native ways: a handshake of this machine's own, directly or through a proxy, byte for byte.
//!
//! Behind the 101 nothing is parsed. It must never send more than one request, and never retry.

use bytes::Bytes;
use towpath_diagnosis::observation::{Failed, Header, TlsVariation};
use towpath_net::http1::{self, Answer};
use towpath_net::{Names, Plan, ProxyServer, Stream, TlsPlan};
use towpath_probe::handshake::stage_of;
use towpath_websocket::{
    Acceptance, HandshakeDeviation, Offer, ResponseHead as Head, check_response, key_from,
};

use crate::head::{self, Handshake};
use crate::opened::{Native, ResponseHead};
use crate::request::Request;
use crate::settings::Settings;
use crate::target::Target;

/// What came of a native handshake.
pub(crate) enum Attempt {
    /// The remote switched protocols.
    Switched(Switched),
    /// It answered with something else.
    Refused(Answer),
    /// There was no answer.
    Failed(Failed),
}

/// A stream behind a 101.
pub(crate) struct Switched {
    pub(crate) native: Native,
    pub(crate) response: ResponseHead,
    /// What the answer breaks of RFC 6455 so that clients have to fail.
    pub(crate) deviations: Vec<&'static str>,
}

/// Dials and shakes hands once.
pub(crate) async fn attempt(
    settings: &Settings,
    target: &Target,
    request: &Request,
    proxy: Option<ProxyServer>,
    names: &mut Names,
) -> Attempt {
    let handshake = head::handshake(settings, target, request, fresh_key);
    let plan = Plan {
        host: target.host.clone(),
        port: target.port,
        address: None,
        proxy,
        tls: target
            .is_secure()
            .then(|| TlsPlan::of(TlsVariation::Ordinary)),
    };
    let opened = towpath_net::open(&settings.net, names, &plan, &mut ()).await;
    let opened = match opened {
        Ok(opened) => opened,
        Err(not_opened) => return Attempt::Failed(not_opened.failed),
    };
    let mut stream = opened.stream;
    match http1::exchange(&mut stream, &handshake.head, &settings.net.limits).await {
        Ok(answer) if answer.status == 101 => {
            Attempt::Switched(switched(settings, request, &handshake, answer, stream))
        }
        Ok(answer) => Attempt::Refused(answer),
        Err(failure) => {
            let stage = stage_of(&failure);
            Attempt::Failed(Failed { stage, failure })
        }
    }
}

fn switched(
    settings: &Settings,
    request: &Request,
    handshake: &Handshake,
    answer: Answer,
    stream: Stream,
) -> Switched {
    let headers = pairs(answer.headers);
    let head = Head {
        status: answer.status,
        headers: &headers,
    };
    let acceptance = check_response(
        &head,
        &Offer {
            key: &handshake.key,
            subprotocols: &request.subprotocols,
            extensions: &handshake.extensions,
        },
    );
    Switched {
        native: Native {
            stream,
            deflate: acceptance.deflate,
            message_bytes_max: settings.message_bytes_max,
        },
        deviations: grave(&acceptance),
        response: ResponseHead {
            status: answer.status,
            headers,
        },
    }
}

/// Names of the deviations for which a client has to fail; empty where it opens.
fn grave(acceptance: &Acceptance) -> Vec<&'static str> {
    if acceptance.opens() {
        return Vec::new();
    }
    let all = acceptance.deviations.iter();
    all.map(HandshakeDeviation::as_str).collect()
}

/// Header lines as callers have them.
pub(crate) fn pairs(headers: Vec<Header>) -> Vec<(String, String)> {
    let pair = |header: Header| (header.name, header.value);
    headers.into_iter().map(pair).collect()
}

/// A refusal's parts as callers have them.
pub(crate) fn refusal(answer: Answer) -> (u16, Vec<(String, String)>, Bytes) {
    (answer.status, pairs(answer.headers), answer.body)
}

fn fresh_key() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    key_from(bytes)
}
