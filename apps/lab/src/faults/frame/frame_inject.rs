//! A device that writes a script into the connection behind the first frame.

use crate::fault::{Fault, Kind, Serve};
use crate::filter::{self, Act, Filter, Passing, Way};

pub(crate) const FAULT: Fault = Fault {
    name: "frame-inject",
    summary: "writes a script behind the first frame",
    causes: &["frame-inject"],
    kind: Kind::Middlebox,
    serve: Serve::Stream(|stream, lab| {
        Box::pin(async move { filter::serve(stream, &lab, || Box::<Looker>::default()).await })
    }),
    ..Fault::PLAIN
};

#[derive(Default)]
struct Looker {
    written: bool,
}

impl Filter for Looker {
    fn frame(&mut self, way: Way, frame: &Passing) -> Act {
        if way == Way::Down && !self.written {
            self.written = true;
            let mut bytes = frame.bytes();
            bytes.extend_from_slice(SCRIPT);
            Act::Replace(bytes)
        } else {
            Act::Pass
        }
    }
}

const SCRIPT: &[u8] = b"<script src=\"http://toolbar.test/bar.js\"></script>";

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn a_script_follows_the_first_frame() {
        let running = running("frame-inject").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.send_frame(FrameHeader::ping(0), b"").await;
        let bytes = client.bytes(2 + super::SCRIPT.len()).await.unwrap();
        assert_eq!(&bytes[2..], super::SCRIPT);
        running.stop().await;
    }
}
