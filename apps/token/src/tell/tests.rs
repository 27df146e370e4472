//! What is said, with tokens from a reader that stands in for a browser.

use std::time::Duration;

use towpath_tokens::{Cache, CacheSettings, Freshness, Held, Place, ReadError, Reader};

use super::*;

/// A page that holds this.
struct Page(Result<&'static str, &'static str>);

impl Reader for Page {
    async fn read(&self, _: &Source) -> Result<Held, ReadError> {
        match self.0 {
            Ok(value) => Ok(Held {
                value: value.to_owned(),
                cookie_expires_unix_s: None,
            }),
            Err(reason) => Err(ReadError::Page(reason.to_owned())),
        }
    }
}

fn source(account: Option<&str>) -> Source {
    let place = Place::Cookie {
        name: "session".to_owned(),
    };
    Source::new(
        "https://app.example/room?code=s3cret",
        place,
        account.map(str::to_owned),
    )
    .unwrap()
}

fn cache(folder: &tempfile::TempDir) -> Cache {
    Cache::open(CacheSettings {
        folder: folder.path().join("tokens"),
        keyring: false,
    })
    .unwrap()
}

async fn read(cache: &Cache, account: Option<&str>, value: &'static str) -> Token {
    let page = Page(Ok(value));
    cache
        .get(&source(account), Freshness::Fresh, &page)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_unknown_life_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let token = read(&cache(&folder), None, "s3cret").await;
    let told = notes(&source(None), &token, SystemTime::now()).join("\n");
    assert!(
        told.contains("its life is unknown, since it is no JSON Web Token"),
        "{told}"
    );
    assert!(
        told.contains("read the cookie `session` of https://app.example"),
        "{told}"
    );
    assert!(!told.contains("s3cret"), "{told}");
    let json = token_json(&source(None), &token);
    assert_eq!(
        (&json["token"], &json["obtained"]),
        (&"s3cret".into(), &"read".into())
    );
    assert!(json["life_unknown"].is_string() && json["expires_at"].is_null());
}

#[tokio::test]
async fn a_list_holds_no_token_and_tells_of_failures() {
    let folder = tempfile::tempdir().unwrap();
    let cache = cache(&folder);
    read(&cache, None, "s3cret").await;
    let failing = Page(Err("the page did not load"));
    let mary = source(Some("mary"));
    let asked = cache.get(&mary, Freshness::Cached, &failing).await;
    asked.unwrap_err();
    let list = cache.list().await.unwrap();
    let text = listed(&list, SystemTime::now() + Duration::from_hours(1));
    for says in [
        "https://app.example\n  cookie `session`\n  read 60 minutes ago\n  life unknown",
        "https://app.example  account mary\n  cookie `session`\n  no token\n  the last reading failed, 60 minutes ago: ",
        "the page did not load",
    ] {
        assert!(text.contains(says), "{text}");
    }
    let json = listed_json(&list);
    let all = format!("{text}{json:?}");
    assert!(!all.contains("s3cret"), "{all}");
    assert_eq!(json[1]["failures"]["count"], 1);
}

#[test]
fn what_is_forgotten_is_counted() {
    for (tokens, others, expected) in [
        (0, 0, "there was nothing to forget"),
        (1, 0, "forgot 1 token"),
        (2, 1, "forgot 2 tokens and 1 entry without a token"),
        (0, 2, "forgot 2 entries without a token"),
    ] {
        assert_eq!(forgotten(Forgotten { tokens, others }), expected);
    }
}

#[test]
fn a_life_is_told_with_its_renewal() {
    let now = 1_700_000_000;
    let ends = |left: i64| Life::Ends {
        issued_unix_s: None,
        expires_unix_s: now + left,
    };
    assert_eq!(
        life(ends(864_000), Some(now + 86_400), now),
        "it lives until 2023-11-24 22:13 UTC (for 10 days) and is renewed from 2023-11-15 22:13 UTC on"
    );
    assert!(life(ends(60), Some(now), now).ends_with("; the next get renews it"));
    let schedule = ends(3_600).schedule(now);
    assert!(state(ends(3_600), schedule, now).contains("renewed from"));
    assert!(state(ends(3_600), schedule, now + 3_400).contains("due to be renewed"));
    assert!(state(ends(3_600), schedule, now + 3_600).contains("ended at"));
}
