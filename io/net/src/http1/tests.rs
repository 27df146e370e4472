//! Answers of a peer at the other end of a pipe.

use super::*;
use tokio::io::AsyncReadExt;

fn request() -> RequestHead {
    RequestHead {
        method: "GET".to_owned(),
        target: "/".to_owned(),
        version: "HTTP/1.1".to_owned(),
        headers: vec![Header {
            name: "hOsT".to_owned(),
            value: "a.example".to_owned(),
        }],
    }
}

fn small() -> Limits {
    Limits {
        head: Duration::from_millis(200),
        body: Duration::from_millis(100),
        head_bytes_max: 8192,
        ..Limits::default()
    }
}

/// What comes of a peer that reads the request, answers these bytes and (perhaps) ends.
async fn answered(bytes: &[u8], ends: bool) -> (Result<Answer, Failure>, Stream) {
    let (near, mut far) = tokio::io::duplex(1 << 20);
    let mut stream = Stream::new(near);
    far.write_all(bytes).await.unwrap();
    let kept = if ends {
        far.shutdown().await.unwrap();
        None
    } else {
        Some(far)
    };
    let result = exchange(&mut stream, &request(), &small()).await;
    drop(kept);
    (result, stream)
}

#[tokio::test]
async fn the_request_goes_out_as_given() {
    assert_eq!(
        String::from_utf8(encode(&request())).unwrap(),
        "GET / HTTP/1.1\r\nhOsT: a.example\r\n\r\n"
    );
}

#[test]
fn no_value_adds_a_line() {
    let mut head = request();
    head.headers[0].value = "a\r\nX: 1".to_owned();
    let wire = String::from_utf8(encode(&head)).unwrap();
    assert!(wire.contains("hOsT: a  X: 1\r\n"), "{wire}");
}

#[tokio::test]
async fn header_lines_keep_order_case_and_repetition() {
    let (answer, _) = answered(
        b"HTTP/1.1 403 No\r\nX-b: 1\r\nx-A: 2\r\nX-b: 3\r\nContent-Length: 2\r\n\r\nno",
        false,
    )
    .await;
    let answer = answer.unwrap();
    let names: Vec<_> = answer.headers.iter().map(|h| h.name.as_str()).collect();
    assert_eq!(names, ["X-b", "x-A", "X-b", "Content-Length"]);
    assert_eq!(answer.values("x-b").collect::<Vec<_>>(), ["1", "3"]);
    assert_eq!(&answer.body[..], b"no");
    assert!(!answer.body_cut);
}

#[tokio::test]
async fn bytes_after_a_switch_stay_in_the_stream() {
    let (answer, mut stream) = answered(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x01a",
        true,
    )
    .await;
    assert_eq!(answer.unwrap().status, 101);
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"\x81\x01a");
}

#[tokio::test]
async fn interim_answers_are_skipped() {
    let (answer, _) = answered(
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        false,
    )
    .await;
    assert_eq!(answer.unwrap().status, 204);
}

#[tokio::test]
async fn chunks_are_joined() {
    let (answer, _) = answered(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
        false,
    )
    .await;
    let answer = answer.unwrap();
    assert_eq!(&answer.body[..], b"abcde");
    assert!(!answer.body_cut);
}

#[tokio::test]
async fn a_body_that_never_ends_is_cut_and_kept() {
    let (answer, _) = answered(b"HTTP/1.0 200 OK\r\n\r\nhalf", false).await;
    let answer = answer.unwrap();
    assert_eq!(answer.version, "HTTP/1.0");
    assert_eq!(&answer.body[..], b"half");
    assert!(answer.body_cut);
}

#[tokio::test]
async fn a_large_body_is_cut_at_its_limit() {
    let mut wire = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    wire.resize(wire.len() + 200_000, b'x');
    let (answer, _) = answered(&wire, true).await;
    let answer = answer.unwrap();
    assert_eq!(answer.body.len(), small().body_bytes_max);
    let fact = answer.fact(&Redactor::default(), &small());
    assert_eq!(fact.body.text.len(), 4096);
    assert!(fact.body.cut);
}

#[tokio::test]
async fn what_is_not_http_is_shown() {
    let (answer, _) = answered(b"SSH-2.0-OpenSSH_9.2\r\n", false).await;
    assert_eq!(
        answer.unwrap_err(),
        Failure::NotHttp {
            first_bytes: "SSH-2.0-OpenSSH_9.2\\r\\n".to_owned()
        }
    );
}

#[tokio::test]
async fn ends_and_silence_differ() {
    let (answer, _) = answered(b"HTTP/1.1 200 O", true).await;
    assert_eq!(answer.unwrap_err(), Failure::EndOfStream);
    let (answer, _) = answered(b"", false).await;
    assert_eq!(answer.unwrap_err(), Failure::TimedOut { waited_ms: 200 });
}

#[tokio::test]
async fn a_head_without_end_is_too_large() {
    let mut wire = b"HTTP/1.1 200 OK\r\n".to_vec();
    wire.extend_from_slice(format!("X: {}\r\n", "y".repeat(9000)).as_bytes());
    let (answer, _) = answered(&wire, false).await;
    assert_eq!(answer.unwrap_err(), Failure::TooLarge { limit_bytes: 8192 });
}

#[test]
fn facts_hold_no_secrets() {
    let mut head = request();
    head.target = "/p?token=abcdef".to_owned();
    head.headers.push(Header {
        name: "Cookie".to_owned(),
        value: "sid=12345678".to_owned(),
    });
    let fact = format!("{:?}", request_fact(&head, &Redactor::default()));
    assert!(!fact.contains("abcdef"), "{fact}");
    assert!(!fact.contains("12345678"), "{fact}");
}
