//! Values read from pages: where they appear late, in workers, out of reach of scripts, or not at all.

use std::time::{Duration, SystemTime};

use towpath_browser::{
    BrowserOptions, DEFAULT_POINTER, ReadError, ReadRequest, Reading, Wanted, read,
};

use crate::running::Running;
use crate::site::{Entry, Site, page, script};
use crate::support::options;

const SITE: &[Entry] = &[
    page("/", "<title>home</title>"),
    page(
        "/late",
        "<script>setTimeout(() => localStorage.setItem('token', 'late-secret'), 1500)</script>",
    ),
    page(
        "/session",
        "<script>sessionStorage.setItem('auth', 's-secret'); localStorage.setItem('theme', 'v-1')</script>",
    ),
    page(
        "/wrapped",
        "<script>localStorage.setItem('token', 'kept'); Storage.prototype.getItem = () => 'forged'</script>",
    ),
    page(
        "/cookie",
        "<script>document.cookie = 'pass=c-secret; max-age=3600'</script>",
    ),
    Entry {
        path: "/hidden-cookie",
        status: 200,
        headers: "Content-Type: text/html\r\nSet-Cookie: sid=h-secret; HttpOnly\r\n",
        body: "",
    },
    page(
        "/socket",
        "<script>setTimeout(() => { const socket = new WebSocket(`ws://${location.host}/s`); socket.onopen = () => \
         socket.send(JSON.stringify({ type: 'connection_init', payload: { pad: 'x'.repeat(9000), token: 'm-secret' } })) }, \
         2000)</script>",
    ),
    page("/dedicated", "<script>new Worker('/worker.js')</script>"),
    page("/shared", "<script>new SharedWorker('/worker.js')</script>"),
    page(
        "/service",
        "<script>navigator.serviceWorker.register('/worker.js')</script>",
    ),
    page(
        "/frame",
        "<script>document.write(`<iframe src='http://localhost:${location.port}/dedicated'></iframe>`)</script>",
    ),
    page(
        "/account",
        "<script>localStorage.token ??= `visit-${Date.now()}`</script>",
    ),
    page(
        "/elsewhere",
        "<script>localStorage.setItem('token', 'of-elsewhere'); \
         setTimeout(() => location.replace(location.search.slice(1)), 1500)</script>",
    ),
    page(
        "/log-in",
        "<script>if (location.search === '?back') localStorage.setItem('token', 'of-here'); \
         else location.replace(`http://localhost:${location.port}/elsewhere?${location.origin}/log-in?back`)</script>",
    ),
    script(
        "/worker.js",
        "const socket = new WebSocket(`ws://${location.host}/w`); \
         socket.onopen = () => socket.send('{\"type\":\"connection_init\",\"payload\":{\"token\":\"w-secret\"}}')",
    ),
    Entry {
        path: "/challenge",
        status: 403,
        headers: "Content-Type: text/html\r\ncf-mitigated: challenge\r\n",
        body: "<title>Just a moment...</title><script>setTimeout(() => localStorage.token = 'x', 2000)</script>",
    },
    Entry {
        path: "/puzzle",
        status: 200,
        headers: "Content-Type: text/html\r\n",
        body: "<script src=/.within.website/x/cmd/anubis/main.mjs></script>",
    },
];

async fn read_at(site: &Site, path: &str, wanted: Wanted) -> Result<Reading, ReadError> {
    read(&options(), &ReadRequest::new(site.url(path), wanted)).await
}

async fn failure(site: &Site, path: &str, wanted: Wanted) -> String {
    let request = ReadRequest {
        patience: Duration::from_secs(5),
        ..ReadRequest::new(site.url(path), wanted)
    };
    let error = read(&options(), &request).await.expect_err("nothing there");
    error.to_string()
}

fn message() -> Wanted {
    Wanted::FirstMessage {
        pointer: DEFAULT_POINTER.into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_a_script_sets_late_is_read_and_never_printed() {
    let site = Site::start(SITE).await;
    let wanted = Wanted::LocalStorage("token".into());
    let reading = read_at(&site, "/late?query", wanted).await.expect("token");
    assert_eq!(reading.value(), "late-secret");
    assert_eq!(reading.page, site.url("/late"));
    assert!(
        !format!("{reading:?}").contains("late-secret"),
        "{reading:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_replaces_the_storages_methods_changes_nothing() {
    let site = Site::start(SITE).await;
    let wanted = Wanted::LocalStorage("token".into());
    let reading = read_at(&site, "/wrapped", wanted).await.expect("token");
    assert_eq!(reading.value(), "kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_key_is_read_and_an_absent_one_names_those_there() {
    let site = Site::start(SITE).await;
    let auth = || "auth".to_owned();
    let reading = read_at(&site, "/session", Wanted::SessionStorage(auth())).await;
    assert_eq!(reading.expect("key").value(), "s-secret");
    let words = failure(&site, "/session", Wanted::LocalStorage(auth())).await;
    assert!(words.contains("localStorage has \"theme\""), "{words}");
    assert!(
        words.contains("sessionStorage has a key of that name"),
        "{words}"
    );
    assert!(
        !words.contains("secret") && !words.contains("v-1"),
        "{words}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_are_read_with_their_end_and_also_where_scripts_cannot_see_them() {
    let site = Site::start(SITE).await;
    let pass = read_at(&site, "/cookie", Wanted::Cookie("pass".into()))
        .await
        .expect("cookie");
    assert_eq!(pass.value(), "c-secret");
    let left = pass
        .expires
        .expect("end")
        .duration_since(SystemTime::now())
        .expect("future");
    assert!(left > Duration::from_mins(50), "{left:?}");
    let sid = read_at(&site, "/hidden-cookie", Wanted::Cookie("sid".into()))
        .await
        .expect("cookie");
    assert_eq!((sid.value(), sid.expires), ("h-secret", None));
    let words = failure(&site, "/hidden-cookie", Wanted::Cookie("token".into())).await;
    assert!(
        words.contains("its cookies are") && words.contains("\"sid\""),
        "{words}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_message_of_a_late_socket_is_read_whole() {
    let site = Site::start(SITE).await;
    let reading = read_at(&site, "/socket", message()).await.expect("token");
    assert_eq!(reading.value(), "m-secret");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_without_the_field_names_the_fields_it_has() {
    let site = Site::start(SITE).await;
    let pointer = "/payload/authToken".to_owned();
    let words = failure(&site, "/socket", Wanted::FirstMessage { pointer }).await;
    assert!(words.contains("\"/payload/token\""), "{words}");
    assert!(!words.contains("m-secret"), "{words}");
    let words = failure(&site, "/", message()).await;
    assert!(words.contains("it opened no WebSocket"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_of_workers_are_heard() {
    let site = Site::start(SITE).await;
    for path in ["/shared", "/dedicated", "/service"] {
        let reading = read_at(&site, path, message()).await;
        assert_eq!(reading.expect(path).value(), "w-secret");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_page_is_reported_with_the_remedy_and_not_waited_out() {
    let site = Site::start(SITE).await;
    for (path, vendor) in [("/challenge", "Cloudflare"), ("/puzzle", "Anubis")] {
        let wanted = Wanted::LocalStorage("token".into());
        let request = ReadRequest {
            // Nobody waits for the end of it.
            patience: Duration::from_hours(1),
            ..ReadRequest::new(site.url(path), wanted)
        };
        let error = read(&options(), &request).await.expect_err("no token");
        let ReadError::Challenge {
            challenge, remedy, ..
        } = &error
        else {
            panic!("{error}");
        };
        assert_eq!(challenge.vendor, vendor);
        assert!(remedy.contains("Exempt"), "{remedy}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_does_not_load_is_told_in_the_browsers_words() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("bind");
    let address = closed.local_addr().expect("address");
    drop(closed);
    let wanted = Wanted::LocalStorage("token".into());
    let request = ReadRequest::new(format!("http://{address}/p?secret=1"), wanted);
    let error = read(&options(), &request).await.expect_err("no page");
    let words = error.to_string();
    assert!(words.contains("ERR_CONNECTION_REFUSED"), "{words}");
    assert!(!words.contains("secret"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_origin_holds_on_the_way_to_a_log_in_is_not_taken() {
    let site = Site::start(SITE).await;
    let token = Wanted::LocalStorage("token".into());
    let reading = read_at(&site, "/log-in", token.clone()).await;
    assert_eq!(reading.expect("token").value(), "of-here");
    let to_nowhere = format!(
        "/elsewhere?http://localhost:{}/elsewhere",
        site.address.port()
    );
    let words = failure(&site, &to_nowhere, Wanted::LocalStorage("other".into())).await;
    assert!(words.contains("led there from"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_browser_reads_with_its_own_log_in_and_is_left_as_it_was() {
    let site = Site::start(SITE).await;
    let running = Running::start("read").await;
    let attached = BrowserOptions {
        attach: Some(running.address.clone()),
        ..options()
    };
    let mut values = Vec::new();
    for _ in 0..2 {
        let token = Wanted::LocalStorage("token".into());
        let request = ReadRequest::new(site.url("/account"), token);
        let reading = read(&attached, &request).await.expect("token");
        assert_eq!(reading.browser.program, None);
        values.push(reading.into_value());
    }
    assert_eq!(
        values[0], values[1],
        "the second visit found what the first one left"
    );
    for path in ["/shared", "/dedicated"] {
        let reading = read(&attached, &ReadRequest::new(site.url(path), message())).await;
        assert_eq!(reading.expect(path).value(), "w-secret");
    }
    assert_eq!(running.pages().await, ["about:blank"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_frame_of_another_origin_sends_is_not_taken() {
    let site = Site::start(SITE).await;
    let words = failure(&site, "/frame", message()).await;
    assert!(words.contains("only frames of other origins"), "{words}");
    assert!(words.contains("\"localhost\""), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_crashes_is_told_at_once() {
    let site = Site::start(SITE).await;
    let request = ReadRequest {
        // Nobody waits for the end of it.
        patience: Duration::from_hours(1),
        ..ReadRequest::new(site.url("/"), Wanted::LocalStorage("token".into()))
    };
    let running = Running::start("crash").await;
    let attached = BrowserOptions {
        attach: Some(running.address.clone()),
        ..options()
    };
    let reading = read(&attached, &request);
    // Again and again: a process that is ended before it holds the page is replaced, and nothing has crashed.
    let crashes = async {
        loop {
            if site.head_of("GET / ").is_some() {
                running.kill_renderers();
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    let error = tokio::select! {
        error = reading => error,
        never = crashes => never,
    };
    let error = error.expect_err("no token");
    assert!(error.to_string().contains("crashed"), "{error}");
}
