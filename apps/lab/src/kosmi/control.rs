//! Working the stand-in by plain HTTP: saying things as a person, reading rooms, making tokens of accounts, breaking connections.
//!
//! `POST /control/say|edit|delete|join|leave|token|troubles|drop|close|mute|remove|revoke` with JSON, `GET /control/room?room=…` and
//! `GET /control/counts`. It has no login, as nothing of the lab has.

use std::io;

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::request::Request;

use super::archive::{CHANNEL, Said};
use super::house::{Happening, House};
use super::person::Person;

/// Does what is asked.
pub(super) fn answer(request: &Request, body: &Value, house: &House) -> Answer {
    let (path, query) = request
        .target
        .split_once('?')
        .unwrap_or((&request.target, ""));
    let what = path.trim_start_matches("/control/");
    match perform(what, query, body, house) {
        Ok(Some(answer)) => Answer::new(200).json(&answer.to_string()),
        Ok(None) => Answer::new(404).text(HELP),
        Err(error) => Answer::new(400).text(&error.to_string()),
    }
}

/// What there is.
const HELP: &str = "\
POST with JSON; what is left out is empty.
  say       room, name, text, reply_to   a person says something; answers with its id
  edit      id, text
  delete    id
  join      room, name
  leave     room, name
  token     name, seconds                a token of an account
  troubles  refuse, refuse_login, ...    what goes wrong from now on; a wrong name is answered with all of them
  drop, mute, revoke                     all connections are cut, or fall silent; all tokens end
  close     code, reason                 all connections are closed
  remove    room                         all clients are put out of the room
GET
  room?room=NAME                         what was said there
  counts                                 what clients did

  curl -d '{\"room\":\"@lounge\",\"name\":\"bob\",\"text\":\"hello\"}' http://127.0.0.1:PORT/control/say
";

fn perform(what: &str, query: &str, body: &Value, house: &House) -> io::Result<Option<Value>> {
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    let done = || Ok(Some(json!({})));
    let tell = |happening| {
        house.tell(happening);
        done()
    };
    let id_of = |said: Option<Said>| Ok(said.map(|said| json!({ "id": said.id })));
    match what {
        "say" => id_of(Some(house.say(said(body))?)),
        "edit" => id_of(house.edit(text("id"), text("text"))?),
        "delete" => id_of(house.delete(text("id"))?),
        "join" | "leave" => {
            let field = if what == "join" {
                "memberJoins"
            } else {
                "memberLeaves"
            };
            house.tell_member(field, text("room"), &Person::named(text("name")));
            done()
        }
        "troubles" => {
            let mut troubles = house.troubles();
            *troubles = troubles.with(body)?;
            done()
        }
        "drop" => tell(Happening::Dropped),
        "mute" => tell(Happening::Muted),
        "remove" => {
            let room = text("room").to_owned();
            tell(Happening::Removed { room })
        }
        "close" => {
            let code = body["code"]
                .as_u64()
                .and_then(|code| u16::try_from(code).ok());
            let reason = text("reason").to_owned();
            let code = code.unwrap_or(1000);
            tell(Happening::Closed { code, reason })
        }
        "revoke" => {
            house.revoke();
            done()
        }
        "token" => {
            let life = body["seconds"].as_u64();
            let token = house.issue(&Person::named(text("name")), life);
            Ok(Some(json!({ "token": token })))
        }
        "room" => Ok(Some(room(query, house))),
        "counts" => Ok(Some(serde_json::to_value(house.counts().clone())?)),
        _ => Ok(None),
    }
}

fn said(body: &Value) -> Said {
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    Said {
        channel: body["channel"].as_str().unwrap_or(CHANNEL).to_owned(),
        reply_to: body["reply_to"].as_str().map(str::to_owned),
        ..Said::by(text("name"), text("room"), text("text"))
    }
}

/// A room's messages, the oldest first. Those by somebody with an account were said by the control.
fn room(query: &str, house: &House) -> Value {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let room = pairs.find(|(name, _)| name == "room");
    let room = room.map(|(_, value)| value).unwrap_or_default();
    let rooms = house.rooms();
    let messages: Vec<Value> = rooms
        .room(&room)
        .iter()
        .map(|said| {
            json!({
                "id": said.id,
                "text": said.body,
                "name": said.by.name,
                "user": said.by.id,
                "by_client": said.by_client,
                "reply_to": said.reply_to,
            })
        })
        .collect();
    json!({ "messages": messages })
}
