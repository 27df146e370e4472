//! Tokens and files of their cache: any bytes are read or refused, dates stay in order, and no token is printed.

use towpath_tokens::{Life, Record, claims};

/// Reads `data` as a token, and as a file of the cache.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let read_unix_s = claims(&text)
        .and_then(|claims| claims.issued_unix_s)
        .unwrap_or(READ_UNIX_S);
    in_order(Life::of(&text, None), read_unix_s);
    in_order(Life::of(&text, Some(READ_UNIX_S)), read_unix_s);
    let Ok(record) = Record::parse(data) else {
        return;
    };
    let again = Record::parse(&record.bytes()).expect("what was written can be read");
    assert_eq!(again, record);
    let Some(kept) = &record.kept else {
        return;
    };
    in_order(kept.life, kept.read_unix_ms / 1_000);
    if let Some(token) = kept.token.as_deref().filter(|token| token.len() > SHORT) {
        assert!(!format!("{kept:?}").contains(token), "a token is printed");
    }
}

fn in_order(life: Life, read_unix_s: i64) {
    let schedule = life.schedule(read_unix_s);
    if let (Some(renewed), Some(used), Some(ends)) = (
        schedule.renew_from_unix_s,
        schedule.usable_until_unix_s,
        life.expires_unix_s(),
    ) {
        assert!(renewed <= used && used <= ends, "{schedule:?}");
    }
}

/// Some day in 2023.
const READ_UNIX_S: i64 = 1_700_000_000;

/// A shorter one may be a part of what is printed anyway.
const SHORT: usize = 24;
