//! What a program and its backend see of each other, the same by every way: a table of ways and cases.

mod closes;
mod handshake;
mod large;
mod messages;
mod refusals;

/// One test for each way, named after it.
macro_rules! by_each_way {
    ($($case:ident),* $(,)?) => {
        $(mod $case {
            use crate::world::{Way, World};

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn control() { super::$case(&World::start(Way::Control)).await }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn direct() { super::$case(&World::start(Way::Direct)).await }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn connect() { super::$case(&World::start(Way::Connect)).await }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn socks() { super::$case(&World::start(Way::Socks)).await }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn gateway() { super::$case(&World::start(Way::Gateway)).await }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn browser() { super::$case(&World::start(Way::Browser)).await }
        })*
    };
}

use by_each_way;
