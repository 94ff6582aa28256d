//! The central server when it refuses, is busy, silent or gone.

use std::io::ErrorKind;
use std::time::Duration;

use crate::support::central::{SIZE, asking, world, world_with};
use crate::support::{TOKEN, client, day, impatient, nobody};
use lambda_edge::redact::Secret;
use partners::central::{Central, CentralError, Limits};
use partners::http::{Cause, Policy};
use sims::central::{Central as Server, Fault, Route};
use sims::serve::serve;
use sims::transport::Transport;
use sims::{ALWAYS, central};

#[tokio::test]
async fn a_refusal_is_asked_for_once() {
    let table = [
        (401, "CENTRAL_UNAUTHORISED"),
        (403, "CENTRAL_UNAUTHORISED"),
        (400, "CENTRAL_REFUSED"),
        (204, "CENTRAL_REFUSED"),
        (206, "CENTRAL_REFUSED"),
        (500, "CENTRAL_REFUSED"),
    ];
    for (status, code) in table {
        let world = world().await;
        world
            .server
            .fault(Route::Day, Fault::Transport(Transport::Status(status)), ALWAYS);
        let error = world.central.list(day()).await.unwrap_err();
        assert_eq!((error.code(), error.is_retryable()), (code, false), "{status}");
        assert_eq!(world.server.asked().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_wrong_token_is_said_to_be_one() {
    let world = world().await;
    let (stranger, _) = asking(world.served.base_url(), "another", Policy::default());
    assert_eq!(
        stranger.list(day()).await.unwrap_err(),
        CentralError::Unauthorised
    );
    let (unfit, _) = asking(world.served.base_url(), "two\nlines", Policy::default());
    assert_eq!(unfit.list(day()).await.unwrap_err(), CentralError::Token);
    assert_eq!(
        world.server.asked().len(),
        1,
        "a token that no header may have is never sent"
    );
}

#[tokio::test]
async fn not_now_is_asked_again_with_growing_waits() {
    for status in [429, 502, 503, 504] {
        let world = world().await;
        world
            .server
            .fault(Route::Day, Fault::Transport(Transport::Status(status)), 4);
        assert!(world.central.list(day()).await.is_ok(), "{status}");
        // Each three times the one before, where chance picks the longest.
        assert_eq!(world.waits.millis(), [1_500, 4_500, 13_500, 20_000], "{status}");
    }
}

#[tokio::test]
async fn not_now_at_every_try_ends_as_unreachable() {
    let world = world().await;
    world
        .server
        .fault(Route::Day, Fault::Transport(Transport::Status(503)), ALWAYS);
    let error = world.central.list(day()).await.unwrap_err();
    assert_eq!(error, CentralError::Unreachable(Cause::NotNow(503)));
    assert!(error.is_retryable());
    assert_eq!(world.server.asked().len(), 5);
    world.server.heal();
    assert!(world.central.list(day()).await.is_ok());
}

#[tokio::test]
async fn retry_after_is_obeyed_up_to_its_limit_and_never_shortens_a_wait() {
    let world = world().await;
    for seconds in [7, 3_600, 0] {
        world.server.fault(
            Route::Day,
            Fault::Transport(Transport::RetryAfter(429, seconds)),
            1,
        );
    }
    assert!(world.central.list(day()).await.is_ok());
    assert_eq!(world.waits.millis(), [7_000, 30_000, 13_500]);
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let world = world().await;
    let elsewhere = Server::new(TOKEN);
    let trap = serve(central::router(elsewhere.clone())).await.unwrap();
    let file = world.large().await;
    for address in [
        format!("{}/v1/days/2026-11-21", trap.base_url()),
        "/v1/days/2026-11-20".to_owned(),
    ] {
        let fault = Fault::Transport(Transport::Redirect(address));
        world.server.fault(Route::Day, fault.clone(), 1);
        assert_eq!(
            world.central.list(day()).await.unwrap_err(),
            CentralError::Refused(302)
        );
        world.server.fault(Route::File, fault, 1);
        assert_eq!(
            world.central.fetch(&file).await.unwrap_err(),
            CentralError::Refused(302)
        );
    }
    assert_eq!(elsewhere.asked(), []);
}

#[tokio::test]
async fn nobody_at_the_address_is_unreachable_after_every_try() {
    let (central, waits) = asking(&nobody(), TOKEN, Policy::default());
    let error = central.list(day()).await.unwrap_err();
    assert_eq!(
        error,
        CentralError::Unreachable(Cause::Connect(ErrorKind::ConnectionRefused))
    );
    assert_eq!(waits.millis().len(), 4);
}

#[tokio::test]
async fn a_connection_that_breaks_off_is_unreachable() {
    let world = world().await;
    world
        .server
        .fault(Route::Day, Fault::Transport(Transport::Cut), 1);
    assert_eq!(
        world.central.list(day()).await.unwrap_err(),
        CentralError::Unreachable(Cause::Broken)
    );
}

#[tokio::test]
async fn silence_and_a_slow_drip_have_an_end() {
    let world = world_with(impatient()).await;
    let drip = Transport::Drip(Duration::from_millis(20));
    for fault in [Transport::Silent, drip.clone()] {
        world.server.fault(Route::Day, Fault::Transport(fault.clone()), 1);
        let error = world.central.list(day()).await.unwrap_err();
        assert_eq!(error, CentralError::Unreachable(Cause::Timeout), "{fault:?}");
    }
    let file = world.large().await;
    world.server.fault(Route::File, Fault::Transport(drip), 1);
    let (handed_on, end) = world.fetched(&file).await;
    assert_eq!(end, Err(CentralError::Unreachable(Cause::Timeout)));
    assert!(handed_on < SIZE);
}

#[tokio::test]
async fn an_address_that_is_not_safe_is_refused_before_anything_is_sent() {
    for address in [
        "http://files.example",
        "http://localhost:1",
        "https://u:p@files.example",
        "files",
    ] {
        let (http, _) = client(Policy::default());
        let error = Central::new(address, Secret::default(), http, Limits::default()).unwrap_err();
        assert_eq!(error.code(), "CENTRAL_ADDRESS", "{address}");
    }
}

#[tokio::test]
async fn nothing_that_is_shown_holds_a_token_an_address_or_a_body() {
    let world = world_with(impatient()).await;
    let file = world.large().await;
    let mut shown = format!("{:?}", world.central);
    let faults = [
        Transport::Status(400),
        Transport::Status(401),
        Transport::Status(503),
        Transport::Redirect("https://elsewhere.example/?key=1".to_owned()),
        Transport::Cut,
        Transport::Silent,
    ];
    for fault in faults {
        world.server.fault(Route::File, Fault::Transport(fault), 5);
        let error = world.fetched(&file).await.1.unwrap_err();
        shown += &format!("{error} {error:?} ");
        world.server.heal();
    }
    let (gone, _) = asking(&nobody(), TOKEN, Policy::default());
    let error = gone.list(day()).await.unwrap_err();
    shown += &format!("{error} {error:?}");
    for secret in [TOKEN, "BODY-OF-A-PARTNER", "key=1", "elsewhere", "moka-1.json"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert!(shown.contains("ConnectionRefused"));
}
