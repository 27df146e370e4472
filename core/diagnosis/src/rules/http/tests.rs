//! Servers that refuse in one way each, and what is named first after all questions were answered.

use crate::engine::Diagnosis;
use crate::finding::{Confidence, Verdict};
use crate::observation::{
    BrowserUse, Change, ControlPath, Failure, HandshakeOutcome, Header, OriginKind, RequestHead,
    TokenFacts, TokenPlacement,
};
use crate::question::Question;
use crate::testing::{Browser, World, deviating_switch, refusal, response, switch, unanswered};

fn assert_first(diagnosis: &Diagnosis, cause: &str, confidence: Confidence) {
    let found: Vec<(&str, Confidence)> = diagnosis
        .findings
        .iter()
        .map(|finding| (finding.cause.as_str(), finding.confidence))
        .collect();
    assert_eq!(found.first(), Some(&(cause, confidence)), "{found:?}");
    assert!(!diagnosis.findings[0].evidence.is_empty());
    assert_eq!(diagnosis.verdict, Verdict::Fault);
}

/// Phoenix: an empty 403 for a subprotocol that it does not know; none at all is fine.
fn phoenix(changes: &[Change], offered: &str) -> bool {
    let mut offer = Some(offered);
    for change in changes {
        match change {
            Change::WithoutSubprotocol => offer = None,
            Change::Subprotocol { name } => offer = Some(name),
            _ => {}
        }
    }
    offer.is_none_or(|name| name == "graphql-transport-ws")
}

#[test]
fn the_seed_is_named_in_words_and_certain() {
    let mut world = World::new(|changes, _| {
        if phoenix(changes, "graphql-ws") {
            switch(Some("graphql-transport-ws"))
        } else {
            refusal(403, &[("server", "Cowboy"), ("via", "1.1 Caddy")], "")
        }
    })
    .with_target(|target| target.subprotocols = vec!["graphql-ws".into()]);
    let diagnosis = world.check();
    assert_first(&diagnosis, "http-403-subproto", Confidence::Certain);
    let summary = &diagnosis.findings[0].summary;
    assert!(
        summary.contains("offers subprotocol `graphql-ws`"),
        "{summary}"
    );
    assert!(
        summary.contains("wants `graphql-transport-ws`"),
        "{summary}"
    );
    assert!(world.asked.len() <= 10, "{:?}", world.asked);
}

#[test]
fn both_gates_of_the_seed_are_found_together() {
    let mut world = World::new(|changes, _| {
        let site = changes.contains(&Change::Origin {
            origin: OriginKind::Site,
        });
        if site && phoenix(changes, "graphql-ws") {
            switch(Some("graphql-transport-ws"))
        } else {
            refusal(403, &[("server", "Cowboy")], "")
        }
    })
    .with_target(|target| {
        target.subprotocols = vec!["graphql-ws".into()];
        target.origin = Some("https://elsewhere.example".into());
    });
    let diagnosis = world.check();
    assert_first(&diagnosis, "http-403-subproto", Confidence::Certain);
    assert_eq!(diagnosis.findings[1].cause, "http-403-origin");
}

#[test]
fn a_change_that_lets_in_is_certain_only_while_the_rest_fails() {
    let cases: [(Change, &str); 6] = [
        (
            Change::Origin {
                origin: OriginKind::Site,
            },
            "http-403-origin",
        ),
        (Change::BrowserUserAgent, "http-403-ua"),
        (Change::BrowserHeaders, "http-403-ua"),
        (
            Change::Subprotocol {
                name: "mqtt".into(),
            },
            "http-403-subproto",
        ),
        (Change::WithoutExtensions, "http-400-generic"),
        (Change::Cookies, "http-cookie-missing"),
    ];
    for (key, cause) in cases {
        let wanted = key.clone();
        let mut world = World::new(move |changes, _| {
            if changes.contains(&wanted) {
                switch(None)
            } else {
                refusal(403, &[], "")
            }
        })
        .with_target(|target| target.page = true);
        assert_first(&world.check(), cause, Confidence::Certain);
    }
}

#[test]
fn a_server_that_comes_and_goes_proves_nothing_about_headers() {
    let mut world = World::new(|_, before| {
        if before % 2 == 1 {
            switch(None)
        } else {
            refusal(404, &[], "no session")
        }
    });
    let diagnosis = world.check();
    assert_first(&diagnosis, "http-sticky", Confidence::Likely);
}

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

/// npm's graphql-ws opens the socket of an older client without choosing its subprotocol.
#[test]
fn no_subprotocol_chosen_may_be_the_other_generation_of_graphql() {
    let newer = Change::Subprotocol {
        name: "graphql-transport-ws".into(),
    };
    let mut world = World::new(move |changes, _| {
        if changes.contains(&newer) {
            switch(Some("graphql-transport-ws"))
        } else {
            deviating_switch(&[], "subprotocol-missing")
        }
    })
    .with_target(|target| target.subprotocols = vec!["graphql-ws".into()]);
    let diagnosis = world.check();
    assert_first(&diagnosis, "app-subproto-generation", Confidence::Certain);
    assert_eq!(diagnosis.findings.len(), 1);
    let mut world = World::new(|_, _| deviating_switch(&[], "subprotocol-missing"))
        .with_target(|target| target.subprotocols = vec!["graphql-ws".into()]);
    assert_first(&world.check(), "http-subproto-none", Confidence::Certain);
}

#[test]
fn a_426_for_handshakes_alone_is_the_servers_own() {
    let mut world = World::new(|_, _| refusal(426, &[("upgrade", "websocket")], ""))
        .with_control(|_| Some(response(200, &[], "a page")));
    assert_first(&world.check(), "http-426", Confidence::Likely);
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

#[test]
fn an_origin_of_the_users_choice_is_doubted_first() {
    let mut world = World::new(|_, _| refusal(403, &[], ""))
        .with_target(|target| target.origin = Some("https://b.example".into()));
    assert_first(&world.check(), "http-403-origin", Confidence::Possible);
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

#[test]
fn a_silent_handshake_beside_a_quick_page_is_a_hang() {
    let hang = || unanswered(Failure::TimedOut { waited_ms: 7_000 });
    let mut world = World::new(move |_, _| hang());
    assert_first(&world.check(), "http-504-hang", Confidence::Certain);
    assert!(
        world.asked.len() < 8,
        "each silent handshake costs seconds: {:?}",
        world.asked
    );
}

#[test]
fn an_expired_token_is_named_from_its_claim() {
    let mut world = World::new(|_, _| refusal(401, &[], "")).with_target(|target| {
        target.token = Some(TokenFacts {
            placement: TokenPlacement::Header,
            characters: 120,
            jwt: true,
            expires_unix_s: Some(1_789_996_400),
            not_before_unix_s: None,
        });
    });
    let diagnosis = world.check();
    assert_first(&diagnosis, "time-token-expiry", Confidence::Certain);
    assert!(
        diagnosis.findings[0].summary.contains("60 min ago"),
        "{}",
        diagnosis.findings[0].summary
    );
}

#[test]
fn a_401_that_the_pages_cookies_lift_is_about_the_cookie() {
    let mut world = World::new(|changes, _| {
        if changes.contains(&Change::Cookies) {
            switch(None)
        } else {
            refusal(401, &[], "no session")
        }
    })
    .with_target(|target| target.page = true);
    assert_first(&world.check(), "http-cookie-missing", Confidence::Certain);
}

#[test]
fn a_401_that_no_answers_cookies_lift_is_shown_to_a_browser() {
    for page in [false, true] {
        let mut world = World::new(|_, _| refusal(401, &[], "no visitor"))
            .with_target(|target| target.page = page)
            .with_target(|target| target.browser = BrowserUse::Auto);
        assert_first(&world.check(), "http-401", Confidence::Certain);
        assert_eq!(world.asked.contains(&Question::Browser), page);
    }
}

#[test]
fn a_rate_limit_lifts_after_the_pause_it_asked_for() {
    let mut world = World::new(|changes, _| {
        if matches!(changes, [Change::AfterPause { .. }]) {
            switch(None)
        } else {
            refusal(429, &[("retry-after", "1")], "")
        }
    });
    assert_first(&world.check(), "http-429", Confidence::Certain);
}

#[test]
fn a_bare_403_that_nothing_changes_is_the_applications() {
    let mut world = World::new(|_, _| refusal(403, &[("server", "uvicorn")], ""));
    let diagnosis = world.check();
    assert_first(&diagnosis, "http-403-connect-refused", Confidence::Likely);
    assert!(!diagnosis.findings[0].untested.is_empty());
}

#[test]
fn a_403_for_everything_is_about_the_address_and_not_the_application() {
    let page = "<html><h1>403 Forbidden</h1><center>nginx</center></html>";
    let mut world = World::new(move |_, _| refusal(403, &[("server", "nginx")], page))
        .with_control(move |_| Some(response(403, &[("server", "nginx")], page)));
    assert_first(&world.check(), "http-403-ip-reputation", Confidence::Likely);
}

fn head(headers: &[(&str, &str)]) -> RequestHead {
    RequestHead {
        method: "GET".into(),
        target: "/socket".into(),
        version: "HTTP/1.1".into(),
        headers: headers
            .iter()
            .map(|(name, value)| Header {
                name: (*name).into(),
                value: (*value).into(),
            })
            .collect(),
    }
}

fn browser_world(secret_header: &'static str) -> World {
    let mut world = World::new(move |changes, _| {
        let has = changes.iter().any(|change| match change {
            Change::Like => secret_header != "below",
            Change::HeaderFrom { name } => name == secret_header,
            _ => false,
        });
        if has {
            switch(None)
        } else {
            refusal(403, &[], "")
        }
    });
    world.target.browser = BrowserUse::Auto;
    world.target.budget = 40;
    world.browser = Browser::GetsIn;
    world.requests = (
        head(&[("Host", "h"), ("User-Agent", "towpath")]),
        head(&[
            ("Host", "h"),
            ("User-Agent", "Mozilla"),
            ("Sec-GPC", "1"),
            ("X-Room", "7"),
            ("Accept-Language", "en"),
        ]),
    );
    world
}

#[test]
fn the_browsers_request_is_bisected_to_the_header_that_matters() {
    let diagnosis = browser_world("X-Room").check();
    assert_first(&diagnosis, "http-401", Confidence::Certain);
    assert!(
        diagnosis.findings[0].summary.contains("X-Room"),
        "{}",
        diagnosis.findings[0].summary
    );
}

#[test]
fn a_browsers_request_that_fails_natively_points_below_http() {
    let mut world = browser_world("below");
    world.target.scheme = crate::observation::Scheme::Wss;
    let diagnosis = {
        // The gate's rule judges TLS libraries; this world only needs the browser's side of it.
        let rule = super::gate::FINGERPRINT;
        let observations = world.observations_after_check_on_ws();
        let evidence = crate::evidence::Evidence::new(&observations).expect("a target");
        (rule.judge)(&evidence)
    };
    let support = diagnosis.support.expect("a case");
    assert_eq!(support.confidence, Confidence::Likely);
    assert!(
        support.summary.contains("below HTTP"),
        "{}",
        support.summary
    );
}

#[test]
fn a_healthy_server_has_no_fault() {
    let mut world = World::new(|_, _| switch(None)).with_control(|path| match path {
        ControlPath::Root => None,
        _ => Some(response(426, &[], "Upgrade Required")),
    });
    let diagnosis = world.check();
    assert_eq!(
        diagnosis.verdict,
        Verdict::Healthy,
        "{:?}",
        diagnosis.findings
    );
    assert!(diagnosis.findings.is_empty());
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
fn a_refusal_by_the_application_is_not_about_the_address() {
    for (server, body, cause) in [
        ("uvicorn", "", "http-403-connect-refused"),
        ("nginx", "Invalid CORS request", "http-403-origin"),
        ("nginx", "<h1>403</h1>", "http-403-ip-reputation"),
    ] {
        let mut world = World::new(move |_, _| refusal(403, &[("server", server)], body))
            .with_control(move |_| Some(response(403, &[("server", server)], body)));
        assert_first(&world.check(), cause, Confidence::Likely);
    }
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

#[test]
fn no_browser_is_asked_where_the_user_wants_none() {
    use crate::observation::BrowserUse;
    for (wish, asked) in [(BrowserUse::Never, false), (BrowserUse::Auto, true)] {
        let mut world = World::new(|_, _| refusal(403, &[("server", "uvicorn")], ""))
            .with_target(|target| target.browser = wish);
        world.check();
        assert_eq!(world.asked.contains(&Question::Browser), asked, "{wish:?}");
    }
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

#[test]
fn a_second_handshake_that_is_too_much_met_a_limit() {
    use crate::rules::scene::{Scene, handshake, refused, switched};
    for (status, cause) in [
        (503, "http-429"),
        (429, "http-429"),
        (502, "http-sticky"),
        (404, "http-sticky"),
    ] {
        let mut scene =
            Scene::plain()
                .handshake(|_| switched())
                .when(move |question| match question {
                    Question::Talk { .. } => Some(vec![handshake(&[], refused(status, &[], ""))]),
                    _ => None,
                });
        assert_eq!(scene.faults().first().map(String::as_str), Some(cause));
    }
}

/// The user waits for an answer, and the server says a friendly goodbye instead.
#[test]
fn a_goodbye_in_place_of_the_answer_is_not_healthy() {
    use crate::observation::{Ending, Exercise, Outcome};
    let ended = |exercise: Exercise| {
        let mut part = crate::rules::frame::testing::listened();
        part.exercise = exercise;
        part.outcome = Outcome::Ended(Ending::Closed {
            code: Some(1000),
            reason: String::new(),
        });
        part
    };
    for exercise in [Exercise::Listen, Exercise::Send] {
        for expect in [None, Some("hello".to_owned())] {
            let part = ended(exercise.clone());
            let mut scene = crate::rules::scene::Scene::plain()
                .handshake(|_| crate::rules::scene::switched())
                .when(move |question| match question {
                    Question::Talk { .. } => {
                        Some(vec![crate::observation::Fact::Conversation(part.clone())])
                    }
                    _ => None,
                });
            scene.target.send = true;
            scene.target.expect = expect.clone();
            let healthy = scene.check().verdict == Verdict::Healthy;
            assert_eq!(healthy, expect.is_none(), "{exercise:?}");
        }
    }
}

#[test]
fn a_challenge_that_only_the_browsers_page_shows_is_named_unless_the_handshake_opens() {
    use crate::observation::BrowserUse;
    for (use_browser, opens) in [
        (BrowserUse::Auto, false),
        (BrowserUse::Only, false),
        (BrowserUse::Auto, true),
    ] {
        let mut world = World::new(move |_, _| {
            if opens {
                switch(None)
            } else {
                refusal(403, &[], "")
            }
        });
        world.target.browser = use_browser;
        world.browser = Browser::Challenged;
        let diagnosis = world.check();
        let first = diagnosis.findings.first().map(|finding| {
            let operator = finding.remedy.operator.contains("Exempt /socket");
            (finding.cause.as_str(), finding.confidence, operator)
        });
        let expected = (!opens).then_some(("http-403-cdn-challenge", Confidence::Likely, true));
        assert_eq!(first, expected, "{use_browser:?}, {diagnosis:?}");
    }
}

/// The page's own answer sets no cookie, its script does: only the browser's request has it.
#[test]
fn a_cookie_that_only_the_browser_has_is_found_behind_a_401() {
    for (cookie_helps, cause) in [(true, "http-cookie-missing"), (false, "http-401")] {
        let mut world = World::new(move |changes, _| {
            let has = changes.iter().any(|change| match change {
                Change::Like => true,
                Change::HeaderFrom { name } => name == "Cookie",
                _ => false,
            });
            if has && cookie_helps {
                switch(None)
            } else {
                refusal(401, &[], "")
            }
        });
        world.target.page = true;
        world.target.browser = BrowserUse::Auto;
        world.browser = Browser::GetsIn;
        world.requests = (
            head(&[("Host", "h"), ("User-Agent", "towpath")]),
            head(&[("Host", "h"), ("User-Agent", "Mozilla"), ("Cookie", "a=1")]),
        );
        assert_first(&world.check(), cause, Confidence::Certain);
    }
}
