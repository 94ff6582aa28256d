//! A simulated fortnight of three outlets in three time zones, for tests.
//!
//! One outlet sells at Moka, whose API is asked every night; the files of the second are on the central server; the
//! third has its files pushed into the bucket. Guests answer, payments are refunded later. The functions are the real
//! ones, in this process; tables, bucket, streams and mailbox are those of the one-machine run; the clock is one's own.
//!
//! A test lives through a [`story::Story`] under an [`unrest::Unrest`] and compares the [`ending::Ending`] with that of
//! the fortnight in which nothing went wrong:
//!
//! ```ignore
//! let ending = live(Story::undisturbed().pushed_late(9, 13 * HOUR_MS), Unrest::seeded(1).crashes(5));
//! ```
//!
//! A day of it: until eleven at night in Jakarta, what the story has for the day happens, each thing at its time
//! ([`story`]); whatever that starts is worked off at once. At eleven the night begins; minute by minute its schedules
//! come, until it is over and its report is sent ([`platform`]). Time stands still while functions run, so one seed is
//! one course of events.
//!
//! - [`story`]: what is sold and said, when and how it is told. What can go wrong with deliveries is a change of the
//!   story, a method of `Story` each. Every day sells the same, so that what a report says can be derived by hand.
//! - [`shop`]: the world in which it is told: engines, simulated servers of other people, the functions.
//! - [`platform`]: what stands between the functions, Lambda and its triggers, as `template.yaml` wires them.
//! - [`unrest`]: what can go wrong there: runs that die, triggers that come twice or in any order, two schedulers.
//! - [`ending`]: what there is at the end, to be compared.
//!
//! Two things are not as on AWS. The bucket tells the real time, so that nothing in it looks older than the night that
//! meets it. And no renewal of Moka's tokens is cut off: one that is lost before it is kept is lost for good
//! (`docs/moka.md`), so lives with crashes renew none.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't be set up has failed"
)]

pub mod clock;
pub mod ending;
pub mod platform;
mod receipts;
pub mod shop;
pub mod story;
mod streams;
pub mod unrest;

use ending::Ending;
use platform::Platform;
use shop::Shop;
use story::Story;
use unrest::Unrest;

/// How large the stack is on which a fortnight is lived: what is not optimised takes more than a test has.
const STACK: usize = 64 << 20;

/// Lives through a story, and answers what there is at its end.
///
/// # Panics
/// When something happens that no disturbance explains: the test has failed.
#[must_use]
pub fn live(story: Story, unrest: Unrest) -> Ending {
    live_and(story, unrest, async |_| ()).0
}

/// Lives through a story, looks what there is at its end, and does something more in that world.
///
/// # Panics
/// As [`live`].
pub fn live_and<T: Send>(
    story: Story,
    unrest: Unrest,
    then: impl AsyncFnOnce(&Shop) -> T + Send,
) -> (Ending, T) {
    let life = async || {
        let mut platform = Platform::start(Shop::open().await, unrest).await;
        platform.live(story).await;
        let mut ending = Ending::of(&platform.shop).await;
        ending.deaths = platform.unrest.deaths();
        let more = then(&platform.shop).await;
        platform.shop.world.stop().await;
        (ending, more)
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let thread = thread.spawn_scoped(scope, || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .thread_stack_size(STACK)
                .enable_all()
                .build();
            runtime.unwrap().block_on(life())
        });
        let lived = thread.unwrap().join();
        lived.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
