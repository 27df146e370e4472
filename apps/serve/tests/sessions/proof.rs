//! Who may attach: other pages, copied tokens, other targets.

use towpath_session::Envelope;
use towpath_session::body::{Proof, Secret};

use crate::backend::Backend;
use crate::gateway::gateway;
use crate::raw::{Owned, ack, attach, attached, encode, fresh, item, post, post_as, with};

const POLL: &str = "/echo/.towpath/poll";
const SEND: &str = "/echo/.towpath/send";

/// socketio/socket.io#2320: a copied request must not work from elsewhere.
#[tokio::test]
async fn another_origin_gets_nothing_with_the_right_secrets() {
    let backend = Backend::start().await;
    let (_running, address) = gateway(backend.address, |settings| {
        settings.origins.allow = vec!["https://a.example".parse().unwrap()];
    })
    .await;
    let own = format!("http://{address}");
    let body = encode(&[Envelope::Attach(&attach(fresh(1), 1, true).json())]);
    assert_eq!(
        post_as(address, POLL, "https://evil.example", &body)
            .await
            .status,
        403
    );
    assert_eq!(
        backend.seen.heads.lock().unwrap().len(),
        0,
        "nothing was opened"
    );
    let answer = post_as(address, POLL, &own, &body).await;
    let grant = attached(&answer.envelopes);
    for other in ["https://a.example", ""] {
        let again = attach(Proof::Token(grant.token), 2, true).json();
        let again = encode(&[Envelope::Attach(&again)]);
        assert_eq!(post_as(address, POLL, other, &again).await.status, 403);
        let poll = encode(&[with(grant.key, 1), ack(0)]);
        assert_eq!(post_as(address, POLL, other, &poll).await.status, 403);
        let send = encode(&[with(grant.key, 0), item(1, "stolen")]);
        assert_eq!(post_as(address, SEND, other, &send).await.status, 403);
    }
    let send = encode(&[with(grant.key, 0), item(1, "own")]);
    let sent = post_as(address, SEND, &own, &send).await;
    assert!(matches!(sent.envelopes[..], [Owned::Ack(1, _)]), "{sent:?}");
}

#[tokio::test]
async fn old_tokens_open_nothing_and_a_lost_answer_costs_nothing() {
    let backend = Backend::start().await;
    let (_running, address) = gateway(backend.address, |_| ()).await;
    let take = async |proof, generation| {
        let json = attach(proof, generation, true).json();
        post(address, POLL, &[Envelope::Attach(&json)])
            .await
            .envelopes
    };
    let first = attached(&take(fresh(1), 1).await);
    // The answer to this one is taken for lost: the same token works again.
    let second = attached(&take(Proof::Token(first.token), 2).await);
    let third = attached(&take(Proof::Token(first.token), 3).await);
    assert_eq!(second.token, third.token);
    let fourth = attached(&take(Proof::Token(third.token), 4).await);
    let fifth = attached(&take(Proof::Token(fourth.token), 5).await);
    assert_ne!(fourth.token, fifth.token);
    let dead = take(Proof::Token(first.token), 6).await;
    assert_eq!(dead, [Owned::Superseded(5)]);
    let nonce = take(fresh(1), 7).await;
    assert_eq!(nonce, [Owned::Superseded(5)]);
    let unknown = take(Proof::Token(Secret([9; 16])), 8).await;
    assert_eq!(unknown, [Owned::End("continuity-lost".to_owned())]);
}

#[tokio::test]
async fn a_session_belongs_to_its_target() {
    let backend = Backend::start().await;
    let (_running, address) = gateway(backend.address, |_| ()).await;
    let json = attach(fresh(1), 1, true).json();
    let elsewhere = post(address, "/other/.towpath/poll", &[Envelope::Attach(&json)]).await;
    assert_eq!(elsewhere.envelopes, [Owned::End("malformed".to_owned())]);
    let answer = post(address, POLL, &[Envelope::Attach(&json)]).await;
    let grant = attached(&answer.envelopes);
    let mut other = attach(Proof::Token(grant.token), 2, true);
    "/echo?room=2".clone_into(&mut other.target);
    let moved = post(address, POLL, &[Envelope::Attach(&other.json())]).await;
    assert_eq!(moved.envelopes, [Owned::End("malformed".to_owned())]);
    assert!(
        answer
            .head
            .to_lowercase()
            .contains("cache-control: no-store, no-transform"),
        "{}",
        answer.head
    );
}
