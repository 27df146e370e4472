//! The client against servers that are written by hand, so that each can do what a library would not.

use super::*;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use crate::receiver::read;

fn client() -> Http {
    Http::new(towpath_net::Settings::default(), ProxyChoice::Never)
}

async fn listener() -> (TcpListener, Url) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}/a/secret?x=1");
    (listener, url.parse().unwrap())
}

fn post(url: &Url) -> HttpRequest {
    HttpRequest::new(Method::POST, url.clone()).with_json(r#"{"a":1}"#)
}

#[tokio::test]
async fn a_request_is_answered_and_the_connection_kept() {
    let (listener, url) = listener().await;
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut seen = Vec::new();
        for _ in 0..2 {
            seen.push(read(&mut stream).await.unwrap());
            let answer = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok";
            stream.write_all(answer).await.unwrap();
        }
        seen
    });
    let http = client();
    for _ in 0..2 {
        let answer = http
            .request(post(&url), &HttpLimits::default())
            .await
            .unwrap();
        assert_eq!((answer.status, answer.body.as_ref()), (201, &b"ok"[..]));
        assert!(answer.is_success());
    }
    let seen = server.await.unwrap();
    assert!(
        seen[0].line == "POST /a/secret?x=1 HTTP/1.1",
        "{}",
        seen[0].line
    );
    assert_eq!(seen[1].body, "{\"a\":1}");
}

#[tokio::test]
async fn a_kept_connection_that_ended_is_replaced() {
    let (listener, url) = listener().await;
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            read(&mut stream).await;
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
            stream.write_all(answer).await.unwrap();
        }
    });
    let http = client();
    for _ in 0..5 {
        let answer = http.request(post(&url), &HttpLimits::default()).await;
        assert_eq!(answer.unwrap().status, 200);
        while http.inner.idle.open() > 0 {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn what_may_have_arrived_is_told_from_what_cannot_have() {
    let (listener, url) = listener().await;
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read(&mut stream).await;
        drop(stream);
        let (mut stream, _) = listener.accept().await.unwrap();
        read(&mut stream).await;
        let half = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
        stream.write_all(half).await.unwrap();
    });
    let http = client();
    for _ in 0..2 {
        let error = http
            .request(post(&url), &HttpLimits::default())
            .await
            .unwrap_err();
        assert!(error.is_uncertain(), "{error:?}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    server.await.unwrap();
    let error = http
        .request(post(&url), &HttpLimits::default())
        .await
        .unwrap_err();
    assert!(matches!(error, HttpError::NotSent(_)), "{error:?}");
    assert!(!error.is_uncertain());
}

#[tokio::test]
async fn a_mute_server_and_a_long_answer_are_given_up() {
    let (listener, url) = listener().await;
    tokio::spawn(async move {
        let (mute, _) = listener.accept().await.unwrap();
        let (mut long, _) = listener.accept().await.unwrap();
        read(&mut long).await;
        let endless = [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &[b'x'; 5000]].concat();
        let _ = long.write_all(&endless).await;
        drop(mute);
    });
    let limits = HttpLimits {
        exchange: Duration::from_millis(50),
        request_bytes_max: 100,
        answer_bytes_max: 1000,
    };
    let http = client();
    let late = http.request(post(&url), &limits).await.unwrap_err();
    assert!(matches!(late, HttpError::Unanswered(_)), "{late:?}");
    let patient = HttpLimits {
        exchange: Duration::from_secs(20),
        ..limits
    };
    let long = http.request(post(&url), &patient).await.unwrap_err();
    assert_eq!(long, HttpError::TooLarge { limit_bytes: 1000 });
    let mut big = post(&url);
    big.body = vec![0; 101].into();
    let big = http.request(big, &limits).await.unwrap_err();
    assert!(matches!(big, HttpError::Unusable(_)), "{big:?}");
}

#[tokio::test]
async fn no_redirect_is_followed_and_no_header_smuggled() {
    let (listener, url) = listener().await;
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read(&mut stream).await;
        let moved =
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(moved).await.unwrap();
    });
    let http = client();
    let answer = http.request(post(&url), &HttpLimits::default()).await;
    assert_eq!(answer.unwrap().status, 302);
    let smuggled = post(&url).with_header("Authorization", "Bearer hidden\r\nX: y");
    let error = http
        .request(smuggled, &HttpLimits::default())
        .await
        .unwrap_err();
    assert!(matches!(error, HttpError::Unusable(_)), "{error:?}");
    assert!(!error.to_string().contains("hidden"), "{error}");
}
