//! Counts of each queue since the file was made.

use rusqlite::{Row, params};

use super::Store;
use crate::error::Error;
use crate::item::{QueueLine, Reason, Target};

impl Store {
    pub(super) fn count_given_up(&self, target: i64, reason: Reason) -> Result<(), Error> {
        self.database
            .prepare_cached(
                "INSERT INTO given_up (target, reason, messages) VALUES (?1, ?2, 1)
                 ON CONFLICT (target, reason) DO UPDATE SET messages = messages + 1",
            )?
            .execute(params![target, reason.as_str()])?;
        Ok(())
    }

    pub(crate) fn counts(&mut self) -> Result<Vec<QueueLine>, Error> {
        let mut lines: Vec<(i64, QueueLine)> = self
            .database
            .prepare_cached(
                "SELECT key, link, side, room, waiting, delivered, uncertain,
                 (SELECT since_ms FROM deliveries JOIN messages ON messages.key = message
                  WHERE target = targets.key ORDER BY deliveries.key LIMIT 1) AS oldest_ms
                 FROM targets ORDER BY link, side, room",
            )?
            .query_map([], |row| {
                let target = Target {
                    link: row.get("link")?,
                    side: row.get("side")?,
                    room: row.get("room")?,
                };
                let line = QueueLine {
                    target,
                    waiting: unsigned(row, "waiting")?,
                    oldest_unix_ms: row.get("oldest_ms")?,
                    delivered: unsigned(row, "delivered")?,
                    uncertain: unsigned(row, "uncertain")?,
                    given_up: [].into(),
                };
                Ok((row.get("key")?, line))
            })?
            .collect::<Result<_, _>>()?;
        let mut select = self
            .database
            .prepare_cached("SELECT reason, messages FROM given_up WHERE target = ?1")?;
        for (key, line) in &mut lines {
            let mut rows = select.query([*key])?;
            while let Some(row) = rows.next()? {
                let name: String = row.get(0)?;
                if let Some(reason) = Reason::from_name(&name) {
                    line.given_up.insert(reason, unsigned(row, "messages")?);
                }
            }
        }
        Ok(lines.into_iter().map(|(_, line)| line).collect())
    }
}

/// Counts never fall below nothing; `SQLite` knows signed numbers only.
fn unsigned(row: &Row<'_>, column: &str) -> Result<u64, rusqlite::Error> {
    let number: i64 = row.get(column)?;
    Ok(u64::try_from(number).unwrap_or_default())
}
