//! `[matterbridge.NAME]`.

use towpath_sides::matterbridge::Settings;

use super::{ReadSide, Table, any_room, times};
use crate::config::secret;

/// Reads one.
pub(super) fn read(table: &Table<'_, '_>) -> Option<ReadSide> {
    let section = table.section;
    let url = table.url("url", ["http", "https"]);
    if !section.has("url") {
        section.wrong_whole("url is missing; write for example url = \"http://127.0.0.1:4242\"");
    }
    let is_known = url.is_some();
    // What can be wrong is looked for even where the address is.
    let url = url.unwrap_or_else(|| "http://localhost".parse().expect("it is a URL"));
    let mut settings = Settings::new(table.name.as_str(), url);
    settings.network = table.network.clone();
    settings.token = secret::read(section, table.source, "token");
    settings.only_client = section.flag("only_client").unwrap_or(settings.only_client);
    table.via(&mut settings.via);
    times(
        section,
        &mut [
            ("silence", &mut settings.silence),
            ("answer", &mut settings.answer),
            ("backoff_first", &mut settings.backoff_first),
            ("backoff_max", &mut settings.backoff_max),
        ],
    );
    is_known.then(|| table.side(settings, any_room))
}
