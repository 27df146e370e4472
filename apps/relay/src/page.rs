//! The page: written whole by this program, so that it works without a script; the script only asks for it again.
//!
//! It must never show a text that somebody wrote in a room, nor put a name into markup unescaped.

use towpath_sides::State;

use crate::html::Html;
use crate::status::{LinkStatus, SideStatus, Status};
use crate::words;

mod files;
mod members;

pub(crate) use files::file;

/// The whole page.
pub(crate) fn whole(status: &Status) -> String {
    let mut html = Html::default();
    let missing = status.not_ready();
    let title = match missing.len() {
        0 => "All well".to_owned(),
        count => format!("{count} not ready"),
    };
    html.raw(HEAD).text(title).raw(HEAD_END);
    html.raw("<main id=\"main\" class=\"page-wide stack\">\n");
    html.raw("<h1 class=\"visually-hidden\">How the relay goes</h1>\n");
    html.within(
        "<p class=\"visually-hidden\" role=\"status\" id=\"summary\">",
        summary(&missing),
        "</p>\n",
    );
    tiles(&mut html, status);
    troubles(&mut html, status);
    html.raw("<h2 id=\"sides-title\">Sides</h2>\n<div class=\"sides\" id=\"sides\">\n");
    for (name, side) in &status.sides {
        card(&mut html, name, side, status.at_unix_ms);
    }
    html.raw("</div>\n<div id=\"links\" class=\"stack\">\n");
    for link in &status.links {
        link_card(&mut html, link, status.at_unix_ms);
    }
    members::left_over(&mut html, status);
    let running = u64::try_from(status.at_unix_ms - status.started_unix_ms).unwrap_or(0);
    html.within(
        "<p class=\"soft small\">Running for ",
        words::span(running),
        ". ",
    );
    html.raw("For programs: <a href=\"status.json\">status.json</a>, <a href=\"metrics\">metrics</a>, <a href=\"healthz\">healthz</a></p>\n");
    html.raw("</div>\n</main>\n</body>\n</html>\n");
    html.finish()
}

/// What a screen reader says when it changes.
fn summary(missing: &[String]) -> String {
    match missing {
        [] => "Every side and room is ready.".to_owned(),
        names => format!("Not ready: {}.", names.join(", ")),
    }
}

fn tiles(html: &mut Html, status: &Status) {
    let ready = status
        .sides
        .values()
        .filter(|side| side.states.connection.is_ready())
        .count();
    let queues = || {
        status
            .links
            .iter()
            .flat_map(|link| &link.members)
            .map(|member| &member.queue)
    };
    let waiting: u64 = queues().map(|queue| queue.waiting).sum();
    let lag = queues()
        .map(|queue| queue.lag_ms(status.at_unix_ms))
        .max()
        .unwrap_or(0);
    let delivered: u64 = queues().map(|queue| queue.delivered).sum();
    let given_up: u64 = queues().map(crate::status::Queue::given_up_in_all).sum();
    let sides = status.sides.len();
    html.raw("<ul class=\"tiles\" id=\"tiles\">\n");
    let mut tile = |look, name, value: String| {
        html.within("<li class=\"tile ", look, "\">");
        html.within("<span class=\"tile-name\">", name, "</span>");
        html.within("<strong>", value, "</strong></li>\n");
    };
    let alarm = |is: bool, look| if is { look } else { "" };
    tile(
        alarm(ready < sides, "tile-fault"),
        "Sides ready",
        format!("{ready} of {sides}"),
    );
    tile(
        alarm(waiting > 0, "tile-likely"),
        "Waiting",
        waiting.to_string(),
    );
    let oldest = if waiting == 0 {
        "–".to_owned()
    } else {
        words::span(lag)
    };
    tile(alarm(waiting > 0, "tile-likely"), "Oldest waits", oldest);
    tile("", "Delivered", delivered.to_string());
    tile(
        alarm(given_up > 0, "tile-fault"),
        "Given up",
        given_up.to_string(),
    );
    html.raw("</ul>\n");
}

/// What somebody has to do something about, first of all.
fn troubles(html: &mut Html, status: &Status) {
    html.raw("<div id=\"troubles\" class=\"stack\">\n");
    if let Some(trouble) = &status.store_trouble {
        html.raw("<section class=\"card trouble trouble-fault\"><h2>The store</h2>");
        html.within("<p>", trouble, "</p>");
        html.raw("<p class=\"soft small\">Until it is mended, nothing is read from any side.</p></section>\n");
    }
    for (name, side) in &status.sides {
        let connection = &side.states.connection;
        trouble(html, name, None, connection, status.at_unix_ms);
        for (room, state) in &side.states.rooms {
            if words::why(state) != words::why(connection) {
                trouble(html, name, Some(room), state, status.at_unix_ms);
            }
        }
    }
    html.raw("</div>\n");
}

fn trouble(html: &mut Html, name: &str, room: Option<&String>, state: &State, now: i64) {
    let Some(why) = words::why(state) else { return };
    html.raw(match state {
        State::Stopped { .. } => "<section class=\"card trouble trouble-fault\">",
        _ => "<section class=\"card trouble\">",
    });
    html.within("<h2>", name, " ");
    if let Some(room) = room {
        html.within("<span class=\"mono\">", room, "</span> ");
    }
    badge(html, state);
    html.within("</h2><p>", &why.sentence, "</p>");
    if let Some(remedy) = &why.remedy {
        html.within("<p><b>What helps:</b> ", remedy, "</p>");
    }
    html.raw("<p class=\"soft small\">");
    if let Some(finding) = &why.finding {
        html.within("<span class=\"mono\">", &finding.cause, "</span> · ");
        html.within("", finding.confidence, " · ");
    }
    match state {
        State::Waiting { until_unix_ms, .. } => {
            html.within("tried again ", words::ahead(*until_unix_ms, now), "")
        }
        _ => html
            .raw("not tried again before something is changed; then restart or reload the relay"),
    };
    html.raw("</p></section>\n");
}

fn badge(html: &mut Html, state: &State) {
    html.raw(match state {
        State::Ready => "<span class=\"badge badge-ok\">",
        State::Connecting => "<span class=\"badge badge-context\">",
        State::Waiting { .. } => "<span class=\"badge badge-likely\">",
        State::Stopped { .. } => "<span class=\"badge badge-fault\">",
    });
    html.within("", words::state(state), "</span>");
}

fn card(html: &mut Html, name: &str, side: &SideStatus, now: i64) {
    let states = &side.states;
    html.raw("<section class=\"card stack side\">");
    html.within("<div class=\"row row-spread\"><h3>", name, "</h3>");
    badge(html, &states.connection);
    html.raw("</div>\n<dl>");
    let mut fact = |name, value: &dyn std::fmt::Display| {
        html.within("<div><dt>", name, "</dt>")
            .within("<dd>", value, "</dd></div>");
    };
    fact("Network", &side.network);
    if let Some(name) = &states.speaks_as {
        fact("Speaks as", name);
    }
    if let Some(way) = &states.way {
        fact("Way", way);
    }
    fact("Connections so far", &states.connections);
    html.raw("</dl>\n<ul class=\"rooms\">");
    for (room, state) in &states.rooms {
        html.within(
            "<li class=\"row row-spread\"><span class=\"mono\">",
            room,
            "</span> ",
        );
        badge(html, state);
        html.raw("</li>");
    }
    html.raw("</ul>\n");
    members::heard(html, &side.heard);
    if let Some(trouble) = states
        .last_trouble
        .as_ref()
        .filter(|_| states.connection.is_ready())
    {
        html.within(
            "<p class=\"soft small\">Last trouble, ",
            words::ago(trouble.at_unix_ms, now),
            ": ",
        );
        html.within("", &trouble.why, "</p>");
    }
    html.raw("</section>\n");
}

fn link_card(html: &mut Html, link: &LinkStatus, now: i64) {
    html.within(
        "<section class=\"card stack\"><h2>Link ",
        &link.name,
        "</h2>\n",
    );
    members::table(html, link, now);
    html.raw("</section>\n");
}

const HEAD: &str = "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta name=\"color-scheme\" content=\"light dark\">
<title>";

const HEAD_END: &str = " · Towpath relay</title>
<link rel=\"icon\" href=\"/static/relay/icon.svg\" type=\"image/svg+xml\">
<link rel=\"stylesheet\" href=\"/static/style/base.css\">
<link rel=\"stylesheet\" href=\"/static/board/board.css\">
<link rel=\"stylesheet\" href=\"/static/relay/relay.css\">
<script type=\"module\" src=\"/static/relay/relay.js\"></script>
</head>
<body>
<a class=\"skip\" href=\"#main\">To the content</a>
<header class=\"top\">
  <div class=\"top-inner\">
    <a class=\"brand\" href=\"/\"><img src=\"/static/relay/icon.svg\" alt=\"\" width=\"28\" height=\"28\">Towpath <span>relay</span></a>
    <p class=\"live\" id=\"live\" role=\"status\"><span class=\"dot\" aria-hidden=\"true\"></span><span id=\"live-text\">As of when this page was loaded</span></p>
  </div>
</header>
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn troubles_come_first_and_texts_stay_texts() {
        let mut status = testing::status();
        let side = status.sides.remove("kosmi.main").unwrap();
        status.sides.insert("kosmi.<script>".to_owned(), side);
        let page = whole(&status);
        assert!(
            page.contains("<title>1 not ready · Towpath relay</title>"),
            "{page}"
        );
        assert!(
            page.contains("Ask the operator &lt;whether&gt; the server runs."),
            "{page}"
        );
        assert!(!page.contains("<script>"), "{page}");
        let trouble = page.find("tcp-refused").unwrap();
        assert!(trouble < page.find("id=\"sides\"").unwrap());
        // The room waits for the same reason as its side: it is told once above, and once in the card's title.
        assert_eq!(page.matches("<section class=\"card trouble").count(), 1);
        for shown in [
            "Anonymous Otter",
            "directly: it answers",
            "too-old",
            "41",
            "1 min",
        ] {
            assert!(page.contains(shown), "{shown}\n{page}");
        }
    }

    #[test]
    fn elements_are_closed() {
        let page = whole(&testing::status());
        for name in [
            "section", "div", "ul", "li", "table", "tr", "td", "dl", "dd", "p", "span", "main",
        ] {
            let opened = page.matches(&format!("<{name}>")).count()
                + page.matches(&format!("<{name} ")).count();
            assert_eq!(
                opened,
                page.matches(&format!("</{name}>")).count(),
                "{name}\n{page}"
            );
        }
    }
}
