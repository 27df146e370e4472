//! Observations in, findings and still-open questions out. Pure.
