//! A small HTTP/1.1 server for tests: one thread per connection, answers by one function.
//!
//! It serves pages and takes reports of browsers on this machine. It must never be put before a stranger: there is
//! no limit on connections.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// One request, its body read.
#[derive(Debug)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// Names in lower case; of several headers with one name the last.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The target without its query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// A header's value, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What to do with a request.
pub enum Reply {
    /// Status, type and body.
    Page(u16, &'static str, Vec<u8>),
    /// The function writes its own answer and keeps the connection.
    Taken(Box<dyn FnOnce(TcpStream) + Send>),
}

impl Reply {
    /// Text of a type, as 200.
    pub fn text(content_type: &'static str, text: &str) -> Self {
        Self::Page(200, content_type, text.as_bytes().to_vec())
    }

    /// A status with nothing to say.
    pub fn status(status: u16) -> Self {
        Self::Page(status, "text/plain", Vec::new())
    }
}

/// A running server. Dropping it frees the port; connections end with their peers.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
}

impl Server {
    /// Serves on a free port of 127.0.0.1.
    pub fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_at(Ipv4Addr::LOCALHOST, answer)
    }

    /// Serves on a free port of an address of this machine.
    pub fn start_at(
        address: Ipv4Addr,
        answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((address, 0)).expect("the address is one of this machine");
        let address = listener.local_addr().expect("it is bound");
        let is_over = Arc::new(AtomicBool::new(false));
        let (over, answer) = (Arc::clone(&is_over), Arc::new(answer));
        thread::spawn(move || {
            for connection in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(connection) = connection else { continue };
                let answer = Arc::clone(&answer);
                // A peer that goes away in the middle is everyday life.
                thread::spawn(move || serve(connection, answer.as_ref()).ok());
            }
        });
        Self { address, is_over }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Wakes the listener, which then sees that it is over.
        TcpStream::connect(self.address).ok();
    }
}

fn serve(connection: TcpStream, answer: &dyn Fn(&Request) -> Reply) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection.try_clone()?);
    while let Some(request) = read(&mut reader)? {
        match answer(&request) {
            Reply::Page(status, content_type, body) => {
                write(&connection, status, content_type, &body)?;
            }
            Reply::Taken(take) => {
                take(connection);
                return Ok(());
            }
        }
    }
    Ok(())
}

fn read(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Request>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut words = lines.first().map_or("", String::as_str).split(' ');
    let (method, target) = (words.next(), words.next());
    let headers: BTreeMap<String, String> = lines
        .iter()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers
        .get("content-length")
        .and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0).min(BODY_BYTES_MAX)];
    reader.read_exact(&mut body)?;
    Ok(Some(Request {
        method: method.unwrap_or_default().to_owned(),
        target: target.unwrap_or_default().to_owned(),
        headers,
        body,
    }))
}

fn write(
    mut connection: &TcpStream,
    status: u16,
    content_type: &str,
    body: &[u8],
) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status} Test\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\
         Cache-Control: no-cache\r\nAccess-Control-Allow-Origin: *\r\n\r\n",
        body.len()
    );
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(body);
    connection.write_all(&bytes)
}

/// The longest body that is read.
const BODY_BYTES_MAX: usize = 16 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_requests_pass_on_one_connection() {
        let server = Server::start(|request| {
            let told = format!(
                "{} {} {}",
                request.method,
                request.path(),
                request.body.len()
            );
            Reply::text("text/plain", &told)
        });
        let mut connection = TcpStream::connect(server.address()).unwrap();
        for (request, answer) in [
            ("GET /a?b HTTP/1.1\r\n\r\n", "GET /a 0"),
            (
                "POST /c HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi",
                "POST /c 2",
            ),
        ] {
            connection.write_all(request.as_bytes()).unwrap();
            let mut read = Vec::new();
            while !read.ends_with(answer.as_bytes()) {
                let mut piece = [0; 256];
                let count = connection.read(&mut piece).unwrap();
                assert_ne!(count, 0, "{}", String::from_utf8_lossy(&read));
                read.extend_from_slice(&piece[..count]);
            }
        }
    }
}
