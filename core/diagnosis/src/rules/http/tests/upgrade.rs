//! Whether the upgrade was stripped on the way, or the path has none.

use super::*;

#[test]
fn a_426_like_the_ordinary_answer_is_a_stripped_upgrade() {
    let body = "Upgrade me";
    let mut world = World::new(|_, _| refusal(426, &[("server", "nginx")], "Upgrade me"))
        .with_control(move |_| Some(response(426, &[("server", "nginx")], body)));
    let diagnosis = world.check();
    assert_first(&diagnosis, "http-upgrade-stripped", Confidence::Certain);
    assert!(
        diagnosis
            .findings
            .iter()
            .all(|finding| finding.cause != "http-426")
    );
}

/// gorilla/websocket puts its version on every refusal and gives no reason.
#[test]
fn a_version_on_every_refusal_says_nothing_of_the_version_sent() {
    let headers = [("sec-websocket-version", "13"), ("server", "nginx")];
    let mut stripped = World::new(move |_, _| refusal(400, &headers, "Bad Request\n"))
        .with_control(move |_| Some(response(400, &headers, "Bad Request\n")));
    assert_first(
        &stripped.check(),
        "http-upgrade-stripped",
        Confidence::Likely,
    );
    let mut refused = World::new(move |changes, _| {
        let site = changes.iter().any(
            |change| matches!(change, Change::Origin { origin } if *origin == OriginKind::Site),
        );
        if site {
            switch(None)
        } else {
            refusal(403, &headers, "Forbidden\n")
        }
    })
    .with_control(move |_| Some(response(400, &headers, "Bad Request\n")));
    assert_first(&refused.check(), "http-403-origin", Confidence::Certain);
}

#[test]
fn a_426_for_handshakes_alone_is_the_servers_own() {
    let mut world = World::new(|_, _| refusal(426, &[("upgrade", "websocket")], ""))
        .with_control(|_| Some(response(200, &[], "a page")));
    assert_first(&world.check(), "http-426", Confidence::Likely);
}

/// `FastAPI` refuses a handshake for which it has no route with 403; its 404 says that no handshake arrived.
#[test]
fn a_404_for_ordinary_requests_only_is_a_stripped_upgrade() {
    let body = r#"{"detail":"Not Found"}"#;
    let mut world = World::new(move |_, _| refusal(404, &[("server", "nginx")], body))
        .with_control(move |_| Some(response(404, &[("server", "nginx")], body)));
    assert_first(&world.check(), "http-upgrade-stripped", Confidence::Likely);
}

#[test]
fn a_missing_path_is_likely_and_the_stripped_upgrade_stays_possible() {
    let mut world = World::new(|_, _| refusal(404, &[], "nothing here"))
        .with_control(|_| Some(response(404, &[], "nothing here")));
    assert_first(&world.check(), "http-404", Confidence::Likely);
}

#[test]
fn a_path_that_a_reverse_proxy_passes_on_is_rarely_wrong() {
    let server = [("server", "nginx/1.22.1")];
    let mut world = World::new(move |_, _| refusal(404, &server, "Not Found"))
        .with_control(move |_| Some(response(404, &server, "Not Found")));
    assert_first(&world.check(), "http-upgrade-stripped", Confidence::Likely);
    let own = "<html><center>nginx/1.22.1</center></html>";
    let mut world = World::new(move |_, _| refusal(404, &server, own))
        .with_control(move |_| Some(response(404, &server, own)));
    assert_first(&world.check(), "http-404", Confidence::Likely);
}

#[test]
fn a_server_that_hangs_up_on_upgrades_where_it_has_none_says_404_to_the_rest() {
    let mut world = World::new(|_, _| unanswered(Failure::EndOfStream))
        .with_control(|_| Some(response(404, &[], "Cannot GET /")));
    assert_first(&world.check(), "http-404", Confidence::Likely);
}

#[test]
fn a_server_that_hangs_up_on_upgrades_beside_a_page_may_have_none_there() {
    let mut world = World::new(|_, _| unanswered(Failure::EndOfStream))
        .with_control(|_| Some(response(200, &[], "a page")));
    assert_first(&world.check(), "http-200-app", Confidence::Possible);
    assert!(world.asked.len() <= 12, "{:?}", world.asked);
}

/// A program's word on an unexpected request, passed on by nginx, which puts a type on all it says itself.
#[test]
fn small_talk_passed_on_is_a_stripped_upgrade() {
    let proxied: &[(&str, &str)] = &[("server", "nginx")];
    let own: &[(&str, &str)] = &[("server", "nginx"), ("content-type", "text/plain")];
    for (headers, cause) in [(proxied, "http-upgrade-stripped"), (own, "http-200-app")] {
        let mut world = World::new(move |_, _| refusal(200, headers, "ok"))
            .with_control(move |_| Some(response(200, headers, "ok")));
        assert_first(&world.check(), cause, Confidence::Likely);
    }
}

#[test]
fn a_version_that_is_not_supported_was_made_so_on_the_way() {
    let mut world = World::new(|_, _| refusal(505, &[("server", "nginx")], "no"));
    assert_first(&world.check(), "http-10-hop", Confidence::Likely);
    let words = "Failed to open a WebSocket connection: unsupported HTTP version: HTTP/1.0.";
    let mut world = World::new(move |_, _| refusal(505, &[], words));
    assert_first(&world.check(), "http-10-hop", Confidence::Certain);
}
