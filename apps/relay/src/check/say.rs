//! Says one line in a room, as the relay would. It must never say it twice.

use std::time::Duration;

use tokio::time::timeout;
use towpath_chat::{Author, Context, Kind, Message, compose};
use towpath_sides::{Outcome, Sending, SideSender, matterbridge};

use super::report::Step;
use crate::plan::{Member, SideKind};

/// How long the proof of one piece may take.
const PROOF_MAX: Duration = Duration::from_secs(40);

/// Says a text in a room.
pub(super) async fn say(
    kind: &dyn SideKind,
    sender: &SideSender,
    member: &Member,
    text: &str,
    now_unix_ms: i64,
) -> Step {
    let room = &member.room;
    let message = message(text, now_unix_ms);
    let context = Context {
        network: "towpath".to_owned(),
        now_unix_ms,
        ..Context::default()
    };
    let pieces = compose(&message, &member.formats, &context, &kind.rules(room));
    if pieces.is_empty() {
        return Step::not_tried("say", "its format tells nothing of what is said").of(room);
    }
    let count = pieces.len();
    let mut behind = None;
    for (number, outgoing) in pieces.into_iter().enumerate() {
        let id = format!("check-{now_unix_ms}-{number}");
        let sending = Sending {
            behind: behind.take(),
            ..Sending::new(id, room, outgoing)
        };
        match timeout(PROOF_MAX, sender.send(sending)).await {
            Ok(Outcome::Delivered { id }) => behind = id,
            Ok(Outcome::Refused { why }) => return Step::failed("say", why).of(room),
            Ok(Outcome::Later { why, uncertain, .. }) => {
                let doubt = if uncertain {
                    " (it may stand there all the same)"
                } else {
                    ""
                };
                return Step::failed("say", format!("{why}{doubt}")).of(room);
            }
            Err(_) => {
                let waited = PROOF_MAX.as_secs();
                return Step::failed("say", format!("there was no proof of it within {waited} s"))
                    .of(room);
            }
        }
    }
    let pieces = if count == 1 {
        String::new()
    } else {
        format!(" in {count} pieces")
    };
    let proof = if kind.settings().is::<matterbridge::Settings>() {
        "posted{pieces}; look whether it arrives, since Matterbridge drops what is for a gateway that it does not have, and says nothing"
    } else {
        "said{pieces}, and the other end has it"
    };
    Step::held("say", proof.replace("{pieces}", &pieces)).of(room)
}

fn message(text: &str, now_unix_ms: i64) -> Message {
    Message {
        side: "check".to_owned(),
        room: "check".to_owned(),
        id: None,
        author: Author {
            name: "towpath".to_owned(),
            ..Author::default()
        },
        kind: Kind::Text,
        text: text.to_owned(),
        at_unix_ms: now_unix_ms,
        reply_to: None,
        files: Vec::new(),
    }
}
