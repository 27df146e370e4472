//! The cache with its real reader: a browser visits pages of a small server.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use towpath_browser::{BrowserOptions, BrowserProxy};
use towpath_tokens::{
    BrowserReader, Cache, CacheSettings, Freshness, Life, Place, Source, Token, TokenError, Unknown,
};

/// Serves pages until the test ends; gives the port.
fn served() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let port = listener.local_addr().expect("it is bound").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A browser opens connections ahead; none may hold up the others.
            std::thread::spawn(move || answer(&stream, port));
        }
    });
    port
}

fn answer(mut stream: &TcpStream, port: u16) -> Option<()> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let request = lines.next()?;
    lines.take_while(|line| !line.is_empty()).for_each(drop);
    let path = request.split(' ').nth(1)?;
    let (status, header) = match path {
        "/leads-away" => ("302 Found", format!("Location: http://localhost:{port}/")),
        _ => (
            "200 OK",
            "Set-Cookie: session=of-the-server; HttpOnly; Max-Age=600".to_owned(),
        ),
    };
    let length = PAGE.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\n{header}\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{PAGE}"
    )
    .ok()
}

/// Its script logs in a moment later, and stores what it got as applications do.
const PAGE: &str = r#"<!doctype html><title>application</title><script>
setTimeout(() => {
    localStorage.setItem("auth", JSON.stringify({ user: "mary", access_token: "of-the-script" }));
}, 300);
</script>"#;

async fn got(folder: &tempfile::TempDir, page: &str, place: Place) -> Result<Token, TokenError> {
    let cache = Cache::open(CacheSettings {
        folder: folder.path().join("tokens"),
        keyring: false,
    })?;
    let mut reader = BrowserReader::new(BrowserOptions {
        proxy: BrowserProxy::Direct,
        launch_timeout: Duration::from_mins(1),
        ..BrowserOptions::default()
    });
    reader.patience = Duration::from_secs(5);
    cache
        .get(&Source::new(page, place, None)?, Freshness::Cached, &reader)
        .await
}

fn stored(pointer: Option<&str>) -> Place {
    Place::LocalStorage {
        key: "auth".to_owned(),
        pointer: pointer.map(str::to_owned),
    }
}

fn told(error: &TokenError) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    format!("{error}: {}", cause.unwrap_or_default())
}

#[tokio::test]
async fn a_browser_reads_what_the_script_stored_and_what_scripts_cannot_see() {
    let folder = tempfile::tempdir().unwrap();
    let page = format!("http://127.0.0.1:{}/", served());
    let token = got(&folder, &page, stored(Some("/access_token")))
        .await
        .unwrap();
    assert_eq!(token.value(), "of-the-script");
    assert_eq!(token.life(), Life::Unknown(Unknown::NotReadable));
    let cookie = Place::Cookie {
        name: "session".to_owned(),
    };
    let token = got(&folder, &page, cookie).await.unwrap();
    assert_eq!(token.value(), "of-the-server");
    let left = token
        .expires()
        .unwrap()
        .duration_since(token.read())
        .unwrap();
    assert!((590..=600).contains(&left.as_secs()), "{left:?}");
}

#[tokio::test]
async fn a_browser_that_finds_something_else_names_it_without_its_values() {
    let folder = tempfile::tempdir().unwrap();
    let page = format!("http://127.0.0.1:{}/", served());
    let error = got(&folder, &page, stored(None)).await.unwrap_err();
    let told = told(&error);
    assert!(told.contains("members `access_token`, `user`"), "{told}");
    assert!(!told.contains("of-the-script"), "{told}");
}

#[tokio::test]
async fn a_browser_that_is_led_to_another_origin_takes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let port = served();
    let page = format!("http://127.0.0.1:{port}/leads-away");
    let error = got(&folder, &page, stored(Some("/access_token")))
        .await
        .unwrap_err();
    let told = told(&error);
    assert!(
        told.contains(&format!("http://localhost:{port}/")),
        "{told}"
    );
    assert!(!told.contains("of-the-script"), "{told}");
}
