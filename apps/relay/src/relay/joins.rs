//! Has a side be in its rooms, each from where it was read to last time.

use std::collections::BTreeSet;
use std::time::Duration;

use towpath_outbox::Room;
use towpath_sides::{Join, Mark};

use super::Inner;
use super::running::RunningSide;
use crate::clock::{millis, now_unix_ms};
use crate::plan::Plan;

impl Inner {
    /// Says no where the store does not say from where: then the others would wait as long, each.
    pub(super) async fn join(
        &self,
        name: &str,
        side: &mut RunningSide,
        rooms: BTreeSet<String>,
        plan: &Plan,
    ) -> bool {
        let routes = self.shared.routes();
        for room in rooms {
            if side.rooms.contains(&room) {
                continue;
            }
            let place = Room {
                side: name.to_owned(),
                room: room.clone(),
            };
            let reads = routes.rooms().get(&place).copied().unwrap_or_default();
            let since = if reads {
                // Entered without its mark, it would leave out in silence what was said meanwhile.
                match self.since(&place, plan.replay_at_first_start).await {
                    Some(since) => since,
                    None => return false,
                }
            } else {
                None
            };
            side.rooms.insert(room.clone());
            side.sender.join(Join { room, since }).await;
        }
        true
    }

    /// Where the room was read to. Before the first time that is now, or as far back as the operator wants. Nothing where the store does
    /// not say.
    async fn since(&self, place: &Room, replay_at_first_start: Duration) -> Option<Option<Mark>> {
        let outbox = &self.shared.outbox;
        let mark = self.shared.read_soon(|| outbox.mark(place)).await?;
        if let Some(mark) = mark {
            return Some(Some(Mark {
                id: mark.id,
                at_unix_ms: mark.at_unix_ms,
            }));
        }
        let at_unix_ms = now_unix_ms().saturating_sub(millis(replay_at_first_start));
        self.shared
            .kept_soon(|| outbox.begin_room(place, at_unix_ms))
            .await;
        // Without a mark the other end's clock decides what "now" is.
        Some((!replay_at_first_start.is_zero()).then_some(Mark {
            id: None,
            at_unix_ms,
        }))
    }
}
