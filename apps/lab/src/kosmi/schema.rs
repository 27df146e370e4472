//! What can be asked: the fields of each type, whether a selection fits them, and the answer cut to the selection.
//!
//! Names that the notes do not give are guesses, marked so.

use serde_json::{Map, Value};

use super::document::{Argument, Field, Operation};

/// A field with its arguments and the type of its answer.
struct Root {
    kind: &'static str,
    name: &'static str,
    /// Those that end with `!` must be given.
    arguments: &'static [&'static str],
    answer: &'static str,
}

const fn root(
    kind: &'static str,
    name: &'static str,
    arguments: &'static [&'static str],
    answer: &'static str,
) -> Root {
    Root {
        kind,
        name,
        arguments,
        answer,
    }
}

const ROOTS: &[Root] = &[
    root("query", "currentUser", &[], "CurrentUser"),
    root(
        "query",
        "chatArchive",
        &["roomId!", "channelId!", "cursor"],
        "ChatArchive",
    ),
    root(
        "mutation",
        "joinRoom",
        &["id!", "disconnectOtherConnections"],
        "Ok",
    ),
    root("mutation", "sendMessage", SENDING, "Ok"),
    // A guess: that the root field may be named as the operation is.
    root("mutation", "sendMessage2", SENDING, "Ok"),
    root(
        "subscription",
        "newMessage",
        &["roomId!", "channelId!"],
        "Message",
    ),
    // Guesses, as are the names and arguments of the two below them.
    root(
        "subscription",
        "messageEdited",
        &["roomId!", "channelId"],
        "Message",
    ),
    root(
        "subscription",
        "messageDeleted",
        &["roomId!", "channelId"],
        "Message",
    ),
    root("subscription", "memberJoins", &["roomId", "id"], "Member"),
    root("subscription", "memberLeaves", &["roomId", "id"], "Member"),
    root("subscription", "roomDisconnect", &["id!"], "Ok"),
];

const SENDING: &[&str] = &["body!", "roomId!", "channelId", "replyToMessageId"];

/// The fields of each type. Whatever has no entry is a leaf.
const TYPES: &[(&str, &[(&str, &str)])] = &[
    ("Ok", &[("ok", "")]),
    ("User", USER),
    (
        "CurrentUser",
        // That the user is there twice is a guess.
        &[
            ("id", ""),
            ("displayName", ""),
            ("username", ""),
            ("isAnonymous", ""),
            ("avatarUrl", ""),
            ("connectionId", ""),
            ("user", "User"),
        ],
    ),
    ("Member", &[("id", ""), ("role", ""), ("user", "User")]),
    (
        "ChatArchive",
        &[
            ("forwardCursor", ""),
            ("backCursor", ""),
            ("results", "Message"),
        ],
    ),
    (
        "Message",
        &[
            ("id", ""),
            ("body", ""),
            ("time", ""),
            ("user", "User"),
            ("member", "Member"),
            ("reactions", ""),
            ("channelId", ""),
            ("roomId", ""),
            ("replyToMessageId", ""),
            ("editedAt", ""),
        ],
    ),
];

const USER: &[(&str, &str)] = &[
    ("id", ""),
    ("displayName", ""),
    ("username", ""),
    ("isAnonymous", ""),
    ("avatarUrl", ""),
];

/// The one field that an operation asks for, with its arguments filled in.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) kind: String,
    pub(super) field: Field,
    pub(super) arguments: Map<String, Value>,
}

impl Asked {
    /// An argument that is a text, or empty.
    pub(super) fn text(&self, name: &str) -> &str {
        self.arguments
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

/// Judges an operation as a GraphQL server does before it runs it.
pub(super) fn ask(operation: &Operation, variables: &Value) -> Result<Asked, String> {
    let [field] = operation.fields.as_slice() else {
        return Err("the stand-in takes one field an operation".to_owned());
    };
    let named = ROOTS
        .iter()
        .find(|root| root.kind == operation.kind && root.name == field.name);
    let known = named.ok_or_else(|| unknown(&field.name, &operation.kind))?;
    let mut arguments = Map::new();
    for (name, value) in &field.arguments {
        let is_known = |own: &&&str| own.trim_end_matches('!') == name;
        if known.arguments.iter().find(is_known).is_none() {
            return Err(format!(
                "Unknown argument \"{name}\" on field \"{}\".",
                field.name
            ));
        }
        let value = match value {
            Argument::Variable(variable) => variables.get(variable).cloned(),
            Argument::Literal(word) if word == "null" => None,
            Argument::Literal(word) => Some(Value::from(word.as_str())),
        };
        arguments.insert(name.clone(), value.unwrap_or_default());
    }
    for needed in known
        .arguments
        .iter()
        .filter_map(|own| own.strip_suffix('!'))
    {
        if arguments.get(needed).is_none_or(Value::is_null) {
            return Err(format!(
                "Field \"{}\" argument \"{needed}\" is required, but it was not provided.",
                field.name
            ));
        }
    }
    fits(&field.fields, known.answer)?;
    Ok(Asked {
        kind: operation.kind.clone(),
        field: field.clone(),
        arguments,
    })
}

/// The answer as `data`, cut to what was asked for.
pub(super) fn data(field: &Field, answer: &Value) -> Value {
    let mut data = Map::new();
    data.insert(field.alias.clone(), cut(&field.fields, answer));
    Value::Object(data)
}

fn cut(fields: &[Field], whole: &Value) -> Value {
    match whole {
        Value::Array(all) => all.iter().map(|one| cut(fields, one)).collect(),
        Value::Object(object) if !fields.is_empty() => {
            let kept = fields.iter().map(|field| {
                let value = match field.name.as_str() {
                    "__typename" => Value::from("Lab"),
                    name => object.get(name).cloned().unwrap_or_default(),
                };
                (field.alias.clone(), cut(&field.fields, &value))
            });
            kept.collect::<Map<_, _>>().into()
        }
        leaf => leaf.clone(),
    }
}

fn fits(fields: &[Field], type_name: &str) -> Result<(), String> {
    let known = TYPES.iter().find(|(name, _)| *name == type_name);
    let Some((_, known)) = known else {
        return match fields {
            [] => Ok(()),
            [first, ..] => Err(unknown(&first.name, "scalar")),
        };
    };
    if fields.is_empty() {
        return Err(format!(
            "A value of type \"{type_name}\" must have a selection of subfields."
        ));
    }
    for field in fields.iter().filter(|field| field.name != "__typename") {
        let own = known.iter().find(|(name, _)| *name == field.name);
        let (_, below) = own.ok_or_else(|| unknown(&field.name, type_name))?;
        fits(&field.fields, below)?;
    }
    Ok(())
}

fn unknown(field: &str, type_name: &str) -> String {
    format!("Cannot query field \"{field}\" on type \"{type_name}\".")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kosmi::document::parse;

    fn asked(text: &str, variables: &Value) -> Result<Asked, String> {
        ask(&parse(text).unwrap()[0], variables)
    }

    #[test]
    fn an_answer_holds_what_was_asked_for() {
        let asked = asked(
            "subscription($r: String!) { newMessage(roomId: $r, channelId: \"general\") { id by: user { displayName } } }",
            &json!({ "r": "@x" }),
        )
        .unwrap();
        assert_eq!(
            (asked.text("roomId"), asked.text("channelId")),
            ("@x", "general")
        );
        let whole = json!({ "id": "1", "body": "b", "user": { "id": "u", "displayName": "Ann" } });
        let expected = json!({ "newMessage": { "id": "1", "by": { "displayName": "Ann" } } });
        assert_eq!(data(&asked.field, &whole), expected);
    }

    #[test]
    fn what_the_schema_does_not_have_is_refused() {
        for text in [
            "query { me { id } }",
            "query { currentUser }",
            "query { currentUser { email } }",
            "query { currentUser { id { x } } }",
            "mutation { joinRoom { ok } }",
            "mutation { joinRoom(id: \"@x\", room: \"@x\") { ok } }",
            "query { joinRoom(id: \"@x\") { ok } }",
        ] {
            assert!(asked(text, &Value::Null).is_err(), "{text}");
        }
    }
}
