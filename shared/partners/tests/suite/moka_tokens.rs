//! Tokens of Moka: renewed once, kept before they are used, never shown.

use crate::support::tokens::{OUTLET, walk, world};
use crate::support::{LATER, day};
use domain::when::Zone;
use lambda_edge::redact::Secret;
use partners::http::Policy;
use partners::moka::{Access, MokaError, StoreError};
use sims::ALWAYS;
use sims::moka::{Fault, Route};
use sims::transport::Transport;

#[tokio::test]
async fn the_new_refresh_token_is_kept_before_the_access_token_is_used() {
    let world = world().await;
    assert_eq!(walk(&world.process()).await, Ok(5));
    // Taken anew before it is kept, so that it holds until that is done.
    assert_eq!(world.store.deeds(), ["lock", "lock", "keep", "unlock"]);
    assert_eq!(world.kept(), "refresh-0001");
    assert_eq!(world.server.refresh_token(), "refresh-0001");
}

#[tokio::test]
async fn a_token_is_used_as_long_as_it_is_good() {
    let world = world().await;
    let moka = world.process();
    for _ in 0..3 {
        assert_eq!(walk(&moka).await, Ok(5));
    }
    assert_eq!(world.renewals(), 1);
}

#[tokio::test]
async fn another_process_takes_the_token_that_was_kept() {
    let world = world().await;
    assert_eq!(walk(&world.process()).await, Ok(5));
    assert_eq!(walk(&world.process()).await, Ok(5));
    assert_eq!(world.renewals(), 1);
    // Where the store keeps only refresh tokens each process renews for itself, and the first finds its own void.
    world.store.change(|content| {
        content.shares = false;
        content.access = None;
    });
    assert_eq!(walk(&world.process()).await, Ok(5));
    assert_eq!(world.renewals(), 2);
}

#[tokio::test]
async fn a_token_that_is_about_to_end_is_renewed_before_it_is_used() {
    let world = world().await;
    assert_eq!(walk(&world.process()).await, Ok(5));
    // The simulator's tokens last 7,200 seconds; a minute before that is too late to begin with one.
    assert_eq!(
        walk(&world.process_with(Policy::default(), || 7_139_000).0).await,
        Ok(5)
    );
    assert_eq!(world.renewals(), 1);
    assert_eq!(
        walk(&world.process_with(Policy::default(), || 7_140_000).0).await,
        Ok(5)
    );
    assert_eq!(world.renewals(), 2);
    assert!(world.server.asked().iter().all(|asked| asked.authorised));
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_page_asked_for_again() {
    let world = world().await;
    let moka = world.process();
    assert_eq!(walk(&moka).await, Ok(5));
    world.server.expire_access();
    assert_eq!(walk(&moka).await, Ok(5));
    assert_eq!(world.renewals(), 2);
    assert_eq!(world.server.refresh_token(), "refresh-0002");
}

#[tokio::test]
async fn a_token_that_is_refused_for_ever_is_renewed_once() {
    let world = world().await;
    world
        .server
        .fault(Route::Page, Fault::Transport(Transport::Status(401)), ALWAYS);
    let error = walk(&world.process()).await.unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), ("MOKA_UNAUTHORISED", false));
    assert_eq!(world.renewals(), 2, "the first token, and the one renewal");
    let pages = world
        .server
        .asked()
        .iter()
        .filter(|asked| asked.route == Route::Page)
        .count();
    assert_eq!(pages, 2);
}

#[tokio::test]
async fn of_many_walks_with_a_refused_token_one_renews() {
    let world = world().await;
    let moka = world.process();
    assert_eq!(walk(&moka).await, Ok(5));
    world.server.expire_access();
    let walks = futures::future::join_all((0..6).map(|_| walk(&moka))).await;
    assert!(walks.iter().all(|end| *end == Ok(5)), "{walks:?}");
    assert_eq!(world.renewals(), 2);
}

#[tokio::test]
async fn a_refresh_token_that_was_used_elsewhere_shuts_the_shop_out_and_says_so() {
    let world = world().await;
    world.store.put_by_hand("refresh-of-old");
    let error = walk(&world.process()).await.unwrap_err();
    assert_eq!(error, MokaError::Unauthorised);
    assert_eq!(world.store.deeds(), ["lock", "unlock"]);
    assert_eq!(
        world.server.asked().len(),
        1,
        "asked once: a refused refresh token does not get better"
    );
}

#[tokio::test]
async fn without_a_new_refresh_token_the_old_one_stays() {
    let world = world().await;
    world.server.fault(Route::Token, Fault::NoRotation, 1);
    assert_eq!(walk(&world.process()).await, Ok(5));
    assert_eq!(world.kept(), "refresh-0000");
    world.server.expire_access();
    assert_eq!(walk(&world.process()).await, Ok(5));
}

#[tokio::test]
async fn a_store_that_cannot_be_asked_stops_everything() {
    let world = world().await;
    world.store.change(|content| content.busy = true);
    assert_eq!(
        walk(&world.process()).await,
        Err(MokaError::TokenStore(StoreError::Busy))
    );
    let table = [
        (StoreError::Unavailable("AccessDenied".to_owned()), true),
        (StoreError::Missing("refresh-token"), false),
    ];
    for (unreadable, is_retryable) in table {
        world
            .store
            .change(|content| content.unreadable = Some(unreadable));
        let error = walk(&world.process()).await.unwrap_err();
        assert_eq!(
            (error.code(), error.is_retryable()),
            ("MOKA_TOKEN_STORE", is_retryable)
        );
    }
    assert_eq!(world.server.asked(), []);
}

#[tokio::test]
async fn nothing_that_is_shown_holds_a_token() {
    let world = world().await;
    let moka = world.process();
    let mut shown = String::new();
    let mut faults = vec![
        Transport::Status(400),
        Transport::Status(401),
        Transport::Status(503),
        Transport::Cut,
    ];
    while let Some(fault) = faults.pop() {
        world.server.fault(Route::Page, Fault::Transport(fault), 5);
        let error = walk(&moka).await.unwrap_err();
        shown += &format!("{error} {error:?} ");
        world.server.heal();
    }
    let mut going = moka.day(OUTLET, day(), &Zone::default(), LATER).unwrap();
    going.next().await.unwrap();
    let access = Access {
        token: Secret::new("access-of-somebody".to_owned()),
        good_until_ms: 0,
    };
    shown += &format!("{moka:?} {access:?} ");
    for secret in ["access-", "refresh-", "CL1ENT", "BODY-OF-A-PARTNER"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert!(shown.contains("Unauthorised"));
}
