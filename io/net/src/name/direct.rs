//! DNS queries sent straight to a name server.
//!
//! Hosts file and search list play no part here, so that the difference to what applications see
//! can be told. A truncated answer is asked for again over TCP (RFC 1035 section 4.2).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use hickory_proto::op::{Edns, Message, Query, ResponseCode};
use hickory_proto::rr::rdata::opt::{EdnsCode, EdnsOption};
use hickory_proto::rr::{Name, RData, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;
use towpath_diagnosis::observation::{NameAnswer, NameOutcome, Resolution, Resolver};

use crate::limits::{Limits, milliseconds};

/// The option code of extended DNS errors (RFC 8914 section 2).
const EXTENDED_ERROR: u16 = 15;

/// The answer that fits one datagram on common paths (DNS flag day 2020).
const PAYLOAD_BYTES_MAX: u16 = 1232;

/// Most bytes of an answer over TCP.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// How often a datagram is sent before the server counts as silent.
const SENT_MAX: u32 = 2;

/// Asks one server for both families. `checking_disabled` sets the CD bit (RFC 4035).
pub async fn ask(
    server: SocketAddr,
    host: &str,
    checking_disabled: bool,
    limits: &Limits,
) -> Resolution {
    let began = Instant::now();
    let (four, six) = tokio::join!(
        exchange(server, host, RecordType::A, checking_disabled, limits),
        exchange(server, host, RecordType::AAAA, checking_disabled, limits),
    );
    let (outcome, extended_errors) = joined(four, six);
    Resolution {
        name: host.to_owned(),
        resolver: Resolver::Server {
            server: server.to_string(),
            checking_disabled,
        },
        outcome,
        extended_errors,
        elapsed_ms: milliseconds(began.elapsed()),
    }
}

/// What one query gave: the code, the addresses, the extended errors; or an outcome without them.
type One = Result<(ResponseCode, NameAnswer), NameOutcome>;

async fn exchange(
    server: SocketAddr,
    host: &str,
    kind: RecordType,
    checking_disabled: bool,
    limits: &Limits,
) -> One {
    let query = query(host, kind, checking_disabled).map_err(|detail| other(&detail))?;
    let wire = query.to_vec().map_err(|error| other(&error.to_string()))?;
    let mut answer = over_udp(server, &wire, limits.name_server).await?;
    if answer.metadata.truncation {
        let asked = timeout(limits.name_server, over_tcp(server, &wire)).await;
        answer = asked.map_err(|_| NameOutcome::TimedOut)??;
    }
    Ok((answer.metadata.response_code, read(&answer)))
}

fn query(host: &str, kind: RecordType, checking_disabled: bool) -> Result<Message, String> {
    let mut name = Name::from_ascii(host).map_err(|error| error.to_string())?;
    name.set_fqdn(true);
    let mut message = Message::query();
    message.metadata.recursion_desired = true;
    message.metadata.checking_disabled = checking_disabled;
    message.add_query(Query::query(name, kind));
    let mut edns = Edns::new();
    edns.set_max_payload(PAYLOAD_BYTES_MAX);
    message.set_edns(edns);
    Ok(message)
}

async fn over_udp(
    server: SocketAddr,
    wire: &[u8],
    limit: Duration,
) -> Result<Message, NameOutcome> {
    let any: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).await.map_err(broken)?;
    socket.connect(server).await.map_err(broken)?;
    for _ in 0..SENT_MAX {
        socket.send(wire).await.map_err(broken)?;
        if let Ok(answer) = timeout(limit / SENT_MAX, matching(&socket, wire)).await {
            return answer;
        }
    }
    Err(NameOutcome::TimedOut)
}

/// Waits for the answer to this query; others, late or forged, are passed over.
async fn matching(socket: &UdpSocket, wire: &[u8]) -> Result<Message, NameOutcome> {
    let mut buffer = vec![0; usize::from(u16::MAX)];
    loop {
        let length = socket.recv(&mut buffer).await.map_err(broken)?;
        let received = &buffer[..length];
        if received.get(..2) == wire.get(..2) {
            return Message::from_vec(received).map_err(|error| other(&error.to_string()));
        }
    }
}

async fn over_tcp(server: SocketAddr, wire: &[u8]) -> Result<Message, NameOutcome> {
    let mut stream = TcpStream::connect(server).await.map_err(broken)?;
    let length = u16::try_from(wire.len()).map_err(|error| other(&error.to_string()))?;
    let mut framed = length.to_be_bytes().to_vec();
    framed.extend_from_slice(wire);
    stream.write_all(&framed).await.map_err(broken)?;
    let length = usize::from(stream.read_u16().await.map_err(broken)?);
    if length > ANSWER_BYTES_MAX {
        return Err(other("the answer is larger than this program reads"));
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer).await.map_err(broken)?;
    Message::from_vec(&answer).map_err(|error| other(&error.to_string()))
}

fn read(answer: &Message) -> NameAnswer {
    let addresses = answer
        .answers
        .iter()
        .filter_map(|record| match &record.data {
            RData::A(address) => Some(IpAddr::V4(address.0)),
            RData::AAAA(address) => Some(IpAddr::V6(address.0)),
            _ => None,
        });
    let extended_errors = answer
        .edns
        .iter()
        .flat_map(|edns| edns.options().get_all(EdnsCode::from(EXTENDED_ERROR)))
        .filter_map(|option| match option {
            EdnsOption::Unknown(_, data) => data
                .get(..2)
                .map(|code| u16::from_be_bytes([code[0], code[1]])),
            _ => None,
        });
    NameAnswer {
        addresses: addresses.collect(),
        extended_errors: extended_errors.collect(),
    }
}

/// Both families as one outcome, and the extended errors that came without addresses. An address in
/// either is an answer; else the graver word counts.
fn joined(four: One, six: One) -> (NameOutcome, Vec<u16>) {
    let mut all = NameAnswer::default();
    let mut codes = Vec::new();
    let mut without = Vec::new();
    for one in [four, six] {
        match one {
            Ok((code, answer)) => {
                codes.push(code);
                all.addresses.extend(answer.addresses);
                for error in answer.extended_errors {
                    if !all.extended_errors.contains(&error) {
                        all.extended_errors.push(error);
                    }
                }
            }
            Err(outcome) => without.push(outcome),
        }
    }
    if !all.addresses.is_empty() {
        return (NameOutcome::Addresses(all), Vec::new());
    }
    let has = |code| codes.contains(&code);
    let outcome = if has(ResponseCode::NXDomain) {
        NameOutcome::NoSuchName
    } else if has(ResponseCode::ServFail) {
        NameOutcome::ServerFailure
    } else if has(ResponseCode::Refused) {
        NameOutcome::Refused
    } else if let Some(outcome) = without.pop() {
        outcome
    } else if codes.iter().all(|code| *code == ResponseCode::NoError) {
        NameOutcome::NoAddress
    } else {
        other(&format!("the server answered {:?}", codes[0]))
    };
    (outcome, all.extended_errors)
}

fn other(detail: &str) -> NameOutcome {
    NameOutcome::Other {
        detail: detail.to_owned(),
    }
}

fn broken(error: impl std::borrow::Borrow<std::io::Error>) -> NameOutcome {
    other(&error.borrow().to_string())
}

#[cfg(test)]
mod tests;
