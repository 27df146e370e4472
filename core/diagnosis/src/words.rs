//! Facts in words: the short phrases that findings, ladders and reports share.

use crate::observation::Failure;

/// A failure as the end of a sentence, for example `the connection was reset`.
pub fn failure(failure: &Failure) -> String {
    match failure {
        Failure::Refused => "the connection was refused".into(),
        Failure::TimedOut { waited_ms } => format!("no answer within {}", duration(*waited_ms)),
        Failure::Reset => "the connection was reset".into(),
        Failure::EndOfStream => "the connection was closed without an answer".into(),
        Failure::Unreachable => "there is no route".into(),
        Failure::Forbidden => "this machine forbids it".into(),
        Failure::LocalLimit => "this machine is out of sockets or ports".into(),
        Failure::NoAddress => "the name has no address".into(),
        Failure::Alert { code, name } => format!("TLS alert {code} ({name})"),
        Failure::NotTls { first_bytes } => format!("the answer is not TLS: \"{first_bytes}\""),
        Failure::NotTrusted => "the certificate is not trusted".into(),
        Failure::NotHttp { first_bytes } => format!("the answer is not HTTP: \"{first_bytes}\""),
        Failure::TooLarge { limit_bytes } => {
            format!("the answer is larger than {limit_bytes} bytes")
        }
        Failure::Http2NotAgreed => "the server does not speak HTTP/2".into(),
        Failure::ExtendedConnectNotOffered => {
            "the server does not offer WebSocket over HTTP/2".into()
        }
        Failure::ProtocolNotOffered => "the server chose a protocol that was not offered".into(),
        Failure::Http2 { detail } => format!("HTTP/2: {detail}"),
        Failure::Other { detail } => detail.clone(),
    }
}

/// Milliseconds for a reader: `340 ms`, `2.5 s`, `5 min`.
pub fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..120_000 => {
            let tenths = (ms + 50) / 100;
            if tenths.is_multiple_of(10) {
                format!("{} s", tenths / 10)
            } else {
                format!("{}.{} s", tenths / 10, tenths % 10)
            }
        }
        _ => format!("{} min", ms.saturating_add(30_000) / 60_000),
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_read_well() {
        assert_eq!(duration(340), "340 ms");
        assert_eq!(duration(3_010), "3 s");
        assert_eq!(duration(2_460), "2.5 s");
        assert_eq!(duration(310_000), "5 min");
    }
}
