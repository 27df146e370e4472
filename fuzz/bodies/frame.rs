//! Frame headers: any bytes are a header or too few, and writing what was read gives the same bytes.

use towpath_websocket::{FrameHeader, LengthForm, Parsed};

/// Reads the header at the start of `data` and writes it again.
pub fn run(data: &[u8]) {
    match FrameHeader::parse(data) {
        Parsed::Incomplete { needed } => {
            assert!(needed > data.len(), "more is needed than is there");
        }
        Parsed::Header { header, size } => {
            assert!(size <= data.len(), "a header ends within the bytes given");
            assert!(
                header.length_form >= LengthForm::minimal(header.length),
                "the form holds the length"
            );
            let mut written = Vec::new();
            header.encode(&mut written);
            assert_eq!(written, &data[..size], "what was read is what is written");
            shorter_is_incomplete(&data[..size]);
        }
    }
}

/// Waiting for more never ends in an earlier header: every beginning of a header is incomplete.
fn shorter_is_incomplete(header: &[u8]) {
    for length in 0..header.len() {
        let parsed = FrameHeader::parse(&header[..length]);
        assert!(
            matches!(parsed, Parsed::Incomplete { .. }),
            "{length} of {} bytes: {parsed:?}",
            header.len()
        );
    }
}
