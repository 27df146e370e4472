//! Who may ask, what, and how often.

use crate::client::{Socket, ask, attempt, begin, gateway, get, handshake, head, post};

#[tokio::test]
async fn without_a_check_page_there_is_nothing() {
    let (_running, address) = gateway(|settings| {
        settings.reports.check_page = false;
    })
    .await;
    for name in [
        "check",
        "style/base.css",
        "probe/begin",
        "probe/fetch?attempt=4f9k2m",
    ] {
        for method in ["GET", "POST"] {
            let more = "Content-Length: 0\r\n";
            let target = format!("/.towpath/{name}");
            let answer = ask(address, head(method, &target, address, more)).await;
            assert_eq!(answer.status, 404, "{method} {name}");
        }
    }
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let (_running, address) = gateway(|_| {}).await;
    let attempt = attempt(address).await;
    let evil = "Origin: https://evil.test\r\nContent-Length: 0\r\n";
    for (method, name) in [
        ("POST", "begin"),
        ("GET", "fetch"),
        ("POST", "post"),
        ("GET", "sse"),
    ] {
        let target = format!("/.towpath/probe/{name}?attempt={attempt}");
        let answer = ask(address, head(method, &target, address, evil)).await;
        assert_eq!(answer.status, 403, "{name}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    let request = handshake(
        address,
        &format!("attempt={attempt}"),
        "Connection: close\r\n",
    );
    let own = format!("Origin: http://{address}");
    let answer = ask(address, request.replace(&own, "Origin: https://evil.test")).await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn a_page_s_own_gets_need_no_origin_where_programs_are_not_allowed() {
    let (_running, address) = gateway(|settings| {
        settings.origins.without_origin = false;
    })
    .await;
    let bare = head(
        "POST",
        "/.towpath/probe/begin",
        address,
        "Content-Length: 0\r\n",
    );
    assert_eq!(ask(address, bare).await.status, 403);
    let attempt = attempt(address).await;
    let fetched = get(address, &format!("fetch?attempt={attempt}")).await;
    assert_eq!(fetched.status, 200, "{fetched:?}");
}

#[tokio::test]
async fn hostile_questions_get_short_answers() {
    let (_running, address) = gateway(|_| {}).await;
    let attempt = attempt(address).await;
    for (probe, status) in [
        ("fetch", 400),
        ("fetch?attempt=", 400),
        ("fetch?attempt=%00%00%00%00%00%00", 400),
        ("fetch?attempt=<script>", 400),
        ("fetch?attempt=zzzzzzzzzzzz", 404),
        ("nothing?attempt=ATTEMPT", 404),
        ("stream?attempt=ATTEMPT&count=18446744073709551616", 400),
        ("stream?attempt=ATTEMPT&count=64&beat=5000", 400),
        (
            "stream?attempt=ATTEMPT&count=2&idle=99999999999999999999",
            400,
        ),
        ("sse?attempt=ATTEMPT&beat=-1", 400),
        ("poll?attempt=ATTEMPT&wait=60001", 400),
        ("poll?attempt=ATTEMPT&wait=NaN", 400),
        ("websocket?attempt=ATTEMPT", 426),
        ("websocket?attempt=ATTEMPT&mode=shout", 400),
        ("begin", 405),
        ("post?attempt=ATTEMPT", 405),
    ] {
        let probe = probe.replace("ATTEMPT", &attempt);
        let answer = get(address, &probe).await;
        assert_eq!(answer.status, status, "{probe}: {answer:?}");
        assert!(answer.body.len() < 100, "{answer:?}");
        assert!(!answer.body.contains("<script>"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_run_holds_twelve_at_a_time_and_makes_a_hundred_and_twenty() {
    let (_running, address) = gateway(|_| {}).await;
    let attempt = attempt(address).await;
    let query = format!("attempt={attempt}&mode=first");
    let mut held = Vec::new();
    for _ in 0..12 {
        let mut socket = Socket::open(address, &query).await;
        assert_eq!(socket.text().await, "hello");
        held.push(socket);
    }
    let fetch = format!("fetch?attempt={attempt}");
    let full = get(address, &fetch).await;
    assert_eq!(
        (full.status, &*full.body),
        (429, "limit reached: check_open_per_run\n")
    );
    let mut last = held.pop().unwrap();
    last.frame(towpath_websocket::FrameHeader::close(0), &[])
        .await;
    assert_eq!(last.closed().await, None);
    drop(last);
    // The place is free when the gateway has seen the end, which is soon.
    while get(address, &fetch).await.status != 200 {}
    let refused = loop {
        let answer = get(address, &fetch).await;
        if answer.status != 200 {
            break answer;
        }
    };
    assert_eq!(
        (refused.status, &*refused.body),
        (429, "limit reached: check_requests_per_run\n")
    );
    let other = begin(address).await["attempt"].as_str().unwrap().to_owned();
    assert_eq!(
        get(address, &format!("fetch?attempt={other}")).await.status,
        200
    );
}

#[tokio::test]
async fn an_address_begins_as_many_runs_a_minute_as_it_may_report() {
    let (_running, address) = gateway(|settings| settings.reports.per_minute = 2).await;
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(post(address, "begin", "{}").await);
    }
    let last = answers.pop().unwrap();
    assert!(
        answers.iter().all(|answer| answer.status == 200),
        "{answers:?}"
    );
    assert_eq!(
        (last.status, &*last.body),
        (429, "limit reached: reports.per_minute\n")
    );
    let wait: u64 = last.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
}
