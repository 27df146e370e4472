//! Asks the one place that knows challenge pages about the page's document.
//!
//! Gathers what the server sent; never decides by itself what a challenge is.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use towpath_diagnosis::challenge::Challenge;
use towpath_diagnosis::observation::{Body, Header, Response};

use crate::document::Document;
use crate::error::BrowserError;
use crate::page::{Answer, Page};
use crate::recorder::PAYLOAD_PREFIX_BYTES;

/// What is known of the page that the server sent.
#[derive(Default)]
pub(crate) struct Judged {
    pub(crate) challenge: Option<Challenge>,
    pub(crate) body_prefix: String,
}

/// Whether the document in the page's main frame is a challenge. Each document is asked about until it is complete.
pub(crate) async fn challenge(page: &mut Page<'_>) -> Result<Judged, BrowserError> {
    let document = &page.recorder.document;
    if document.status.is_none() || document.judged {
        return Ok(Judged::default());
    }
    let mut answer = response(document);
    if document.body_complete {
        page.recorder.document.judged = true;
        answer.body = body(page).await?;
    }
    let challenge = Challenge::in_page(&answer);
    let mut body_prefix = answer.body.text;
    body_prefix.truncate(body_prefix.floor_char_boundary(PAYLOAD_PREFIX_BYTES));
    Ok(Judged {
        challenge,
        body_prefix,
    })
}

/// The document's answer without its body.
fn response(document: &Document) -> Response {
    let header = |(name, value): &(String, String)| Header {
        name: name.clone(),
        value: value.clone(),
    };
    Response {
        status: document.status.unwrap_or_default(),
        version: document.http_version.clone().unwrap_or_default(),
        headers: document.headers.iter().map(header).collect(),
        ..Response::default()
    }
}

/// The beginning of the document as the server sent it, before any script changed it.
async fn body(page: &mut Page<'_>) -> Result<Body, BrowserError> {
    let document = &page.recorder.document;
    let of = json!({ "requestId": document.request });
    if document.body_bytes > BODY_BYTES_MAX {
        return Ok(Body::default());
    }
    let Answer::Result(body) = page
        .call("Network.getResponseBody", of, BODY_TIMEOUT)
        .await?
    else {
        // A document that was left meanwhile; the next one is asked about.
        return Ok(Body::default());
    };
    let text = body["body"].as_str().unwrap_or_default();
    let mut bytes = if body["base64Encoded"] == true {
        STANDARD.decode(text).unwrap_or_default()
    } else {
        text.as_bytes().to_vec()
    };
    let length = bytes.len();
    bytes.truncate(BODY_BYTES_SEARCHED);
    Ok(Body {
        text: String::from_utf8_lossy(&bytes).into_owned(),
        bytes: length as u64,
        cut: length > BODY_BYTES_SEARCHED,
    })
}

/// No challenge page is as long; a longer document is the site's own.
const BODY_BYTES_MAX: f64 = 512.0 * 1024.0;
/// Of a document, in which the marks are looked for.
const BODY_BYTES_SEARCHED: usize = 64 * 1024;
const BODY_TIMEOUT: Duration = Duration::from_secs(2);
