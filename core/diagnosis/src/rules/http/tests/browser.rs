//! What the browser meets: cookies, challenges, and the request that gets in.

use super::*;

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
        let rule = super::super::gate::FINGERPRINT;
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
