//! What is said of tokens, to people and to programs. Only [`token_json`] holds one, where that was asked for.

use std::fmt::Write as _;
use std::time::SystemTime;

use serde_json::{Value, json};
use towpath_tokens::limits::SKEW;
use towpath_tokens::{Entry, Forgotten, Life, List, Obtained, Record, Schedule, Source, Token};

use crate::date::{ago, shown, span, unix_s, written};

/// Lines about a token that was got, for standard error: how it was come by, how long it lives, what is odd.
pub fn notes(source: &Source, token: &Token, now: SystemTime) -> Vec<String> {
    let now = unix_s(now);
    let age = ago(now - unix_s(token.read()));
    let mut lines = match token.obtained() {
        Obtained::Read => vec![format!("read the {source}")],
        Obtained::Cached => vec![format!("from the cache: the {source}, read {age}")],
        Obtained::KeptMeanwhile => vec![format!(
            "from the cache: the {source}, read {age}; another process is renewing it"
        )],
        Obtained::KeptAfterFailure { reason } => vec![
            format!("from the cache: the {source}, read {age}"),
            format!("it is time to renew it, which failed: {reason}"),
        ],
    };
    let renewal = token.renewal().map(unix_s);
    lines.push(life(token.life(), renewal, now));
    if let Life::Ends {
        issued_unix_s: Some(issued),
        ..
    } = token.life()
        && issued > unix_s(token.read()) + i64::try_from(SKEW.as_secs()).unwrap_or(0)
    {
        lines.push(format!(
            "it says that it was issued at {}, after it was read: this machine's clock is probably slow",
            shown(issued)
        ));
    }
    lines
}

fn life(life: Life, renewal: Option<i64>, now: i64) -> String {
    match (life, renewal) {
        (Life::Unknown(unknown), _) => format!(
            "its life is unknown, since {}; it is used until it is refused (--fresh reads another)",
            unknown.words()
        ),
        (Life::Ends { expires_unix_s, .. }, renewal) => {
            let mut line = format!(
                "it lives until {} (for {})",
                shown(expires_unix_s),
                span(expires_unix_s - now)
            );
            match renewal {
                Some(renewal) if renewal > now => {
                    write!(line, " and is renewed from {} on", shown(renewal))
                }
                Some(_) => write!(line, "; the next get renews it"),
                None => Ok(()),
            }
            .expect("text can always be written");
            line
        }
    }
}

/// A token with all that is known of it. It holds the token.
pub fn token_json(source: &Source, token: &Token) -> Value {
    let mut told = json!({
        "token": token.value(),
        "origin": source.origin(),
        "page": source.shown_page(),
        "place": source.place(),
        "account": source.account(),
        "read_at": written(unix_s(token.read())),
    });
    let renewal = token.renewal().map(unix_s);
    life_json(&mut told, token.life(), renewal);
    let (obtained, reason) = match token.obtained() {
        Obtained::Read => ("read", None),
        Obtained::Cached => ("cached", None),
        Obtained::KeptMeanwhile => ("kept-while-another-renews", None),
        Obtained::KeptAfterFailure { reason } => ("kept-after-failure", Some(reason)),
    };
    told["obtained"] = obtained.into();
    if let Some(reason) = reason {
        told["failure"] = reason.as_str().into();
    }
    told
}

fn life_json(told: &mut Value, life: Life, renewal: Option<i64>) {
    match life {
        Life::Ends {
            issued_unix_s,
            expires_unix_s,
        } => {
            told["issued_at"] = issued_unix_s.map(written).into();
            told["expires_at"] = written(expires_unix_s).into();
            told["renewed_from"] = renewal.map(written).into();
        }
        Life::Unknown(unknown) => told["life_unknown"] = unknown.words().into(),
    }
}

/// What is kept, for a person.
pub fn listed(list: &List, now: SystemTime) -> String {
    let now = unix_s(now);
    let mut text = String::new();
    for entry in &list.entries {
        let Record {
            origin,
            place,
            account,
            kept,
            trouble,
            ..
        } = &entry.record;
        let account = account.as_deref().map(|name| format!("  account {name}"));
        let mut lines = vec![format!("{origin}{}", account.unwrap_or_default())];
        lines.push(format!("  {place}"));
        if let Some(kept) = kept {
            let read = kept.read_unix_ms / 1_000;
            let keyring = if entry.in_keyring {
                ", in the keyring"
            } else {
                ""
            };
            lines.push(format!("  read {}{keyring}", ago(now - read)));
            lines.push(format!("  {}", state(kept.life, entry.schedule, now)));
        } else {
            lines.push("  no token".to_owned());
        }
        if let Some(trouble) = trouble {
            let times = match trouble.count {
                1 => String::new(),
                count => format!(" {count} times"),
            };
            let ago = ago(now - trouble.last_unix_ms / 1_000);
            lines.push(format!(
                "  the last reading failed{times}, {ago}: {}",
                trouble.reason
            ));
        }
        for line in lines {
            text.push_str(&line);
            text.push('\n');
        }
    }
    text
}

fn state(life: Life, schedule: Schedule, now: i64) -> String {
    match life {
        Life::Unknown(unknown) => format!(
            "life unknown, since {}; used until it is refused",
            unknown.words()
        ),
        Life::Ends { expires_unix_s, .. } if !schedule.usable(now) => {
            format!(
                "ended at {}; the next get reads another",
                shown(expires_unix_s)
            )
        }
        Life::Ends { expires_unix_s, .. } => {
            let ends = shown(expires_unix_s);
            match schedule.renew_from_unix_s.filter(|renewal| *renewal > now) {
                Some(renewal) => format!("lives until {ends}, renewed from {} on", shown(renewal)),
                None => format!("lives until {ends}, due to be renewed"),
            }
        }
    }
}

/// What was forgotten, for a person.
pub fn forgotten(forgotten: Forgotten) -> String {
    let counted = |count: usize, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    };
    let Forgotten { tokens, others } = forgotten;
    let tokens_counted = counted(tokens, "token", "tokens");
    let others_counted = counted(others, "entry without a token", "entries without a token");
    match (tokens, others) {
        (0, 0) => "there was nothing to forget".to_owned(),
        (_, 0) => format!("forgot {tokens_counted}"),
        (0, _) => format!("forgot {others_counted}"),
        _ => format!("forgot {tokens_counted} and {others_counted}"),
    }
}

/// What is kept, for programs: one object for each entry, without tokens.
pub fn listed_json(list: &List) -> Vec<Value> {
    list.entries.iter().map(entry_json).collect()
}

fn entry_json(entry: &Entry) -> Value {
    let record = &entry.record;
    let mut told = json!({
        "origin": record.origin,
        "page": record.page,
        "place": record.place,
        "account": record.account,
        "in_keyring": entry.in_keyring,
    });
    if let Some(kept) = &record.kept {
        told["read_at"] = written(kept.read_unix_ms / 1_000).into();
        life_json(&mut told, kept.life, entry.schedule.renew_from_unix_s);
    }
    if let Some(trouble) = &record.trouble {
        told["failures"] = json!({
            "count": trouble.count,
            "last_at": written(trouble.last_unix_ms / 1_000),
            "reason": trouble.reason,
        });
    }
    told
}

#[cfg(test)]
mod tests;
