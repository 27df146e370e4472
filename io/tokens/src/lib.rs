//! Tokens of web applications: read once in a real browser, kept in a file of the user's own, renewed before they expire.
//!
//! It must never show a token in an error, a log or a name of a file, and never start two browsers for one token.
