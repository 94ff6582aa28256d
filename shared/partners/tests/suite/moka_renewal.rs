//! Renewals that are cut off, late, in one another's way or of an unknown end: the shop is never shut out by us.

use std::time::Duration;

use crate::support;
use crate::support::impatient;
use crate::support::tokens::{walk, walk_until, world};
use partners::http::{Cause, Policy};
use partners::moka::{MokaError, RENEWAL_LEASE_MS, StoreError, Unknown};
use sims::ALWAYS;
use sims::moka::{Fault, Route};
use sims::transport::Transport;

/// The latest moment at which a renewal may begin, before the end of a run that ends at this one.
fn begin_by(deadline_ms: i64) -> i64 {
    deadline_ms - RENEWAL_LEASE_MS - 60_000
}

#[tokio::test]
async fn none_begins_that_may_not_end_in_time() {
    let world = world().await;
    let deadline_ms = 240_000;
    assert_eq!(begin_by(deadline_ms), 0);
    let (late, _) = world.process_with(Policy::default(), || 1);
    let error = walk_until(&late, deadline_ms).await.unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), ("MOKA_OUT_OF_TIME", false));
    assert_eq!(world.server.asked(), []);
    assert_eq!(world.store.deeds(), Vec::<&str>::new());

    let (in_time, _) = world.process_with(Policy::default(), || 0);
    assert_eq!(walk_until(&in_time, deadline_ms).await, Ok(5));
    // With tokens at hand there is nothing to be late for.
    assert_eq!(walk_until(&in_time, 0).await, Ok(5));
}

thread_local! {
    static CLOCK: std::cell::Cell<i64> = const { std::cell::Cell::new(0) };
}

/// Each look at it is ten minutes after the one before.
fn slow() -> i64 {
    CLOCK.with(|clock| {
        clock.set(clock.get() + 600_000);
        clock.get()
    })
}

#[tokio::test]
async fn none_begins_when_waiting_for_the_right_has_taken_too_long() {
    let world = world().await;
    // Looked at when it asks for a token, before and after it waits for the right to renew.
    let (waited, _) = world.process_with(Policy::default(), slow);
    let error = walk_until(&waited, 2_000_000).await.unwrap_err();
    assert_eq!(error, MokaError::OutOfTime);
    assert_eq!(world.server.asked(), []);
    assert_eq!(world.store.deeds(), ["lock", "unlock"]);
}

#[tokio::test]
async fn one_is_tried_twice_at_most_however_long_the_server_asks_to_wait() {
    let world = world().await;
    world.server.fault(
        Route::Token,
        Fault::Transport(Transport::RetryAfter(429, 3_600)),
        ALWAYS,
    );
    let (moka, waits) = world.process_with(Policy::default(), || 0);
    assert_eq!(walk(&moka).await, Err(MokaError::Unreachable(Cause::NotNow(429))));
    assert_eq!((world.asked_to_renew(), waits.millis()), (2, vec![5_000]));
    assert_eq!(world.store.deeds(), ["lock", "unlock"], "nothing has happened");

    world.server.heal();
    world
        .server
        .fault(Route::Token, Fault::Transport(Transport::RetryAfter(429, 1)), 1);
    assert_eq!(walk(&moka).await, Ok(5));
}

#[tokio::test]
async fn one_of_an_unknown_end_is_an_error_of_its_own_and_nobody_repeats_it_at_once() {
    let table = [
        (Transport::Status(500), Unknown::Status(500)),
        (Transport::Status(503), Unknown::Status(503)),
        (Transport::Cut, Unknown::NoAnswer(Cause::Broken)),
        (Transport::Silent, Unknown::NoAnswer(Cause::Timeout)),
    ];
    for (fault, unknown) in table {
        let world = world().await;
        world
            .server
            .fault(Route::Token, Fault::Transport(fault.clone()), 1);
        let (moka, _) = world.process_with(impatient(), || 0);
        let error = walk(&moka).await.unwrap_err();
        assert_eq!(error, MokaError::RenewalUnknown(unknown), "{fault:?}");
        assert_eq!(
            (error.code(), error.is_retryable()),
            ("MOKA_RENEWAL_UNKNOWN", false)
        );
        assert_eq!(world.store.deeds(), ["lock", "forget"]);
        // Neither this process nor another one, until the right has run out by itself.
        for process in [&moka, &world.process()] {
            let busy = MokaError::TokenStore(StoreError::Busy);
            assert_eq!(walk(process).await, Err(busy), "{fault:?}");
        }
        assert_eq!(world.asked_to_renew(), 1, "{fault:?}");
        // It did happen, and now its token is known to be used up.
        world.store.change(|content| content.holder = None);
        assert_eq!(walk(&moka).await, Err(MokaError::Unauthorised), "{fault:?}");
        // The owner connects the shop anew.
        world.server.connect("refresh-of-the-owner");
        world.store.put_by_hand("refresh-of-the-owner");
        assert_eq!(walk(&moka).await, Ok(5), "{fault:?}");
    }
}

#[tokio::test]
async fn an_answer_without_tokens_is_an_unknown_end_too() {
    let world = world().await;
    world.server.fault(Route::Token, Fault::NotJson, 1);
    let error = walk(&world.process()).await.unwrap_err();
    assert_eq!(error, MokaError::RenewalUnknown(Unknown::Unreadable));
}

#[tokio::test]
async fn a_store_that_fails_for_a_moment_is_asked_again() {
    let world = world().await;
    world.store.change(|content| content.keep_fails = 2);
    assert_eq!(walk(&world.process()).await, Ok(5));
    assert_eq!(
        world.store.deeds(),
        [
            "lock",
            "lock",
            "keep failed",
            "lock",
            "keep failed",
            "lock",
            "keep",
            "unlock"
        ]
    );
}

#[tokio::test]
async fn what_was_kept_and_looked_as_if_not_is_kept_all_the_same() {
    let world = world().await;
    world.store.change(|content| content.keep_unheard = 1);
    assert_eq!(walk(&world.process()).await, Ok(5));
    assert_eq!(world.kept(), world.server.refresh_token());
}

#[tokio::test]
async fn a_token_that_cannot_be_kept_is_not_used_and_nobody_else_renews_meanwhile() {
    let world = world().await;
    let moka = world.process();
    world.store.change(|content| content.keep_fails = 3);
    let error = walk(&moka).await.unwrap_err();
    assert_eq!(
        (error.code(), error.is_retryable()),
        ("MOKA_TOKEN_NOT_KEPT", true)
    );
    assert_eq!(
        world.server.asked().len(),
        world.asked_to_renew(),
        "no page was asked for"
    );

    // Another process would use the token that is used up, and call the shop shut out.
    let busy = MokaError::TokenStore(StoreError::Busy);
    assert_eq!(walk(&world.process()).await, Err(busy));
    assert_eq!(world.renewals(), 1);

    // This one still has it and keeps it before anything else, without another renewal.
    assert_eq!(walk(&moka).await, Ok(5));
    assert_eq!((world.renewals(), world.kept().as_str()), (1, "refresh-0001"));
    assert_eq!(walk(&world.process()).await, Ok(5));
    assert_eq!(world.renewals(), 1);
}

#[tokio::test]
async fn a_late_keeper_leaves_a_token_alone_that_somebody_put_meanwhile() {
    let world = world().await;
    let moka = world.process();
    world.store.change(|content| content.keep_fails = 3);
    assert_eq!(walk(&moka).await.unwrap_err().code(), "MOKA_TOKEN_NOT_KEPT");
    world.server.connect("refresh-of-the-owner");
    world.store.put_by_hand("refresh-of-the-owner");
    assert_eq!(walk(&moka).await, Ok(5), "with the owner's");
    assert_eq!(
        world.store.change(|content| content.by_hand.clone()),
        "refresh-of-the-owner"
    );
    assert_eq!(world.kept(), world.server.refresh_token());
}

#[tokio::test]
async fn a_keeper_that_has_lost_the_right_waits_for_it() {
    let world = world().await;
    let moka = world.process();
    // The right runs out while Moka is asked, and another process has it when it comes to keeping.
    world.store.meanwhile(2, |content| content.holder = Some(77));
    let error = walk(&moka).await.unwrap_err();
    assert_eq!(error, MokaError::TokenNotKept(StoreError::Busy));
    assert_eq!(world.kept(), "refresh-0000");
    // That one gives it back without having renewed.
    world.store.change(|content| content.holder = None);
    assert_eq!(walk(&moka).await, Ok(5));
    assert_eq!((world.renewals(), world.kept().as_str()), (1, "refresh-0001"));
}

#[tokio::test]
async fn a_token_put_by_hand_while_another_is_renewed_wins() {
    let world = world().await;
    let server = world.server.clone();
    // Between the answer and its keeping.
    world.store.meanwhile(2, move |content| {
        server.connect("refresh-of-the-owner");
        content.put_by_hand("refresh-of-the-owner");
    });
    assert_eq!(walk(&world.process()).await, Ok(5));
    assert_eq!(
        world.store.change(|content| content.by_hand.clone()),
        "refresh-of-the-owner"
    );
    assert_eq!(
        (world.renewals(), world.kept()),
        (2, world.server.refresh_token())
    );
    assert!(!world.store.deeds().contains(&"keep failed"));
}

#[tokio::test]
async fn a_token_put_by_hand_while_an_old_one_is_refused_is_tried_at_once() {
    let world = world().await;
    world.server.connect("refresh-of-the-owner");
    let store = world.store.clone();
    let (http, waits) = support::client(Policy {
        wait_first: Duration::from_millis(1),
        ..Policy::default()
    });
    // The server is busy once; while the renewal waits the owner puts the new one.
    world
        .server
        .fault(Route::Token, Fault::Transport(Transport::RetryAfter(429, 1)), 1);
    waits.at_next(move || store.put_by_hand("refresh-of-the-owner"));
    let moka = partners::moka::Moka::new(
        world.served.base_url(),
        world.store.of_another(),
        http,
        partners::moka::Limits::default(),
        || 0,
    );
    assert_eq!(walk(&moka.unwrap()).await, Ok(5));
    assert_eq!((world.asked_to_renew(), world.renewals()), (3, 1));
}
