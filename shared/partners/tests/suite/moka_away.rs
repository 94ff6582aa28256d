//! Moka when it refuses, is busy, silent, or answers something else.

use crate::support::moka::{limits, world, world_with};
use crate::support::{LATER, day, impatient};
use domain::when::Zone;
use partners::http::{Cause, Policy};
use partners::moka::{MokaError, PageProblem};
use sims::ALWAYS;
use sims::moka::{Fault, Route};
use sims::transport::Transport;

#[tokio::test]
async fn a_page_that_is_none_is_refused() {
    let table = [
        (Fault::NotJson, PageProblem::Form),
        (Fault::ErrorInside, PageProblem::Error),
        (Fault::OtherOutlet, PageProblem::Outlet),
        (Fault::Padded(64 << 10), PageProblem::TooLarge(64 << 10)),
    ];
    for (fault, problem) in table {
        let world = world().await;
        world.server.fault(Route::Page, fault.clone(), 1);
        let (pages, error) = world.failed().await;
        assert_eq!((pages, &error), (0, &MokaError::Page(problem)), "{fault:?}");
        assert_eq!((error.code(), error.is_retryable()), ("MOKA_PAGE", false));
    }
}

#[tokio::test]
async fn too_many_questions_and_every_server_error_are_asked_again() {
    for status in [429, 500, 502, 503, 504] {
        let world = world().await;
        world
            .server
            .fault(Route::Page, Fault::Transport(Transport::Status(status)), 4);
        assert!(world.walked().await.1.is_ok(), "{status}");
        assert_eq!(world.waits.millis().len(), 4, "{status}");

        world
            .server
            .fault(Route::Page, Fault::Transport(Transport::Status(status)), ALWAYS);
        let (_, error) = world.failed().await;
        assert_eq!(error, MokaError::Unreachable(Cause::NotNow(status)));
        assert!(error.is_retryable());
    }
}

#[tokio::test]
async fn retry_after_is_obeyed() {
    let world = world().await;
    world
        .server
        .fault(Route::Page, Fault::Transport(Transport::RetryAfter(429, 9)), 1);
    assert!(world.walked().await.1.is_ok());
    assert_eq!(world.waits.millis(), [9_000]);
}

#[tokio::test]
async fn other_refusals_are_asked_for_once() {
    for status in [400, 403, 404, 422, 204] {
        let world = world().await;
        world
            .server
            .fault(Route::Page, Fault::Transport(Transport::Status(status)), ALWAYS);
        let (_, error) = world.failed().await;
        assert_eq!(
            (&error, error.code(), error.is_retryable()),
            (&MokaError::Refused(status), "MOKA_REFUSED", false)
        );
        assert_eq!(world.asked_for_pages(), 1);
    }
}

#[tokio::test]
async fn a_redirect_is_a_refusal() {
    let world = world().await;
    let address = format!("{}/oauth/token", world.served.base_url());
    world
        .server
        .fault(Route::Page, Fault::Transport(Transport::Redirect(address)), 1);
    assert_eq!(world.failed().await, (0, MokaError::Refused(302)));
    assert_eq!(world.asked_for_pages(), 1);
}

#[tokio::test]
async fn half_an_answer_and_silence_are_unreachable() {
    let table = [
        (Transport::Cut, Cause::Broken),
        (Transport::Silent, Cause::Timeout),
    ];
    for (fault, cause) in table {
        let world = world_with(
            Policy {
                every_server_error: true,
                ..impatient()
            },
            limits(),
        )
        .await;
        world.server.fault(Route::Page, Fault::Transport(fault), 1);
        assert_eq!(world.failed().await, (0, MokaError::Unreachable(cause)));
        assert_eq!(
            world.walked().await.1.unwrap().payments,
            34,
            "and the next walk is whole"
        );
    }
}

#[tokio::test]
async fn an_outlet_that_is_no_id_is_not_asked_for() {
    let world = world().await;
    for outlet in ["", "..", "1/2", "1?x", "1%2f2", "satu dua"] {
        let error = world
            .moka
            .day(outlet, day(), &Zone::default(), LATER)
            .unwrap_err();
        assert_eq!(error.code(), "MOKA_ADDRESS", "{outlet}");
    }
    assert_eq!(world.server.asked(), []);
}
