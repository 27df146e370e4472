//! Formats: how what was said on other sides is told.

use towpath_chat::FormatSettings;
use towpath_chat::Template;

use super::section::Section;

/// The formats of a table `formats` inside, if there is one.
pub(super) fn read(section: &Section<'_>) -> FormatSettings {
    let Some(formats) = section.section("formats") else {
        return FormatSettings::default();
    };
    let read = |key| one(&formats, key);
    let settings = FormatSettings {
        name: read("name"),
        text: read("text"),
        action: read("action"),
        notice: read("notice"),
        edit: read("edit"),
        delete: read("delete"),
        join: read("join"),
        leave: read("leave"),
        topic: read("topic"),
        reply: read("reply"),
        late: read("late"),
    };
    formats.end();
    settings
}

/// One format; an empty one means that such things are not told.
pub(super) fn one(section: &Section<'_>, key: &str) -> Option<String> {
    section.parsed(key, |text| Template::parse(text).map(|_| text.to_owned()))
}
