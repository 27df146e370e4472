//! What the receivers of webhooks take.

use towpath_chat::{Markup, Rules, Takes};

use super::settings::{Settings, WebhookKind};

/// Characters of a message of Discord.
const DISCORD_CHARS_MAX: usize = 2000;

/// Bytes of a message of Discord. Whether it counts a character beyond the 16-bit ones as one or two is not said; so two fit.
const DISCORD_BYTES_MAX: usize = 4000;

/// Characters of a message that Slack shows without shortening it.
const SLACK_CHARS_MAX: usize = 4000;

/// Characters of a message of Mattermost.
const MATTERMOST_CHARS_MAX: usize = 16_383;

/// Bytes of a text for programs.
const JSON_BYTES_MAX: usize = 64 * 1024;

/// What the receiver takes, the same for all rooms.
pub fn rules(settings: &Settings, _: &str) -> Rules {
    let common = Rules {
        several_lines: true,
        name_apart: true,
        ..Rules::default()
    };
    match settings.kind {
        WebhookKind::Json => Rules {
            bytes_max: Some(JSON_BYTES_MAX),
            takes: Takes::ALL,
            ..common
        },
        WebhookKind::Discord => Rules {
            bytes_max: Some(DISCORD_BYTES_MAX),
            chars_max: Some(DISCORD_CHARS_MAX),
            markup: Markup::Discord,
            takes: Takes {
                edit: true,
                delete: true,
                ..Takes::default()
            },
            ..common
        },
        WebhookKind::Slack => Rules {
            chars_max: Some(SLACK_CHARS_MAX),
            markup: Markup::Slack,
            ..common
        },
        WebhookKind::Mattermost => Rules {
            chars_max: Some(MATTERMOST_CHARS_MAX),
            markup: Markup::Mattermost,
            ..common
        },
    }
}
