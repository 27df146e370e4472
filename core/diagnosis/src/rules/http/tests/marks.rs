//! Answers that name their cause by themselves: statuses, words, pages of products, redirects.

use super::*;

fn assert_all_certain<const N: usize>(cases: [(HandshakeOutcome, &str); N]) {
    for (outcome, cause) in cases {
        let mut world = World::new(move |_, _| outcome.clone());
        assert_first(&world.check(), cause, Confidence::Certain);
    }
}

#[test]
fn statuses_and_marks_that_name_their_cause() {
    let html = [("content-type", "text/html")];
    assert_all_certain([
        (
            refusal(
                426,
                &[("upgrade", "websocket"), ("sec-websocket-version", "8")],
                "",
            ),
            "http-version",
        ),
        (
            refusal(401, &[("www-authenticate", "Bearer")], ""),
            "http-401",
        ),
        (
            refusal(
                403,
                &[("cf-mitigated", "challenge"), ("server", "cloudflare")],
                "",
            ),
            "http-403-cdn-challenge",
        ),
        (
            refusal(202, &[("x-amzn-waf-action", "challenge")], ""),
            "http-403-cdn-challenge",
        ),
        (
            refusal(
                403,
                &html,
                "Request unsuccessful. Incapsula incident ID: 12-34",
            ),
            "http-403-waf-rule",
        ),
        (refusal(403, &[], "Invalid Host header"), "http-403-host"),
        (
            refusal(407, &[("proxy-authenticate", "NTLM")], ""),
            "http-407-origin",
        ),
        (refusal(421, &[], ""), "http-421"),
        (refusal(429, &[("retry-after", "60")], ""), "http-429"),
        (refusal(431, &[], ""), "http-431-414"),
        (
            refusal(
                400,
                &html,
                "<center>Request Header Or Cookie Too Large</center>",
            ),
            "http-431-414",
        ),
        (refusal(500, &[], ""), "http-500"),
        (refusal(502, &[("server", "nginx")], ""), "http-502"),
        (refusal(503, &[], ""), "http-503"),
    ]);
}

#[test]
fn words_that_name_their_cause() {
    let html = [("content-type", "text/html")];
    assert_all_certain([
        (refusal(504, &[], ""), "http-504-hang"),
        (
            refusal(511, &html, "<title>Log in</title>"),
            "http-captive-portal",
        ),
        (refusal(405, &[("allow", "POST")], ""), "http-405-501"),
        (
            refusal(400, &[], r#"{"code":0,"message":"Transport unknown"}"#),
            "http-400-socketio",
        ),
        (refusal(400, &[], "Transport unknown"), "http-400-socketio"),
        (
            refusal(
                400,
                &[],
                "No WebSocket UPGRADE hdr: None\n Can \"Upgrade\" only to \"WebSocket\".",
            ),
            "http-upgrade-stripped",
        ),
        (
            refusal(400, &[], "Invalid Upgrade header"),
            "http-upgrade-empty",
        ),
        (
            refusal(400, &[], "Can \"Upgrade\" only to \"WebSocket\"."),
            "http-upgrade-stripped",
        ),
        (
            refusal(200, &[("age", "12")], "cached"),
            "http-cdn-cache-route",
        ),
        (
            refusal(
                426,
                &[("server", "cloudflare"), ("cf-ray", "1-FRA")],
                "Upgrade Required",
            ),
            "http-cdn-ws-off",
        ),
        (
            refusal(
                502,
                &[],
                "can't switch protocols using non-Hijacker ResponseWriter: not a hijacker",
            ),
            "http-middleware-200",
        ),
    ]);
}

#[test]
fn deviating_answers_name_their_cause() {
    assert_all_certain([
        (
            unanswered(Failure::NotHttp {
                first_bytes: "SSH-2.0-OpenSSH_9.2\\r\\n".into(),
            }),
            "http-wrong-service",
        ),
        (
            deviating_switch(&[("sec-websocket-accept", "x")], "accept-wrong"),
            "http-accept-wrong",
        ),
        (
            deviating_switch(&[], "accept-missing"),
            "http-accept-missing",
        ),
        (
            deviating_switch(&[("content-length", "5")], "body-header"),
            "http-101-body-headers",
        ),
        (
            deviating_switch(&[], "subprotocol-missing"),
            "http-subproto-none",
        ),
        (
            deviating_switch(
                &[("sec-websocket-protocol", "soap")],
                "subprotocol-not-offered",
            ),
            "http-subproto-bad",
        ),
        (
            deviating_switch(
                &[("sec-websocket-extensions", "x")],
                "extension-not-offered",
            ),
            "http-ext-bad",
        ),
    ]);
}

#[test]
fn pages_are_told_apart() {
    let page = |title: &str| format!("<html><head><title>{title}</title></head></html>");
    let html = [("content-type", "text/html")];
    for (title, cause, confidence) in [
        ("Web Page Blocked", "http-block-page", Confidence::Certain),
        ("Guest Wi-Fi", "http-captive-portal", Confidence::Certain),
        ("My shop", "http-200-app", Confidence::Likely),
    ] {
        let body = page(title);
        let same = body.clone();
        let mut world = World::new(move |_, _| refusal(200, &html, &body))
            .with_control(move |_| Some(response(200, &html, &same)));
        assert_first(&world.check(), cause, confidence);
    }
}

#[test]
fn a_redirect_is_followed_once() {
    let mut world = World::new(|changes, _| {
        if matches!(changes, [Change::Redirected { .. }]) {
            switch(None)
        } else {
            refusal(301, &[("location", "http://127.0.0.1:4000/socket/")], "")
        }
    });
    assert_first(&world.check(), "http-redirect", Confidence::Certain);
}

#[test]
fn a_redirect_of_everything_to_another_host_is_a_portal() {
    let mut world = World::new(|_, _| refusal(302, &[("location", "http://10.1.1.1/login")], ""))
        .with_control(|_| Some(response(302, &[("location", "http://10.1.1.1/login")], "")));
    assert_first(&world.check(), "http-captive-portal", Confidence::Likely);
}

/// Pages as products send them, some with a status that hides what they are.
#[test]
fn pages_of_products_are_known_by_their_marks() {
    let html = ("content-type", "text/html");
    let firewall = "http-403-waf-rule";
    let challenge = "http-403-cdn-challenge";
    for (status, headers, body, cause) in [
        (
            200,
            vec![html],
            "<title>Request Rejected</title>The requested URL was rejected. Please consult with your administrator. Your support ID is: 1",
            firewall,
        ),
        (
            403,
            vec![html, ("server", "cloudflare"), ("cf-ray", "8a1-FRA")],
            "<title>Access denied</title>Error code 1020",
            firewall,
        ),
        (
            403,
            vec![html, ("server", "CloudFront")],
            "<h1>403 ERROR</h1>Request blocked. We can't connect to the server",
            firewall,
        ),
        (
            403,
            vec![("x-vercel-mitigated", "deny")],
            "Forbidden",
            firewall,
        ),
        (
            200,
            vec![html],
            "<html><script src=\"/_Incapsula_Resource?SWJIYLWA=1\"></script></html>",
            challenge,
        ),
        (
            200,
            vec![html],
            "<html><script src='/.within.website/x/cmd/anubis/static/js/main.mjs'></script></html>",
            challenge,
        ),
        (
            503,
            vec![html],
            "<html><title>Web Page Blocked</title></html>",
            "http-block-page",
        ),
        (
            302,
            vec![("location", "https://block.example/main?url=x")],
            "",
            "http-block-page",
        ),
        (530, vec![], "error code: 1016", "http-502"),
    ] {
        let answer = (headers.clone(), body);
        let mut world = World::new(move |_, _| refusal(status, &headers, body))
            .with_control(move |_| Some(response(status, &answer.0, answer.1)));
        let diagnosis = world.check();
        let first = diagnosis.findings.first().map(|found| found.cause.as_str());
        assert_eq!(first, Some(cause), "{status} {body}");
    }
}

/// A network that sends every address to one page is a portal also where the front page was asked for.
#[test]
fn everything_sent_to_another_host_is_a_portal() {
    let everywhere = |status: u16, location: &'static str| {
        let mut world = World::new(move |_, _| refusal(status, &[("location", location)], ""))
            .with_control(move |_| Some(response(status, &[("location", location)], "")))
            .with_target(|target| target.path = "/".into());
        let diagnosis = world.check();
        diagnosis.findings[0].cause.clone()
    };
    let portal = "http://192.168.1.1:8002/index.php?zone=guest";
    assert_eq!(everywhere(302, portal), "http-captive-portal");
    assert_eq!(everywhere(301, "https://www.example/"), "http-redirect");
    let sign_in = "https://id.example/oauth2/authorize?client_id=a";
    assert_eq!(everywhere(302, sign_in), "http-redirect");
}

#[test]
fn a_status_without_a_cause_gets_a_general_one() {
    for (status, cause) in [
        (402, "http-400-generic"),
        (409, "http-400-generic"),
        (418, "http-400-generic"),
        (529, "http-500"),
    ] {
        let mut world = World::new(move |_, _| refusal(status, &[], "no"));
        assert_first(&world.check(), cause, Confidence::Possible);
    }
}
