//! `[webhook.NAME]`.

use towpath_sides::Hidden;
use towpath_sides::webhook::{Settings, WebhookKind};

use super::{ReadSide, Table, any_room, times, url};
use crate::config::secret;

/// Reads one.
pub(super) fn read(table: &Table<'_, '_>) -> Option<ReadSide> {
    let section = table.section;
    let address = secret::read(section, table.source, "url");
    let words = [
        ("json", WebhookKind::Json),
        ("discord", WebhookKind::Discord),
        ("slack", WebhookKind::Slack),
        ("mattermost", WebhookKind::Mattermost),
    ];
    let kind = section.choice("kind", &words).unwrap_or_default();
    let secret = secret::read(section, table.source, "secret");
    if secret.is_some() && kind != WebhookKind::Json {
        section.wrong(
            "secret_file",
            "only kind = \"json\" is signed; leave it out",
        );
    }
    if !section.has("url") && !section.has("url_file") {
        section.wrong_whole("url_file is missing: the file that holds the webhook's address");
    }
    let is_good = |address: &Hidden| url(address.reveal(), ["https", "http"]).is_ok();
    let is_known = address.as_ref().is_some_and(is_good);
    if address.is_some() && !is_known {
        let key = if section.has("url") {
            "url"
        } else {
            "url_file"
        };
        section.wrong(key, "what is in it is no http:// or https:// URL");
    }
    // What can be wrong is looked for even where the address is.
    let address = address.unwrap_or_else(|| Hidden::new(""));
    let mut settings = Settings::new(table.name.as_str(), address, kind);
    settings.network = table.network.clone();
    settings.secret = secret;
    times(
        section,
        &mut [
            ("answer", &mut settings.answer),
            ("backoff_first", &mut settings.backoff_first),
            ("backoff_max", &mut settings.backoff_max),
        ],
    );
    let mut side = table.side(settings, any_room);
    side.only_writes = true;
    is_known.then_some(side)
}
