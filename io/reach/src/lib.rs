//! One WebSocket to a remote by the way that works: direct, through a proxy, over a gateway's session, or in a real browser.
//!
//! Which way is chosen follows from what was observed, and is told in one line. It must never hide why a way failed, and
//! never make a remote believe that it talks with something else than it does.
