//! The list of all faults and stand-ins, layer by layer from the name outwards.
//!
//! One file per fault; each holds a row `FAULT` and one function. A new fault is a file, a `mod` line and
//! an entry in its layer's list.

mod app;
mod dns;
mod endpoint;
mod frame;
mod http;
mod proxy;
pub(crate) mod standin;
mod tcp;
mod time;
mod tls;

use std::sync::LazyLock;

use crate::fault::Fault;

/// All faults and stand-ins; the healthy ones come first.
pub fn faults() -> &'static [Fault] {
    &FAULTS
}

/// The fault of this name.
pub fn find(name: &str) -> Option<&'static Fault> {
    faults().iter().find(|fault| fault.name == name)
}

static FAULTS: LazyLock<Vec<Fault>> = LazyLock::new(|| {
    [
        standin::FAULTS,
        standin::stripped::FAULTS,
        dns::FAULTS,
        tcp::FAULTS,
        tls::FAULTS,
        proxy::FAULTS,
        endpoint::FAULTS,
        http::FAULTS,
        frame::FAULTS,
        time::FAULTS,
        app::FAULTS,
    ]
    .concat()
});

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_and_in_kebab_case() {
        let mut seen = HashSet::new();
        for fault in faults() {
            assert!(seen.insert(fault.name), "{} stands twice", fault.name);
            let is_kebab =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            assert!(fault.name.bytes().all(is_kebab), "{}", fault.name);
            assert!(!fault.summary.is_empty(), "{} says nothing", fault.name);
        }
    }

    #[test]
    fn only_where_nothing_is_broken_there_is_no_cause() {
        for fault in faults() {
            let is_healthy = fault.name.starts_with("healthy-") || !fault.context.is_empty();
            assert_eq!(fault.causes.is_empty(), is_healthy, "{}", fault.name);
        }
    }
}
