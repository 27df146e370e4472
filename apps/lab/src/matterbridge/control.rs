//! Working the stand-in by plain HTTP: saying things on the gateways' other networks, reading gateways, breaking websockets.
//!
//! `POST /control/say|troubles|drop|close|mute` with JSON, `GET /control/room?room=…` and `GET /control/counts`. `say` takes `room`,
//! `name` and `text`, and any field of a message of the API besides; it answers how many websockets were told. It has no login, as
//! nothing of the lab has.

use std::io;

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::request::Request;

use super::hub::{Happening, Hub, now};

/// Does what is asked.
pub(super) fn answer(request: &Request, body: &Value, hub: &Hub) -> Answer {
    let (path, query) = request
        .target
        .split_once('?')
        .unwrap_or((&request.target, ""));
    let what = path.trim_start_matches("/control/");
    match perform(what, query, body, hub) {
        Ok(Some(answer)) => Answer::new(200).json(&answer.to_string()),
        Ok(None) => Answer::new(404).text(HELP),
        Err(error) => Answer::new(400).text(&error.to_string()),
    }
}

/// What there is.
const HELP: &str = "\
POST with JSON; what is left out is empty.
  say       room, name, text             somebody of another network says something in a gateway
  troubles  refuse, no_greeting, ...     what goes wrong from now on; a wrong name is answered with all of them
  drop, mute                             all websockets are cut, or fall silent
  close     code, reason                 all websockets are closed
GET
  room?room=NAME                         what was said in a gateway
  counts                                 what clients did

  curl -d '{\"room\":\"lounge\",\"name\":\"ann\",\"text\":\"hello\"}' http://127.0.0.1:PORT/control/say
";

fn perform(what: &str, query: &str, body: &Value, hub: &Hub) -> io::Result<Option<Value>> {
    let tell = |happening| Ok(Some(json!({ "clients": hub.tell(happening) })));
    match what {
        "say" => {
            let clients = hub.said_elsewhere(&message(body))?;
            Ok(Some(json!({ "clients": clients })))
        }
        "troubles" => {
            let mut troubles = hub.troubles();
            *troubles = troubles.with(body)?;
            Ok(Some(json!({})))
        }
        "drop" => tell(Happening::Dropped),
        "mute" => tell(Happening::Muted),
        "close" => {
            let code = body["code"]
                .as_u64()
                .and_then(|code| u16::try_from(code).ok());
            tell(Happening::Closed {
                code: code.unwrap_or(1000),
                reason: body["reason"].as_str().unwrap_or_default().to_owned(),
            })
        }
        "room" => Ok(Some(room(query, hub))),
        "counts" => Ok(Some(serde_json::to_value(hub.counts().clone())?)),
        _ => Ok(None),
    }
}

/// A message as a gateway hands it to the API: everything is of the network that it comes from.
fn message(body: &Value) -> Value {
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    let name = text("name");
    let mut message = json!({
        "text": text("text"), "channel": "#stand-in", "username": name, "userid": name, "avatar": "",
        "account": "irc.stand-in", "event": "", "protocol": "irc", "gateway": text("room"),
        "parent_id": "", "timestamp": now(), "id": "", "Extra": null,
    });
    if let (Some(message), Some(body)) = (message.as_object_mut(), body.as_object()) {
        let known = |name: &&String| message.contains_key(name.as_str());
        let given: Vec<String> = body.keys().filter(known).cloned().collect();
        for name in given {
            message.insert(name.clone(), body[&name].clone());
        }
    }
    message
}

/// A gateway's messages, the oldest first, whichever side said them.
fn room(query: &str, hub: &Hub) -> Value {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let room = pairs.find(|(name, _)| name == "room");
    let room = room.map(|(_, value)| value).unwrap_or_default();
    let archive = hub.archive();
    let messages: Vec<Value> = archive
        .room(&room)
        .map(|said| {
            json!({
                "text": said.text("text"), "name": said.text("username"), "user": said.text("userid"),
                "event": said.text("event"), "avatar": said.text("avatar"), "by_client": said.by_client,
            })
        })
        .collect();
    json!({ "messages": messages })
}
