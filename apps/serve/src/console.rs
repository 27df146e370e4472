//! The operator's console: a web page on a listener of its own, behind a token.
//!
//! It only reads reports and live facts. It must never be reachable without the token, and never show a secret.
