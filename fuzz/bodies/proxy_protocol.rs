//! PROXY protocol: any bytes end in a client, in nobody or in a named fault, and never by reading past the header.

use towpath_serve::proxy_protocol::{HEADER_BYTES_MAX, Progress, parse};

/// Reads `data` as a connection's first bytes, as many at a time as are asked for.
pub fn run(data: &[u8]) {
    let mut have = 0;
    let complete = loop {
        match parse(&data[..have]) {
            Ok(Progress::Need(more)) => {
                assert!(more > 0, "a header that is not complete needs something");
                have += more;
                assert!(have <= HEADER_BYTES_MAX, "headers are bounded");
                if have > data.len() {
                    return;
                }
            }
            outcome => break outcome,
        }
    };
    assert_eq!(
        parse(data),
        complete,
        "what comes behind a header changes nothing"
    );
}
