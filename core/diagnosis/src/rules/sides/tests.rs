//! Each network of the lab as page and gateway see it, and what must be said of it.

mod browser;
mod healthy;
mod networks;
mod property;
mod time;
