//! TLS as servers, proxies and filters answer it.

mod agreement;
mod cut;
mod trust;
