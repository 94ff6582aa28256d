//! What the central server lists and hands out, and what is not taken from it.

use crate::support::central::{SIZE, content, world};
use crate::support::day;
use partners::central::{CentralError, EntryProblem, ListingProblem};
use sims::central::{Fault, Route};
use sims::transport::Transport;

#[tokio::test]
async fn a_day_is_listed_and_its_files_are_fetched_as_they_are() {
    let world = world().await;
    let listing = world.central.list(day()).await.unwrap();
    assert_eq!(listing.refused, []);
    let told: Vec<_> = listing
        .files
        .iter()
        .map(|file| (file.name.as_str(), file.outlet.as_deref(), file.size))
        .collect();
    assert_eq!(
        told,
        [
            ("moka-1.json", Some("moka-1"), SIZE as u64),
            ("two.json", None, 2)
        ]
    );

    let download = world.central.fetch(&listing.files[0]).await.unwrap();
    assert_eq!(download.size(), SIZE as u64);
    assert_eq!(download.bytes().await.unwrap(), content());
    assert_eq!(world.fetched(&listing.files[1]).await, (2, Ok(())));

    let paths: Vec<_> = world
        .server
        .asked()
        .iter()
        .map(|asked| asked.path.clone())
        .collect();
    assert_eq!(
        paths,
        [
            "/v1/days/2026-11-21",
            "/v1/files/moka-1.json",
            "/v1/files/two.json"
        ]
    );
    assert!(world.server.asked().iter().all(|asked| asked.authorised));
    assert!(world.waits.millis().is_empty());
}

#[tokio::test]
async fn a_day_without_files_is_no_error() {
    let world = world().await;
    let listing = world.central.list("2026-11-20".parse().unwrap()).await.unwrap();
    assert!(listing.files.is_empty() && listing.refused.is_empty());
}

#[tokio::test]
async fn a_listing_that_cannot_be_trusted_is_refused_whole() {
    let yesterday = "2026-11-20".parse().unwrap();
    let table = [
        (Fault::Truncated, ListingProblem::Count { said: 2, found: 1 }),
        (Fault::Padded(5_000), ListingProblem::TooLarge(4_096)),
        (Fault::Half, ListingProblem::Form),
        (Fault::NotJson, ListingProblem::Form),
        (Fault::OtherDate(yesterday), ListingProblem::Date),
    ];
    for (fault, problem) in table {
        let world = world().await;
        world.server.fault(Route::Day, fault.clone(), 1);
        let error = world.central.list(day()).await.unwrap_err();
        assert_eq!(error, CentralError::Listing(problem), "{fault:?}");
        assert_eq!((error.code(), error.is_retryable()), ("CENTRAL_LISTING", false));
        assert!(world.central.list(day()).await.is_ok());
    }
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_is_refused_and_never_asked_for() {
    for name in [
        "../../etc/passwd",
        "..",
        "a/b.json",
        "%2e%2e%2fa",
        "a?b",
        "a#b",
        "",
    ] {
        let world = world().await;
        world.server.fault(Route::Day, Fault::Named(name.to_owned()), 1);
        let listing = world.central.list(day()).await.unwrap();
        assert_eq!(listing.files.len(), 2, "{name}");
        assert_eq!(listing.refused.len(), 1, "{name}");
        assert_eq!(listing.refused[0].problem, EntryProblem::Name, "{name}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_what_was_listed_never_arrives_whole() {
    let table = [
        (Route::Day, Fault::WrongSize, "CENTRAL_SIZE"),
        (Route::Day, Fault::WrongChecksum, "CENTRAL_CHECKSUM"),
        (Route::File, Fault::Changed, "CENTRAL_CHECKSUM"),
        (Route::File, Fault::Longer, "CENTRAL_SIZE"),
        (Route::File, Fault::Shorter, "CENTRAL_SIZE"),
        (
            Route::File,
            Fault::Transport(Transport::Cut),
            "CENTRAL_UNREACHABLE",
        ),
    ];
    for (route, fault, code) in table {
        let world = world().await;
        world.server.fault(route, fault.clone(), 1);
        let file = world.large().await;
        let (handed_on, end) = world.fetched(&file).await;
        let error = end.unwrap_err();
        assert_eq!((error.code(), error.is_retryable()), (code, true), "{fault:?}");
        assert!(handed_on < SIZE, "{fault:?}: {handed_on}");

        let again = world.large().await;
        assert_eq!(world.fetched(&again).await, (SIZE, Ok(())), "{fault:?}");
    }
}

#[tokio::test]
async fn an_error_stays_the_answer_of_a_download() {
    let world = world().await;
    let file = world.large().await;
    world.server.fault(Route::File, Fault::Changed, 1);
    let mut download = world.central.fetch(&file).await.unwrap();
    let error = loop {
        match download.next().await {
            Ok(piece) => assert!(piece.is_some(), "a bad file came to a good end"),
            Err(error) => break error,
        }
    };
    assert_eq!(download.next().await, Err(error.clone()));
    assert_eq!(download.bytes().await, Err(error));
}

#[tokio::test]
async fn a_file_larger_than_any_may_be_is_not_read() {
    let world = world().await;
    let mut file = world.large().await;
    file.size = (1 << 20) + 1;
    world
        .server
        .put(day(), "moka-1.json", None, vec![0; (1 << 20) + 1]);
    let error = world.central.fetch(&file).await.unwrap_err();
    assert_eq!(error.code(), "CENTRAL_SIZE");
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let world = world().await;
    let file = world.large().await;
    world.server.fault(Route::File, Fault::Gone, 1);
    assert_eq!(
        world.central.fetch(&file).await.unwrap_err(),
        CentralError::FileMissing
    );
    world
        .server
        .fault(Route::Day, Fault::Transport(Transport::Status(404)), 1);
    assert_eq!(
        world.central.list(day()).await.unwrap_err(),
        CentralError::NoListing
    );
}
