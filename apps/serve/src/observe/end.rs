//! How a stream ended, from what the operating system said.

use std::io;

use towpath_diagnosis::observation::AttachmentEnd;

/// How a stream ended that failed so.
pub(crate) fn end_of(error: &io::Error) -> AttachmentEnd {
    match error.kind() {
        // A write finds the pipe broken behind a reset.
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => AttachmentEnd::Reset,
        // Nobody acknowledged what was sent, or answered the system's keep-alive.
        io::ErrorKind::TimedOut => AttachmentEnd::Silent,
        // Bytes that are no TLS, or altered on the way.
        io::ErrorKind::InvalidData => outcome("unreadable"),
        _ => AttachmentEnd::EndOfStream,
    }
}

/// The gateway ended it, for a reason with this name.
pub(crate) fn outcome(name: &str) -> AttachmentEnd {
    AttachmentEnd::Gateway {
        outcome: name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_told_apart() {
        for (kind, expected) in [
            (io::ErrorKind::ConnectionReset, AttachmentEnd::Reset),
            (io::ErrorKind::BrokenPipe, AttachmentEnd::Reset),
            (io::ErrorKind::TimedOut, AttachmentEnd::Silent),
            (io::ErrorKind::UnexpectedEof, AttachmentEnd::EndOfStream),
            (io::ErrorKind::InvalidData, outcome("unreadable")),
        ] {
            assert_eq!(end_of(&kind.into()), expected);
        }
    }
}
