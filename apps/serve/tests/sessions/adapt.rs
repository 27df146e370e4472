//! Responses end before a hop would cut them, once that hop has shown itself.

use towpath_session::Envelope;
use towpath_session::body::Proof;

use crate::backend::Backend;
use crate::ends::{eventually, metric};
use crate::gateway::gateway;
use crate::raw::{Open, Owned, attach, encode, fresh};

/// Peers learn at most a heartbeat; a proxy that ends what is long then cuts every response for ever.
#[tokio::test]
async fn responses_end_by_themselves_where_they_were_cut_at_a_size() {
    let backend = Backend::start().await;
    let (running, address) = gateway(backend.address, |_| ()).await;
    let attached = async |proof, generation, window| {
        let mut flood = attach(proof, generation, true);
        "/flood".clone_into(&mut flood.target);
        flood.window = window;
        let body = encode(&[Envelope::Attach(&flood.json())]);
        let stream = Open::send(address, "/flood/.towpath/stream", "", &body).await;
        let mut open = Open::answer(stream).await;
        let Some(Owned::Attached(grant)) = open.next().await else {
            panic!("not attached");
        };
        (open, Proof::Token(grant.token))
    };
    let mut proof = fresh(1);
    for generation in 1..=3 {
        let (mut open, next) = attached(proof, generation, 200_000).await;
        proof = next;
        let mut bytes = 0;
        while bytes < 180_000 {
            if let Some(Owned::Item(_, _, payload)) = open.next().await {
                bytes += payload.len();
            }
        }
        drop(open);
        eventually("the cut is seen", async || {
            let name = "towpath_session_cuts_total{transport=\"stream\"}";
            metric(&running, name).await == generation
        })
        .await;
    }
    let (mut open, _) = attached(proof, 4, 1 << 30).await;
    let (mut last, mut bytes) = (None, 0);
    while let Some(envelope) = open.next().await {
        if let Owned::Item(_, _, payload) = &envelope {
            bytes += payload.len();
        }
        last = Some(envelope);
    }
    assert_eq!(last, Some(Owned::Again));
    assert!(bytes < 200_000, "it ends before it would be cut: {bytes}");
}
