//! What the terminal can show.

use std::io::{self, IsTerminal as _, Write};

use anstream::ColorChoice;
use towpath_check::render::text::Look;

use crate::arguments::Color;

/// The look for standard output. `NO_COLOR` and its kind count where the user leaves it open.
pub(crate) fn look(color: Color) -> Look {
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => anstream::AutoStream::choice(&io::stdout()) != ColorChoice::Never,
    };
    let columns = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.parse().ok());
    Look::new(color, columns)
}

/// Where passing remarks may go: standard error, if somebody watches both streams.
pub(crate) fn status() -> Option<Box<dyn Write>> {
    (io::stderr().is_terminal() && io::stdout().is_terminal())
        .then(|| Box::new(io::stderr()) as Box<dyn Write>)
}
