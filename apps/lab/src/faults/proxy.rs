//! Faults of proxies and inspecting middleboxes on the way out.

mod proxy_101_rst;

use crate::fault::Fault;

/// All of them, in the order of the list.
pub(crate) const FAULTS: &[Fault] = &[proxy_101_rst::FAULT];
