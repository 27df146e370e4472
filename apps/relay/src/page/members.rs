//! The tables of the page: what each room of a link is told, what came from a side, what is left over.

use crate::html::Html;
use crate::status::{Heard, LinkStatus, MemberStatus, Status};
use crate::words;

/// The rooms of a link.
pub(super) fn table(html: &mut Html, link: &LinkStatus, now: i64) {
    html.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Rooms\">");
    html.raw("<table class=\"stacks\" role=\"table\"><thead role=\"rowgroup\"><tr role=\"row\">");
    for (at, name) in COLUMNS.into_iter().enumerate() {
        html.raw(if at >= 2 {
            "<th scope=\"col\" role=\"columnheader\" class=\"number\">"
        } else {
            "<th scope=\"col\" role=\"columnheader\">"
        });
        html.within("", name, "</th>");
    }
    html.raw("</tr></thead><tbody role=\"rowgroup\">\n");
    for member in &link.members {
        row(html, member, now);
    }
    html.raw("</tbody></table></div>\n");
}

fn row(html: &mut Html, member: &MemberStatus, now: i64) {
    let queue = &member.queue;
    html.within(
        "<tr role=\"row\"><td role=\"cell\"><b>",
        &member.side,
        "</b> ",
    );
    html.within("<span class=\"mono\">", &member.room, "</span></td>");
    html.within("<td role=\"cell\">", direction(member), "</td>");
    if !member.writes {
        html.raw("<td role=\"cell\" colspan=\"5\" class=\"soft\">nothing is told here</td></tr>\n");
        return;
    }
    let lag = match queue.waiting {
        0 => "–".to_owned(),
        _ => words::span(queue.lag_ms(now)),
    };
    let numbers = [
        queue.waiting.to_string(),
        lag,
        queue.delivered.to_string(),
        queue.uncertain.to_string(),
    ];
    for (name, number) in COLUMNS[2..].iter().zip(numbers) {
        html.within(
            "<td role=\"cell\" class=\"number\" data-name=\"",
            name,
            "\">",
        );
        html.within("", number, "</td>");
    }
    html.within(
        "<td role=\"cell\" class=\"number\" data-name=\"",
        COLUMNS[6],
        "\"><span>",
    );
    if queue.given_up.is_empty() {
        html.raw("0");
    }
    for (reason, count) in &queue.given_up {
        html.within("<span class=\"reason\">", count, " ")
            .within("", reason, "</span> ");
    }
    html.raw("</span></td></tr>\n");
    if let Some(why) = &queue.waits_for {
        html.within(
            "<tr role=\"row\" class=\"why\"><td role=\"cell\" colspan=\"7\" class=\"soft small\">",
            why,
            "</td></tr>\n",
        );
    }
}

fn direction(member: &MemberStatus) -> &'static str {
    match (member.reads, member.writes) {
        (true, true) => "read and told",
        (true, false) => "read",
        _ => "told",
    }
}

/// What came from a side.
pub(super) fn heard(html: &mut Html, heard: &Heard) {
    html.within(
        "<p class=\"small\">",
        words::counted(heard.taken, "message", "messages"),
        " heard since the start",
    );
    let more = [
        (heard.replayed, "from the history"),
        (heard.known, "known already"),
        (heard.echoes, "echoes"),
        (heard.ignored, "ignored"),
        (heard.missed, "missed"),
    ];
    for (count, what) in more.into_iter().filter(|(count, _)| *count > 0) {
        html.within(", ", count, " ").text(what);
    }
    html.raw("</p>\n");
}

/// What still waits for members that are no more.
pub(super) fn left_over(html: &mut Html, status: &Status) {
    if status.left_over.is_empty() {
        return;
    }
    html.raw("<section class=\"card stack\"><h2>Left over</h2>\n<p class=\"soft\">These wait for rooms that no link has any more, until they are too old.</p>\n<ul>");
    for left in &status.left_over {
        let waiting = words::counted(left.waiting, "message", "messages");
        html.within("<li>", waiting, " for <b>")
            .within("", &left.side, "</b> ");
        html.within("<span class=\"mono\">", &left.room, "</span> of link ");
        html.within("", &left.link, "</li>");
    }
    html.raw("</ul></section>\n");
}

const COLUMNS: [&str; 7] = [
    "Room",
    "Direction",
    "Waiting",
    "Oldest",
    "Delivered",
    "Uncertain",
    "Given up",
];
