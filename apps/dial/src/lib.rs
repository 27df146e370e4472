//! `towpath dial`: a local WebSocket endpoint; each connection to it becomes one to the remote.
//!
//! It must never serve a web page that was not allowed to, and never change what either side says.
