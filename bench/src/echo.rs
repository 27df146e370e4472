//! The backend: a WebSocket server that sends every message back, as cheaply as one read and one write allow.
//!
//! It runs as a process of its own, so that its CPU is never counted with a party's. It must never batch:
//! what one read brought is answered by one write.

use crate::frames::Frames;
use anyhow::{Context as _, Result, ensure};
use std::cell::RefCell;
use std::io::ErrorKind;
use tokio::net::{TcpListener, TcpStream};
use towpath_websocket::{FrameHeader, Opcode, accept_key, encode_frame};

/// Bytes read at once. One buffer serves all connections, since nothing is kept between two reads.
const READ_BYTES: usize = 128 * 1024;

/// The longest request head that is read, in bytes.
const HEAD_BYTES_MAX: usize = 64 * 1024;

thread_local! {
    static BUFFERS: RefCell<(Vec<u8>, Vec<u8>)> = RefCell::new((vec![0; READ_BYTES], Vec::new()));
}

/// Serves until the process ends. Prints the address as its first line.
pub(crate) fn serve(address: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?;
        println!("{}", listener.local_addr()?);
        accept_all(listener).await
    })
}

/// Answers every connection of `listener`, each in a task of the `LocalSet`.
pub(crate) async fn accept_all(listener: TcpListener) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::task::spawn_local(async move {
            // A peer that breaks off ends its own connection only.
            let _ = answer(stream).await;
        });
    }
}

async fn answer(stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    handshake(&stream).await?;
    let mut frames = Frames::default();
    let mut unsent = Vec::new();
    loop {
        stream.readable().await?;
        let more = BUFFERS.with_borrow_mut(|(input, output)| {
            echo_once(&stream, &mut frames, input, output, &mut unsent)
        })?;
        write_all(&stream, &mut unsent).await?;
        if !more {
            return Ok(());
        }
    }
}

/// Reads once and answers once. What the socket did not take is left in `unsent`. False at the end.
fn echo_once(
    stream: &TcpStream,
    frames: &mut Frames,
    input: &mut [u8],
    output: &mut Vec<u8>,
    unsent: &mut Vec<u8>,
) -> Result<bool> {
    let taken = match stream.try_read(input) {
        Ok(0) => return Ok(false),
        Ok(taken) => taken,
        Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
        Err(error) => return Err(error.into()),
    };
    output.clear();
    let mut open = true;
    frames.feed(&mut input[..taken], |opcode, payload| {
        let reply = match opcode {
            Opcode::Ping => Opcode::Pong,
            Opcode::Pong => return Ok(()),
            other => other,
        };
        open &= opcode != Opcode::Close;
        encode_frame(&FrameHeader::new(reply, payload.len()), payload, output);
        Ok(())
    })?;
    let sent = match stream.try_write(output) {
        Ok(sent) => sent,
        Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
        Err(error) => return Err(error.into()),
    };
    unsent.extend_from_slice(&output[sent..]);
    Ok(open)
}

async fn write_all(stream: &TcpStream, unsent: &mut Vec<u8>) -> Result<()> {
    while !unsent.is_empty() {
        stream.writable().await?;
        match stream.try_write(unsent) {
            Ok(sent) => drop(unsent.drain(..sent)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
    }
    *unsent = Vec::new();
    Ok(())
}

/// Reads a request head and answers it.
pub(crate) async fn handshake(stream: &TcpStream) -> Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        ensure!(head.len() < HEAD_BYTES_MAX, "the request head is too long");
        stream.readable().await?;
        let mut piece = [0; 2048];
        match stream.try_read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(taken) => head.extend_from_slice(&piece[..taken]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
    }
    let mut answer = response(&head)?;
    write_all(stream, &mut answer).await
}

/// The answer to a request head: 101, or 200 for whoever only asks whether somebody is there.
fn response(head: &[u8]) -> Result<Vec<u8>> {
    let text = std::str::from_utf8(head)?;
    let key = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("sec-websocket-key")
            .then(|| value.trim())
    });
    let Some(key) = key else {
        return Ok(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec());
    };
    let accept = accept_key(key);
    Ok(format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
    .into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_the_rfc_is_accepted() {
        let head = b"GET / HTTP/1.1\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        let text = String::from_utf8(response(head).unwrap()).unwrap();
        assert!(text.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{text}");
    }

    #[test]
    fn a_request_without_key_is_answered_plainly() {
        assert!(
            response(b"GET / HTTP/1.1\r\n\r\n")
                .unwrap()
                .starts_with(b"HTTP/1.1 200")
        );
    }
}
