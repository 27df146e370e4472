//! What an HTTP answer says of itself: vendors, complaints, challenge and block pages.
//!
//! Header names and exact positions only; a vendor's word somewhere in a header or a script is no
//! marker, because healthy pages mention vendors too. Nothing here decides on a cause.

mod complaint;
mod handshake;
mod page;
mod vendor;
mod words;

pub use complaint::{Complaint, answers_plain_requests_only, complaint};
pub use handshake::{complains_of_size, is_socket_io, speaks_of_version, wants_other_version};
pub use page::{block_page, captive_portal, is_html, same_answer, title};
pub use vendor::{Vendor, challenge, edge, firewall_rule, writer};
pub use words::{address_refused, host_refused, origin_refused, program_refused};
