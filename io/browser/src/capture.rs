//! One capture from start to end: launch, visit, watch, open, close, read the network log.

use std::time::Duration;

use serde_json::{Value, json};

use crate::error::BrowserError;
use crate::flags::Purpose;
use crate::launch::Browser;
use crate::netlog::read_net_log;
use crate::options::{BrowserOptions, BrowserProxy, Credentials};
use crate::page::{Answer, Page};
use crate::record::{BrowserIdentity, Capture, Opener, PageVisit, ScriptOutcome};
use crate::recorder::{OPEN_SCRIPT_NAME, Recorder, blank_socket};
use crate::request::{CaptureRequest, OpenRequest};
use crate::visit::{host_of, parse_url, stand_in, visit};

/// Runs one capture with a browser of its own and leaves nothing behind.
///
/// What the network does is in the [`Capture`]; an error means that the browser itself could not be used. Takes at most
/// the sum of the options' and the request's time limits plus about ten seconds. Cancelling it kills the browser.
pub async fn capture(
    options: &BrowserOptions,
    request: &CaptureRequest,
) -> Result<Capture, BrowserError> {
    parse_url(&request.websocket_url)?;
    let mut browser = Browser::obtain(options, Purpose::Capture).await?;
    let identity = identity(&browser);
    let mut page = Page::open(browser.connection(), credentials(options)).await?;
    let (visit, script) = run(&mut page, request).await?;
    let recorder = page.recorder;
    let sockets_omitted = recorder.sockets_omitted;
    let requests_made = recorder.requests_made;
    let mut sockets = recorder.into_sockets();
    if script.is_some() {
        let socket = match sockets
            .iter()
            .rposition(|socket| socket.opener == Opener::Request)
        {
            Some(index) => &mut sockets[index],
            // The page did not even create it, and the script says why.
            None => sockets.push_mut(blank_socket(&request.websocket_url, Opener::Request)),
        };
        socket.script = script;
    }
    let net_log_read = match browser.close().await {
        Some((net_log, _directory)) => read_net_log(&net_log, &mut sockets).is_ok(),
        None => false,
    };
    Ok(Capture {
        browser: identity,
        page: visit,
        sockets,
        sockets_omitted,
        requests_made,
        net_log_read,
    })
}

pub(crate) fn identity(browser: &Browser) -> BrowserIdentity {
    BrowserIdentity {
        program: browser.program.clone(),
        version: browser.product.clone(),
        user_agent: browser.user_agent.clone(),
        without_sandbox: browser.without_sandbox.is_some(),
    }
}

/// What a proxy that asks is told.
pub(crate) fn credentials(options: &BrowserOptions) -> Option<Credentials> {
    match &options.proxy {
        BrowserProxy::Server { credentials, .. } => credentials.clone(),
        BrowserProxy::System | BrowserProxy::Direct => None,
    }
}

async fn run(
    page: &mut Page<'_>,
    request: &CaptureRequest,
) -> Result<(PageVisit, Option<ScriptOutcome>), BrowserError> {
    let mut visited = visit(page, request).await?;
    let watches = !request.watch_page.is_zero() || !request.watch_longer.is_zero();
    let worth_watching = watches && may_make_sockets(page, &visited).await?;
    let mut has_own = false;
    if worth_watching {
        has_own = watch(page, request, request.watch_page).await?;
    }
    let Some(open) = &request.open else {
        return Ok((visited, None));
    };
    let mut script = open_socket(page, request, open).await?;
    let forbidden = script
        .as_ref()
        .and_then(|script| script.forbidden_by_policy.clone());
    if let (Some(directive), None) = (forbidden, &visited.substituted) {
        let reason = format!("the page's content security policy ({directive}) forbids the socket");
        stand_in(page, &mut visited, &reason).await?;
        script = open_socket(page, request, open).await?;
    }
    let stayed = script
        .as_ref()
        .is_some_and(|script| script.opened && script.closed_by_capture);
    if !stayed && !has_own && worth_watching && visited.substituted.is_none() {
        watch(page, request, request.watch_longer).await?;
    }
    Ok((visited, script))
}

/// An empty page makes no sockets, nor does one without anything to run. A challenge is not waited out.
async fn may_make_sockets(page: &mut Page<'_>, visited: &PageVisit) -> Result<bool, BrowserError> {
    if visited.substituted.is_some() || visited.challenge.is_some() {
        return Ok(false);
    }
    let answer = page.evaluate_apart(ACTS_SCRIPT, SCRIPT_MARGIN).await?;
    // Who cannot be asked is busy.
    Ok(!matches!(answer, Answer::Result(said) if said["result"]["value"] == false))
}

/// Lets the page make its own sockets, until one to the target's host was answered and had its time. Tells whether one
/// was.
async fn watch(
    page: &mut Page<'_>,
    request: &CaptureRequest,
    longest: Duration,
) -> Result<bool, BrowserError> {
    if longest.is_zero() {
        return Ok(false);
    }
    let host = host_of(&request.websocket_url);
    let to_target = |recorder: &Recorder| {
        recorder.is_settled(|socket| socket.opener == Opener::Page && host_of(&socket.url) == host)
    };
    let answered = page.run_until(longest, to_target).await?;
    if answered {
        page.run_until(request.linger, |_| false).await?;
    }
    Ok(answered)
}

async fn open_socket(
    page: &mut Page<'_>,
    request: &CaptureRequest,
    open: &OpenRequest,
) -> Result<Option<ScriptOutcome>, BrowserError> {
    let details = json!({
        "address": request.websocket_url,
        "subprotocols": open.subprotocols,
        "messages": open.messages,
        "lingerMs": milliseconds(request.linger),
        "handshakeMs": milliseconds(request.handshake_timeout),
        "closeMs": milliseconds(CLOSE_PATIENCE),
    });
    let expression = format!("{OPEN_SCRIPT}({details})\n//# sourceURL={OPEN_SCRIPT_NAME}");
    let limit = request.handshake_timeout + request.linger + CLOSE_PATIENCE + SCRIPT_MARGIN;
    let outcome = match page.evaluate_apart(&expression, limit).await? {
        Answer::Result(result) => Some(script_outcome(&result)),
        Answer::Refused(reason) => Some(ScriptOutcome {
            exception: Some(reason),
            ..ScriptOutcome::default()
        }),
        Answer::TimedOut => None,
    };
    // The script hears of the end a moment before the debugging protocol does.
    page.run_until(END_PATIENCE, Recorder::requested_has_ended)
        .await?;
    Ok(outcome)
}

fn script_outcome(evaluated: &Value) -> ScriptOutcome {
    let seen = &evaluated["result"]["value"];
    let text = |key: &str| seen[key].as_str().map(str::to_owned);
    let thrown = evaluated["exceptionDetails"]["exception"]["description"].as_str();
    ScriptOutcome {
        opened: seen["opened"] == true,
        subprotocol: text("subprotocol").unwrap_or_default(),
        extensions: text("extensions").unwrap_or_default(),
        close_code: seen["code"].as_u64().and_then(|code| code.try_into().ok()),
        close_reason: text("reason").unwrap_or_default(),
        closed_cleanly: seen["clean"] == true,
        closed_by_capture: seen["closedByCapture"] == true,
        exception: text("exception").or_else(|| thrown.map(str::to_owned)),
        forbidden_by_policy: text("forbiddenByPolicy"),
    }
}

fn milliseconds(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}

const OPEN_SCRIPT: &str = include_str!("open.js").trim_ascii_end();
/// Whether a page has scripts, handlers or frames.
const ACTS_SCRIPT: &str = "document.scripts.length > 0 || document.evaluate(\"boolean(//iframe | //frame | //object | \
                           //embed | //@*[starts-with(name(), 'on')])\", document, null, 3).booleanValue";
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);
const SCRIPT_MARGIN: Duration = Duration::from_secs(3);
const END_PATIENCE: Duration = Duration::from_millis(300);
