//! What Matterbridge takes.

use towpath_chat::{Markup, Rules, Takes};

use super::settings::Settings;

/// Bytes of one message. It has no limit of its own; its networks split or cut by theirs.
const TEXT_BYTES_MAX: usize = 16 * 1024;

/// What it takes, the same for all gateways. Its API knows no earlier message, so that edits and deletions are told by sentences.
pub fn rules(_: &Settings, _: &str) -> Rules {
    Rules {
        bytes_max: Some(TEXT_BYTES_MAX),
        several_lines: true,
        name_apart: true,
        markup: Markup::Matterbridge,
        takes: Takes {
            action: true,
            notice: true,
            ..Takes::default()
        },
        ..Rules::default()
    }
}
