//! Fatal TLS alerts as plain bytes, for servers and filters that refuse before they say anything else.

use std::io;

use tokio::io::AsyncWriteExt;

use crate::stream::Stream;

/// `handshake_failure` (RFC 8446 section 6.2): nothing offered is acceptable.
pub(crate) const HANDSHAKE_FAILURE: u8 = 40;
/// `protocol_version`: no version offered is spoken.
pub(crate) const PROTOCOL_VERSION: u8 = 70;
/// `unrecognized_name`: no server of this name, or no name was sent.
pub(crate) const UNRECOGNIZED_NAME: u8 = 112;
/// `no_application_protocol` (RFC 7301): no protocol in the offer is spoken.
pub(crate) const NO_APPLICATION_PROTOCOL: u8 = 120;

/// Sends a fatal alert in a record of TLS 1.2's form and ends the connection.
pub(crate) async fn refuse(mut stream: Stream, alert: u8) -> io::Result<()> {
    stream.write_all(&[21, 3, 3, 0, 2, 2, alert]).await?;
    stream.finish().await
}
