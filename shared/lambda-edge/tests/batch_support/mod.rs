//! Running batches whose messages fail as the test asks.

pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

pub(crate) async fn outcome(fails: bool) -> Result<(), &'static str> {
    tokio::task::yield_now().await;
    if fails { Err("no") } else { Ok(()) }
}
