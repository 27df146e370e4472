//! The client of GraphQL over WebSocket as a pure state machine, for both generations of the protocol.
//!
//! Text messages, ends and the time go in; text messages, events and the next deadline come out. It must never open a socket, read a
//! clock, or know what an operation is about.
