//! What private close codes mean to the frameworks that define them.
//!
//! The same number means different things to different frameworks, so each table says when it applies.

use super::closing::{is_pusher, speaks_graphql};
use crate::observation::Target;

/// What a code means to the framework that the target seems to use.
pub(super) fn known(target: &Target, code: u16) -> Option<(&'static str, &'static str)> {
    TABLES
        .iter()
        .filter(|table| (table.applies)(target))
        .find_map(|table| {
            let row = table
                .rows
                .iter()
                .find(|(first, last, _)| (*first..=*last).contains(&code))?;
            Some((table.framework, row.2))
        })
}

struct Table {
    framework: &'static str,
    applies: fn(&Target) -> bool,
    /// First code, last code, meaning.
    rows: &'static [(u16, u16, &'static str)],
}

const TABLES: &[Table] = &[
    Table {
        framework: "GraphQL over WebSocket",
        applies: speaks_graphql,
        rows: &[
            (4400, 4400, "a message was not understood"),
            (4409, 4409, "an operation id is in use already"),
            (4429, 4429, "the connection was initialised twice"),
            (4500, 4500, "the server hit an internal error"),
            (
                4504,
                4504,
                "the server's acknowledgement did not come in time",
            ),
        ],
    },
    Table {
        framework: "Pusher",
        applies: is_pusher,
        rows: &[
            (4000, 4000, "only encrypted connections are accepted"),
            (4001, 4001, "the application does not exist"),
            (4003, 4003, "the application is disabled"),
            (4005, 4005, "the path was not found"),
            (4006, 4006, "the protocol version was not understood"),
            (4007, 4007, "the protocol version is not supported"),
            (4008, 4008, "no protocol version was given"),
            (4009, 4009, "the connection is not authorised"),
            (4001, 4099, "do not connect again with the same settings"),
            (4100, 4199, "connect again after a pause"),
            (4201, 4201, "the server got no pong"),
            (4202, 4202, "the connection was idle for too long"),
            (4200, 4299, "connect again at once"),
        ],
    },
    Table {
        framework: "Centrifugo",
        applies: |target| {
            target.path.contains("/connection/websocket")
                || target
                    .subprotocols
                    .iter()
                    .any(|name| name.starts_with("centrifuge"))
        },
        rows: &[
            (3001, 3001, "the server shuts down"),
            (3004, 3004, "the server hit an internal error"),
            (3005, 3005, "the connection's token has expired"),
            (3008, 3008, "the client read too slowly"),
            (3010, 3010, "the position in a channel is lost"),
            (3012, 3012, "the server got no pong"),
            (3013, 3013, "too many requests"),
            (3500, 3500, "the token is invalid"),
            (3501, 3501, "a request was not understood"),
            (3502, 3502, "this client's state is stale"),
            (3500, 3999, "do not connect again"),
            (3000, 3499, "connect again"),
        ],
    },
    Table {
        framework: "the Discord gateway",
        applies: |target| target.host.ends_with("discord.gg"),
        rows: &[
            (4001, 4001, "an unknown operation was sent"),
            (4002, 4002, "a message was not understood"),
            (4003, 4003, "a message came before the identification"),
            (4004, 4004, "the token is wrong"),
            (4008, 4008, "messages came too fast"),
            (4009, 4009, "the session timed out"),
            (4014, 4014, "an intent is not allowed"),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::known;
    use crate::rules::frame::testing::target;

    #[test]
    fn a_code_is_read_by_the_framework_in_use() {
        let mut pusher = target();
        pusher.path = "/app/key?protocol=7".into();
        assert_eq!(
            known(&pusher, 4001).unwrap().1,
            "the application does not exist"
        );
        assert_eq!(known(&pusher, 4250).unwrap().1, "connect again at once");
        assert_eq!(known(&target(), 4001), None);
    }
}
