//! A DNS server over UDP that gives every question the same kind of answer (RFC 1035 section 4).
//!
//! Just enough to make a resolver fail in a chosen way; it must never be asked for real names.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::UdpSocket;

/// What every question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    /// An address for A, and no data for everything else.
    Address(Ipv4Addr),
    /// The same with the extended error "blocked" (RFC 8914).
    Blocked(Ipv4Addr),
    /// No answer, with this response code; 0 is "no data".
    Code(u8),
    /// `SERVFAIL`, unless the question asks not to check signatures: then this address.
    Bogus(Ipv4Addr),
}

/// `SERVFAIL`.
pub(crate) const SERVER_FAILURE: u8 = 2;
/// `NXDOMAIN`.
pub(crate) const NAME_ERROR: u8 = 3;

/// Answers questions for ever.
pub(crate) async fn serve(address: SocketAddr, reply: Reply) -> io::Result<()> {
    let socket = UdpSocket::bind(address).await?;
    let mut question = [0; QUESTION_BYTES_MAX];
    loop {
        let (length, peer) = socket.recv_from(&mut question).await?;
        if let Some(answer) = answer(&question[..length], reply) {
            // A client that is gone needs no answer.
            socket.send_to(&answer, peer).await.ok();
        }
    }
}

/// The answer to one question. `None` for what is no question.
fn answer(question: &[u8], reply: Reply) -> Option<Vec<u8>> {
    let header = question.get(..HEADER_BYTES)?;
    let is_query = header[2] & 0x80 == 0;
    if !is_query || header[4..6] != [0, 1] {
        return None;
    }
    let name_length = name_length(&question[HEADER_BYTES..])?;
    let end = HEADER_BYTES + name_length + 4;
    let asked = question.get(HEADER_BYTES..end)?;
    let is_a = asked[name_length..] == [0, 1, 0, 1];
    let no_check = header[3] & CHECKING_DISABLED != 0;
    let (code, address) = match reply {
        Reply::Address(address) | Reply::Blocked(address) => (0, Some(address)),
        Reply::Bogus(address) if no_check => (0, Some(address)),
        Reply::Bogus(_) => (SERVER_FAILURE, None),
        Reply::Code(code) => (code, None),
    };
    let address = address.filter(|_| is_a);
    let extended = matches!(reply, Reply::Blocked(_));
    let mut out = header[..2].to_vec();
    out.extend([
        0x80 | (header[2] & 0x79),
        0x80 | (header[3] & CHECKING_DISABLED) | code,
    ]);
    out.extend([
        0,
        1,
        0,
        u8::from(address.is_some()),
        0,
        0,
        0,
        u8::from(extended),
    ]);
    out.extend(asked);
    if let Some(address) = address {
        // The name by a pointer to the question, A, IN, 5 seconds, 4 bytes.
        out.extend([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4]);
        out.extend(address.octets());
    }
    if extended {
        // OPT for the root, 1232 bytes, with the option 15 of two bytes: code 15, blocked.
        out.extend([0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 6, 0, 15, 0, 2, 0, 15]);
    }
    Some(out)
}

/// Length of the name in a question, with its final zero.
fn name_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let label = usize::from(*bytes.get(at)?);
        at += 1;
        match label {
            0 => return Some(at),
            1..=63 => at += label,
            _ => return None,
        }
    }
}

const HEADER_BYTES: usize = 12;
/// The CD bit: the client wants the answer even if its signatures are wrong.
const CHECKING_DISABLED: u8 = 0x10;
/// Questions are far shorter; longer ones are cut and then are none.
const QUESTION_BYTES_MAX: usize = 1232;

#[cfg(test)]
mod tests {
    use super::*;

    /// A question for `a.test`, type A, with recursion desired.
    const QUESTION: &[u8] =
        b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x04test\x00\x00\x01\x00\x01";
    const LOCAL: Ipv4Addr = Ipv4Addr::LOCALHOST;

    fn code_and_address(question: &[u8], reply: Reply) -> (u8, bool) {
        let answer = answer(question, reply).unwrap();
        assert_eq!(answer[..2], question[..2]);
        (
            answer[3] & 0x0f,
            answer.windows(4).any(|four| four == LOCAL.octets()),
        )
    }

    #[test]
    fn each_reply_has_its_code() {
        assert_eq!(code_and_address(QUESTION, Reply::Address(LOCAL)), (0, true));
        assert_eq!(code_and_address(QUESTION, Reply::Blocked(LOCAL)), (0, true));
        assert_eq!(
            code_and_address(QUESTION, Reply::Code(NAME_ERROR)),
            (NAME_ERROR, false)
        );
        assert_eq!(
            code_and_address(QUESTION, Reply::Bogus(LOCAL)),
            (SERVER_FAILURE, false)
        );
    }

    #[test]
    fn bogus_signatures_pass_unchecked() {
        let mut question = QUESTION.to_vec();
        question[3] |= CHECKING_DISABLED;
        assert_eq!(code_and_address(&question, Reply::Bogus(LOCAL)), (0, true));
    }

    #[test]
    fn other_types_have_no_data() {
        let mut question = QUESTION.to_vec();
        let kind = question.len() - 3;
        question[kind] = 28;
        assert_eq!(
            code_and_address(&question, Reply::Address(LOCAL)),
            (0, false)
        );
    }

    #[test]
    fn cut_questions_get_no_answer() {
        for length in 0..QUESTION.len() {
            assert_eq!(
                answer(&QUESTION[..length], Reply::Code(0)),
                None,
                "{length}"
            );
        }
    }
}
