//! A sans-I/O WebSocket codec that reports every deviation from RFC 6455 and RFC 7692 as data.
