//! The page's own document: its answer, and whether it has loaded.

use std::net::{IpAddr, SocketAddr};

use serde_json::Value;

use crate::headers::from_object;
use crate::protocol::Event;
use crate::record::PageSecurity;

/// What is known of the document of the main frame.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// The main frame, whose id is also the page's target id.
    pub(crate) frame: String,
    pub(crate) url: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) http_version: Option<String>,
    pub(crate) remote_address: Option<SocketAddr>,
    pub(crate) security: Option<PageSecurity>,
    pub(crate) loaded: bool,
    /// The request that brought it, by the browser's number.
    pub(crate) request: String,
    pub(crate) headers: Vec<(String, String)>,
    /// Whether its last byte is here.
    pub(crate) body_complete: bool,
    /// Its length on the wire, in the browser's kind of number.
    pub(crate) body_bytes: f64,
    /// Whether it was asked in full what kind of page this is.
    pub(crate) judged: bool,
}

impl Document {
    pub(crate) fn in_frame(frame: &str) -> Self {
        Self {
            frame: frame.to_owned(),
            ..Self::default()
        }
    }

    pub(crate) fn observe(&mut self, event: &Event) {
        let params = &event.params;
        match event.method.as_str() {
            "Network.responseReceived"
                if params["type"] == "Document" && params["frameId"] == self.frame.as_str() =>
            {
                self.answered(&params["response"]);
                self.request = text(params, "requestId").unwrap_or_default();
                self.body_complete = false;
                self.judged = false;
            }
            "Network.loadingFinished" if params["requestId"] == self.request.as_str() => {
                self.body_complete = true;
                self.body_bytes = params["encodedDataLength"].as_f64().unwrap_or_default();
            }
            "Page.frameNavigated" if params["frame"]["id"] == self.frame.as_str() => {
                self.url = text(&params["frame"], "url");
                // The events of a load belong to the document that is in the frame by now.
                self.loaded = false;
            }
            "Page.frameStoppedLoading" if params["frameId"] == self.frame.as_str() => {
                self.loaded = true;
            }
            _ => {}
        }
    }

    fn answered(&mut self, response: &Value) {
        self.status = response["status"]
            .as_u64()
            .and_then(|status| status.try_into().ok());
        self.http_version = text(response, "protocol");
        self.headers = from_object(&response["headers"]);
        self.remote_address = remote_address(response);
        self.security = response.get("securityDetails").map(|details| PageSecurity {
            protocol: text(details, "protocol").unwrap_or_default(),
            subject: text(details, "subjectName").unwrap_or_default(),
            issuer: text(details, "issuer").unwrap_or_default(),
        });
    }
}

fn remote_address(response: &Value) -> Option<SocketAddr> {
    let address = response["remoteIPAddress"].as_str()?;
    let address: IpAddr = address
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .ok()?;
    let port = response["remotePort"].as_u64()?.try_into().ok()?;
    Some(SocketAddr::new(address, port))
}

fn text(value: &Value, key: &str) -> Option<String> {
    value[key].as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn observed(events: &[(&str, Value)]) -> Document {
        let mut document = Document::in_frame("main");
        for (method, params) in events {
            document.observe(&Event {
                session: None,
                method: (*method).to_owned(),
                params: params.clone(),
            });
        }
        document
    }

    fn answer(frame: &str, status: u16) -> (&'static str, Value) {
        let response = json!({ "status": status, "protocol": "h2", "remoteIPAddress": "[2001:db8::1]",
            "remotePort": 443, "securityDetails": { "protocol": "TLS 1.3", "subjectName": "a", "issuer": "b" } });
        let params = json!({ "type": "Document", "frameId": frame, "response": response });
        ("Network.responseReceived", params)
    }

    #[test]
    fn the_main_frames_answer_is_kept_and_other_frames_are_not() {
        let document = observed(&[answer("main", 200), answer("advertisement", 404)]);
        assert_eq!(document.status, Some(200));
        assert_eq!(
            document.remote_address,
            Some("[2001:db8::1]:443".parse().expect("address"))
        );
        assert_eq!(document.security.expect("security").issuer, "b");
    }

    #[test]
    fn a_new_document_has_to_load_again() {
        let navigated = (
            "Page.frameNavigated",
            json!({ "frame": { "id": "main", "url": "https://a/" } }),
        );
        let stopped = ("Page.frameStoppedLoading", json!({ "frameId": "main" }));
        assert!(observed(&[navigated.clone(), stopped.clone()]).loaded);
        assert!(!observed(&[stopped, navigated]).loaded);
    }
}
