//! The server's side of the check page: answers that are exactly known, so that whatever differs in the browser was
//! done on the way.
//!
//! It must never reach the upstream, and never answer at more length or for longer than its limits.
