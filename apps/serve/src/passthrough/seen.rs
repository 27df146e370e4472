//! A plain WebSocket that ended, as a fact: what was counted, and who ended it.

use std::time::Duration;

use tokio::time::Instant;
use towpath_diagnosis::observation::{Attachment, AttachmentEnd, Transport};

use super::copy::End;
use super::relay::{First, Relay};
use crate::observe::{end_of, outcome};

/// What was seen of it.
pub(super) fn attachment(relay: &Relay, end: &End, http2: bool) -> Attachment {
    let opened = relay.opened();
    let [up, down] = relay.came();
    let [bytes_up, bytes_down] = relay.bytes();
    let silent = |came: Option<(Instant, Instant)>| {
        let newest = came.map_or(opened, |(_, newest)| newest);
        milliseconds(newest.elapsed())
    };
    Attachment {
        transport: Transport::Plain,
        generation: 0,
        http2,
        attached: true,
        used: true,
        age_ms: milliseconds(opened.elapsed()),
        first_up_ms: up.map(|(first, _)| milliseconds(first.saturating_duration_since(opened))),
        silent_up_ms: silent(up),
        silent_down_ms: silent(down),
        bytes_up,
        bytes_down,
        messages_up: None,
        messages_down: None,
        round_trip_us: None,
        end: ended(end, relay.first()),
    }
}

/// Who ended it: what came first counts, and the rest follows from it.
fn ended(end: &End, first: Option<First>) -> AttachmentEnd {
    let closed = |by_client, code| AttachmentEnd::Closed { by_client, code };
    match (first, end) {
        (_, End::Drained) => outcome("shutdown"),
        (Some(First::ClientClosed(code)), _) => closed(true, code),
        (Some(First::BackendClosed(code)), _) => closed(false, code),
        (Some(First::ClientEnded), _) => AttachmentEnd::EndOfStream,
        (Some(First::BackendEnded), _) => AttachmentEnd::Backend,
        (None, End::Broken(broken)) if broken.leg == "client" => end_of(&broken.error),
        (None, End::Limit(limit)) => outcome(limit.row().name),
        (None, End::Broken(_) | End::Both) => AttachmentEnd::Backend,
    }
}

fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::config::Limits;
    use crate::drain::Drain;
    use crate::passthrough::copy::copy;
    use crate::stream::LegStream;

    async fn pair() -> (TcpStream, LegStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let far = TcpStream::connect(listener.local_addr().unwrap());
        let (far, near) = tokio::join!(far, listener.accept());
        (far.unwrap(), LegStream::plain(near.unwrap().0))
    }

    /// A reset in place of the end of the stream.
    fn reset(stream: TcpStream) {
        let stream = socket2::Socket::from(stream.into_std().unwrap());
        stream.set_linger(Some(Duration::ZERO)).unwrap();
    }

    /// What is seen after both ends did what they do.
    async fn after<F: Future<Output = ()>>(
        play: impl FnOnce(TcpStream, TcpStream) -> F,
    ) -> Attachment {
        let (client, of_client) = pair().await;
        let (backend, of_backend) = pair().await;
        let mut relay = Relay::new(of_client, Bytes::new(), of_backend, Bytes::new());
        let (drain, limits) = (Drain::new(), Limits::default());
        let (end, ()) = tokio::join!(copy(&drain, &limits, &mut relay), play(client, backend));
        attachment(&relay, &end, false)
    }

    #[tokio::test]
    async fn whoever_ends_first_is_named() {
        let closed = |by_client, code| AttachmentEnd::Closed {
            by_client,
            code: Some(code),
        };
        let seen = after(async |mut client, backend| {
            client
                .write_all(&[0x88, 0x82, 0, 0, 0, 0, 3, 0xe9])
                .await
                .unwrap();
            drop((client, backend));
        });
        assert_eq!(seen.await.end, closed(true, 1001));
        let seen = after(async |client, mut backend| {
            backend.write_all(&[0x88, 0x02, 3, 0xe8]).await.unwrap();
            drop((backend, client));
        });
        assert_eq!(seen.await.end, closed(false, 1000));
        let seen = after(async |client, backend| drop((client, backend)));
        assert_eq!(seen.await.end, AttachmentEnd::EndOfStream);
        let seen = after(async |client, backend| {
            drop(backend);
            tokio::time::sleep(Duration::from_millis(50)).await;
            drop(client);
        });
        assert_eq!(seen.await.end, AttachmentEnd::Backend);
    }

    #[tokio::test]
    async fn a_reset_and_what_came_before_it_are_seen() {
        let seen = after(async |mut client, mut backend| {
            client.write_all(&[0x81, 0x80, 0, 0, 0, 0]).await.unwrap();
            let mut frame = [0; 6];
            tokio::io::AsyncReadExt::read_exact(&mut backend, &mut frame)
                .await
                .unwrap();
            reset(client);
        })
        .await;
        assert_eq!(
            (seen.end, seen.bytes_up, seen.bytes_down),
            (AttachmentEnd::Reset, 6, 0)
        );
        assert!(seen.first_up_ms.is_some() && seen.used && seen.attached);
        let silent = after(async |client, _backend| reset(client)).await;
        assert_eq!(
            (silent.end, silent.first_up_ms),
            (AttachmentEnd::Reset, None)
        );
    }
}
