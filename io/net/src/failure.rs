//! Turns what libraries and the operating system say into the terms of the observation model.
//!
//! It names how something failed, never who is to blame.

use std::io;
use std::time::Duration;

use towpath_diagnosis::observation::Failure;

use crate::http2;
use crate::limits::milliseconds;
use crate::tls;

/// Most characters of a peer's first bytes that a fact shows.
const SHOWN_CHARACTERS_MAX: usize = 64;

/// Error numbers of a machine that is out of something: `ENOMEM`, `ENFILE`, `EMFILE`, `ENOBUFS`.
const OUT_OF_RESOURCES: [i32; 4] = [12, 23, 24, 105];

/// Names an input/output error. `waited` is what the attempt had waited when the error came.
pub fn of_io(error: &io::Error, waited: Duration) -> Failure {
    if let Some(failure) = tls::failure_within(error) {
        return failure;
    }
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
        return http2::failure_of(error);
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Failure::Refused,
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::NotConnected => Failure::Reset,
        io::ErrorKind::UnexpectedEof | io::ErrorKind::WriteZero => Failure::EndOfStream,
        io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkDown => Failure::Unreachable,
        io::ErrorKind::PermissionDenied => Failure::Forbidden,
        io::ErrorKind::AddrNotAvailable | io::ErrorKind::OutOfMemory => Failure::LocalLimit,
        io::ErrorKind::TimedOut => Failure::TimedOut {
            waited_ms: milliseconds(waited),
        },
        _ if error
            .raw_os_error()
            .is_some_and(|number| OUT_OF_RESOURCES.contains(&number)) =>
        {
            Failure::LocalLimit
        }
        _ => Failure::Other {
            detail: error.to_string(),
        },
    }
}

/// Names a wait that passed its limit.
pub fn timed_out(limit: Duration) -> Failure {
    Failure::TimedOut {
        waited_ms: milliseconds(limit),
    }
}

/// A peer's first bytes as printable text; bytes that do not print are shown as `\xNN`.
pub fn printable(bytes: &[u8]) -> String {
    let mut out = String::new();
    for &byte in bytes {
        let shown: String = match byte {
            b'\r' => "\\r".to_owned(),
            b'\n' => "\\n".to_owned(),
            0x20..=0x7e => char::from(byte).to_string(),
            _ => format!("\\x{byte:02x}"),
        };
        if out.len() + shown.len() > SHOWN_CHARACTERS_MAX {
            break;
        }
        out.push_str(&shown);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printable_bytes_stay_and_others_are_named() {
        assert_eq!(printable(b"HTTP\r\n\x00\xff"), "HTTP\\r\\n\\x00\\xff");
        assert_eq!(printable(&[b'a'; 200]).len(), SHOWN_CHARACTERS_MAX);
    }

    #[test]
    fn system_errors_have_their_names() {
        let check = |number: i32, expected: &Failure| {
            let error = io::Error::from_raw_os_error(number);
            assert_eq!(&of_io(&error, Duration::from_millis(7)), expected);
        };
        check(111, &Failure::Refused);
        check(104, &Failure::Reset);
        check(32, &Failure::Reset);
        check(101, &Failure::Unreachable);
        check(113, &Failure::Unreachable);
        check(24, &Failure::LocalLimit);
        check(99, &Failure::LocalLimit);
        check(13, &Failure::Forbidden);
        check(110, &Failure::TimedOut { waited_ms: 7 });
    }
}
