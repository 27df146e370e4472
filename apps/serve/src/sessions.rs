//! The session side of the gateway: the registry of sessions, and what answers their requests.

use std::sync::Arc;

use http::{Response, StatusCode};

use crate::body::{self, Body};
use crate::call::Call;
use crate::config::Settings;
use crate::gateway::Gateway;

/// Every session of this gateway.
#[derive(Debug)]
pub(crate) struct Sessions {}

impl Sessions {
    /// No sessions yet.
    pub(crate) fn new(_settings: &Settings) -> Self {
        Self {}
    }
}

/// Answers one request of a session.
pub(crate) async fn handle(_gateway: &Arc<Gateway>, _call: Call) -> Response<Body> {
    let mut response = Response::new(body::empty());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}
