//! A name server on loopback that answers what a test wants.

use super::*;
use hickory_proto::op::MessageType;
use hickory_proto::rr::Record;
use hickory_proto::rr::rdata::A;

async fn server(answer: impl Fn(&Message) -> Option<Message> + Send + 'static) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 2048];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let query = Message::from_vec(&buffer[..length]).unwrap();
            if let Some(answer) = answer(&query) {
                let _ = socket.send_to(&answer.to_vec().unwrap(), from).await;
            }
        }
    });
    address
}

fn reply(query: &Message, code: ResponseCode) -> Message {
    let mut reply = Message::new(
        query.metadata.id,
        MessageType::Response,
        query.metadata.op_code,
    );
    reply.metadata.response_code = code;
    reply.add_queries(query.queries.clone());
    reply
}

/// Longer than whatever stops this process for a while.
fn patient() -> Limits {
    Limits {
        name_server: Duration::from_secs(30),
        ..Limits::default()
    }
}

#[tokio::test]
async fn addresses_come_back() {
    let server = server(|query| {
        let mut reply = reply(query, ResponseCode::NoError);
        if query.queries[0].query_type() == RecordType::A {
            let data = RData::A(A(Ipv4Addr::new(192, 0, 2, 7)));
            let name = query.queries[0].name().clone();
            reply.add_answer(Record::from_rdata(name, 60, data));
        }
        Some(reply)
    })
    .await;
    let resolution = ask(server, "a.example", false, &patient()).await;
    let NameOutcome::Addresses(answer) = resolution.outcome else {
        panic!("{resolution:?}");
    };
    assert_eq!(answer.addresses, ["192.0.2.7".parse::<IpAddr>().unwrap()]);
}

#[tokio::test]
async fn codes_have_their_meaning() {
    let outcome = async |code| {
        let server = server(move |query| Some(reply(query, code))).await;
        ask(server, "a.example", false, &patient()).await.outcome
    };
    assert_eq!(
        outcome(ResponseCode::NXDomain).await,
        NameOutcome::NoSuchName
    );
    assert_eq!(
        outcome(ResponseCode::ServFail).await,
        NameOutcome::ServerFailure
    );
    assert_eq!(outcome(ResponseCode::Refused).await, NameOutcome::Refused);
    assert_eq!(outcome(ResponseCode::NoError).await, NameOutcome::NoAddress);
}

#[tokio::test]
async fn a_silent_server_times_out() {
    let server = server(|_| None).await;
    let limits = Limits {
        name_server: Duration::from_millis(200),
        ..Limits::default()
    };
    let resolution = ask(server, "a.example", false, &limits).await;
    assert_eq!(resolution.outcome, NameOutcome::TimedOut);
}

#[tokio::test]
async fn the_checking_disabled_bit_and_extended_errors_pass() {
    let server = server(|query| {
        let code = if query.metadata.checking_disabled {
            ResponseCode::NoError
        } else {
            ResponseCode::ServFail
        };
        let mut reply = reply(query, code);
        let mut edns = Edns::new();
        edns.options_mut()
            .insert(EdnsOption::Unknown(EXTENDED_ERROR, vec![0, 15, b'x']));
        reply.set_edns(edns);
        Some(reply)
    })
    .await;
    let checked = ask(server, "a.example", false, &patient()).await;
    assert_eq!(checked.outcome, NameOutcome::ServerFailure);
    assert_eq!(checked.extended_errors, [15]);
    let unchecked = ask(server, "a.example", true, &patient()).await;
    assert_eq!(unchecked.outcome, NameOutcome::NoAddress);
}
