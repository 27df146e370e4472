use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::task::JoinHandle;
use towpath_websocket::{Opcode, Role};

use super::*;
use crate::stop::Stopper;
use crate::testing::{PATIENCE, Peer, Saw, connected};

struct Copied {
    client: TcpStream,
    remote: TcpStream,
    stopper: Stopper,
    done: JoinHandle<End>,
}

async fn copied(first: &'static [u8]) -> Copied {
    let (client, local) = connected().await;
    let (near, remote) = connected().await;
    let (stopper, stop) = Stopper::new();
    let limits = Limits {
        close_time: Duration::from_millis(20),
        ..Limits::default()
    };
    let done = tokio::spawn(async move {
        let first = Bytes::from_static(first);
        copy(local, first, Stream::new(near), &stop, &limits).await
    });
    Copied {
        client,
        remote,
        stopper,
        done,
    }
}

async fn end(done: JoinHandle<End>) -> End {
    timeout(PATIENCE, done)
        .await
        .expect("it ends soon")
        .unwrap()
}

async fn read(stream: &mut TcpStream, bytes: usize) -> Vec<u8> {
    let mut all = vec![0; bytes];
    let read = timeout(PATIENCE, stream.read_exact(&mut all)).await;
    read.expect("it comes soon").unwrap();
    all
}

#[tokio::test]
async fn bytes_pass_as_they_are_whatever_they_mean() {
    let mut copied = copied(b"\xff\xffearly").await;
    assert_eq!(read(&mut copied.remote, 7).await, b"\xff\xffearly");
    let noise: Vec<u8> = (0..2_000_000_u32).map(|at| (at % 251) as u8).collect();
    for flip in [false, true] {
        let (from, to) = if flip {
            (&mut copied.client, &mut copied.remote)
        } else {
            (&mut copied.remote, &mut copied.client)
        };
        let (wrote, seen) = tokio::join!(from.write_all(&noise), read(to, noise.len()));
        wrote.unwrap();
        assert!(seen == noise);
    }
}

#[tokio::test]
async fn a_half_close_is_passed_on_and_the_rest_still_comes() {
    let mut copied = copied(b"").await;
    copied.client.shutdown().await.unwrap();
    assert_eq!(copied.remote.read(&mut [0]).await.unwrap(), 0);
    copied.remote.write_all(b"the rest").await.unwrap();
    assert_eq!(read(&mut copied.client, 8).await, b"the rest");
    drop(copied.remote);
    assert_eq!(copied.client.read(&mut [0]).await.unwrap(), 0);
    let end = end(copied.done).await;
    assert_eq!((end.by, end.code), (By::Local, 1006));
}

#[tokio::test]
async fn an_end_that_is_not_answered_is_given_up() {
    let Copied {
        client,
        mut remote,
        done,
        stopper: _stopper,
    } = copied(b"").await;
    drop(client);
    assert_eq!(end(done).await.by, By::Local);
    assert_eq!(remote.read(&mut [0]).await.unwrap_or_default(), 0);
}

#[tokio::test]
async fn a_reset_of_the_remote_is_a_reset_for_the_client() {
    let mut copied = copied(b"").await;
    copied.remote.set_zero_linger().unwrap();
    drop(copied.remote);
    let read = timeout(PATIENCE, copied.client.read(&mut [0]))
        .await
        .unwrap();
    assert_eq!(read.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(end(copied.done).await.by, By::Remote);
}

/// A remote that says so many bytes and then breaks off.
struct Breaks(usize);

impl AsyncRead for Breaks {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.0 == 0 {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let length = buffer.remaining().min(self.0);
        buffer.initialize_unfilled_to(length);
        buffer.advance(length);
        self.0 -= length;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Breaks {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_break_takes_nothing_that_came_before_it() {
    const SAID: usize = 1_000_000;
    let (mut client, local) = connected().await;
    let (_stopper, stop) = Stopper::new();
    let limits = Limits::default();
    let remote = Stream::new(Breaks(SAID));
    let copied = async {
        let copied = copy(local, Bytes::new(), remote, &stop, &limits);
        timeout(PATIENCE, copied).await.unwrap()
    };
    let client = async {
        // A reader that has not begun when the break comes.
        sleep(Duration::from_millis(50)).await;
        let mut all = Vec::new();
        client.read_to_end(&mut all).await.map(|_| all.len())
    };
    let (end, seen) = tokio::join!(copied, client);
    assert_eq!(seen.unwrap(), SAID);
    assert_eq!((end.by, end.code), (By::Remote, 1006));
}

#[tokio::test]
async fn what_the_remote_said_before_it_went_still_comes() {
    let mut copied = copied(b"").await;
    let said = vec![7; 5_000_000];
    let client = async {
        // Whoever writes to a remote that is gone learns it by an error, and must not lose what came before.
        copied.client.write_all(&[1; 100]).await.unwrap();
        let mut all = Vec::new();
        let _ = copied.client.read_to_end(&mut all).await;
        all.len()
    };
    let remote = async {
        copied.remote.write_all(&said).await.unwrap();
        copied.remote.shutdown().await.unwrap();
    };
    let (seen, ()) = timeout(PATIENCE, async { tokio::join!(client, remote) })
        .await
        .unwrap();
    assert_eq!(seen, said.len());
}

#[tokio::test]
async fn the_code_and_who_closed_first_are_known() {
    let Copied {
        client,
        remote,
        done,
        stopper: _stopper,
    } = copied(b"").await;
    let mut client = Peer::new(client, Role::Client);
    let mut remote = Peer::new(remote, Role::Server);
    remote.close(4007, "x").await;
    assert_eq!(client.saw().await, Saw::Close(4007, "x".to_owned()));
    client.close(4007, "").await;
    assert_eq!(remote.saw().await, Saw::Close(4007, String::new()));
    drop((client, remote));
    let end = end(done).await;
    assert_eq!((end.by, end.code), (By::Remote, 4007));
}

#[tokio::test]
async fn the_end_of_the_endpoint_stands_between_two_frames() {
    let Copied {
        mut client,
        remote,
        stopper,
        done,
    } = copied(b"").await;
    let mut remote = Peer::new(remote, Role::Server);
    // Half a frame to the client, when the wish to end comes.
    remote.stream.write_all(&[0x82, 4, 1, 2]).await.unwrap();
    assert_eq!(read(&mut client, 4).await, [0x82, 4, 1, 2]);
    stopper.stop();
    assert_eq!(remote.saw().await, Saw::Close(1001, String::new()));
    remote.stream.write_all(&[3, 4]).await.unwrap();
    assert_eq!(read(&mut client, 6).await, [3, 4, 0x88, 2, 3, 0xe9]);
    drop(client);
    let end = end(done).await;
    assert_eq!((end.by, end.code), (By::Dial, 1001));
}

#[tokio::test]
async fn nothing_follows_a_close_that_was_sent() {
    let Copied {
        client,
        remote,
        stopper,
        done,
    } = copied(b"").await;
    let mut client = Peer::new(client, Role::Client);
    let mut remote = Peer::new(remote, Role::Server);
    client.frame(Opcode::Ping, b"x").await;
    client.close(4000, "").await;
    assert_eq!(remote.saw().await, Saw::Ping(b"x".to_vec()));
    assert_eq!(remote.saw().await, Saw::Close(4000, String::new()));
    stopper.stop();
    assert_eq!(client.saw().await, Saw::Close(1001, String::new()));
    drop(client);
    assert_eq!(end(done).await.code, 4000);
    assert_eq!(remote.saw().await, Saw::End(false));
}

#[tokio::test]
async fn a_remote_that_never_pauses_does_not_keep_the_client_from_its_close() {
    const FRAME: [u8; 1002] = {
        let mut frame = [0; 1002];
        (frame[0], frame[1], frame[2], frame[3]) = (0x82, 126, 3, 230);
        frame
    };
    let (mut client, local) = connected().await;
    let (stopper, stop) = Stopper::new();
    let done = tokio::spawn(async move {
        let remote = Stream::new(Floods(FRAME.to_vec(), 0));
        copy(local, Bytes::new(), remote, &stop, &Limits::default()).await
    });
    read(&mut client, 100_000).await;
    stopper.stop();
    let mut rest = Vec::new();
    let read = timeout(PATIENCE, client.read_to_end(&mut rest)).await;
    read.expect("it ends soon").unwrap();
    assert!(rest.ends_with(CLOSE), "{} bytes", rest.len());
    drop(client);
    let end = end(done).await;
    assert_eq!((end.by, end.code), (By::Dial, 1001));
}

/// A remote that always has more to say: these bytes, over and over.
struct Floods(Vec<u8>, usize);

impl AsyncRead for Floods {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while buffer.remaining() > 0 {
            let Self(frame, at) = &mut *self;
            let end = frame.len().min(*at + buffer.remaining());
            buffer.put_slice(&frame[*at..end]);
            *at = end % frame.len();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Floods {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
