//! One question to the network per file, observations out.
