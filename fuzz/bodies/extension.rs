//! `Sec-WebSocket-Extensions`: any text is refused or read, and what was read can be judged as offer and as answer.

use towpath_websocket::DeflateOffer;
use towpath_websocket::extension::parse_extensions;

/// Reads `data` as the value of the header.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(extensions) = parse_extensions(&text) else {
        return;
    };
    assert!(
        extensions.len() <= text.len(),
        "each extension takes at least one byte"
    );
    for extension in &extensions {
        assert!(!extension.name.is_empty(), "an extension has a name");
        if let Ok(offer) = DeflateOffer::parse(extension) {
            for answer in &extensions {
                let _judged = offer.check_answer(answer);
            }
        }
    }
}
