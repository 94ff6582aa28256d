//! A rebuild from its question to its proof.

use std::collections::BTreeSet;

use aws::StoreError;
use aws::audit::Action;
use serde_json::json;

use crate::fingerprint::{Fingerprint, as_of};
use crate::kept::{Kept, kept};
use crate::plan::{Telling, plan};
use crate::state::{Phase, State, TASK};
use crate::{ACTOR, Stop, Tools, counting, customers, days, telling};

/// How long nobody else may rebuild after a sign of life, in milliseconds.
const LEASE_MS: i64 = 120_000;
/// Tellings between two bookmarks.
const AT_ONCE: usize = 24;
/// Bookmarks between two lines about the progress.
const QUIET: usize = 8;

/// What is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Days of exports that are not in the bucket any more stay as they are; without this they are refused.
    pub keep_gone: bool,
}

/// What a rebuild is going to do, for the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Files that are told again.
    pub files: usize,
    /// Records that were refused and taken later: told again too.
    pub records: usize,
    /// Exports that are gone.
    pub gone: usize,
}

/// How the tables compare with what they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// They hold the same.
    Same,
    /// This many tellings came in meanwhile, so they can't be compared.
    Grown(usize),
    /// These kinds of items are not as they were.
    Different(Vec<String>),
}

/// What came of a rebuild.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The tables before.
    pub before: Fingerprint,
    /// The tables after.
    pub after: Fingerprint,
    /// How they compare.
    pub comparison: Comparison,
}

/// Makes the tables anew, or goes on with a rebuild that was stopped. `agree` is asked before anything is changed,
/// and not when going on: half-way there is no way back.
///
/// # Errors
/// [`Stop`] with the reason; started again, it goes on where it was.
pub async fn rebuild(
    order: Order,
    agree: impl FnOnce(&Outline) -> bool,
    tools: &Tools,
) -> Result<Report, Stop> {
    hold(tools).await?;
    let state = match State::read(tools).await? {
        Some(state) => {
            (tools.say)("Goes on with the rebuild that was stopped.");
            state
        }
        None => begin(order, agree, tools).await?,
    };
    let report = go_on(state, tools).await?;
    tools.leases.give_back(TASK, &tools.holder).await?;
    Ok(report)
}

/// Makes sure that nobody else rebuilds, for a while.
async fn hold(tools: &Tools) -> Result<(), Stop> {
    let (holder, now_ms) = (&tools.holder, (tools.now_ms)());
    if tools.leases.take(TASK, holder, now_ms, LEASE_MS).await? {
        Ok(())
    } else {
        Err(Stop::Held)
    }
}

/// Looks at everything, asks, and notes the beginning.
async fn begin(order: Order, agree: impl FnOnce(&Outline) -> bool, tools: &Tools) -> Result<State, Stop> {
    let plan = plan(tools).await?;
    if !plan.busy.is_empty() {
        return refuse(Stop::Busy(plan.busy), tools).await;
    }
    let kept = kept(&plan, tools).await?;
    let outline = Outline {
        files: plan.files(),
        records: plan.tellings.len() - plan.files(),
        gone: kept.gone.len(),
    };
    if !order.keep_gone && !kept.gone.is_empty() {
        return refuse(Stop::Gone(kept.gone), tools).await;
    }
    if !agree(&outline) {
        return refuse(Stop::Declined, tools).await;
    }
    (tools.say)("Reading the tables as they are.");
    let began_ms = (tools.now_ms)();
    let mut state = State {
        began_ms,
        keep_gone: order.keep_gone,
        before: as_of(began_ms, tools).await?,
        phase: Phase::Days,
    };
    hold(tools).await?;
    state.enter(Phase::Days, tools).await?;
    Ok(state)
}

/// Stops before anything was changed.
async fn refuse<T>(stop: Stop, tools: &Tools) -> Result<T, Stop> {
    tools.leases.give_back(TASK, &tools.holder).await?;
    Err(stop)
}

/// Does what is left.
async fn go_on(mut state: State, tools: &Tools) -> Result<Report, Stop> {
    if matches!(state.phase, Phase::Days | Phase::Customers) {
        let kept = still_kept(&state, tools).await?;
        if state.phase == Phase::Days {
            let count = days::empty(&kept, tools).await?;
            (tools.say)(&format!("{count} days are empty."));
            hold(tools).await?;
            state.enter(Phase::Customers, tools).await?;
        }
        let count = customers::empty(&kept, tools).await?;
        (tools.say)(&format!(
            "{count} customers are empty but for what they asked for."
        ));
        state.enter(Phase::Telling(None), tools).await?;
    }
    if let Phase::Telling(after) = &state.phase {
        let after = after.clone();
        tell_all(&mut state, after, tools).await?;
        state.enter(Phase::Counting, tools).await?;
    }
    let count = counting::count(tools).await?;
    (tools.say)(&format!("{count} days are counted."));
    finish(&state, tools).await
}

/// What is kept: the same as at the beginning, for nothing but time has passed.
async fn still_kept(state: &State, tools: &Tools) -> Result<Kept, Stop> {
    if state.keep_gone {
        kept(&plan(tools).await?, tools).await
    } else {
        Ok(Kept::default())
    }
}

/// Tells everything again, and after that what has come in meanwhile: before its day was emptied, perhaps.
async fn tell_all(state: &mut State, after: Option<Telling>, tools: &Tools) -> Result<(), Stop> {
    let mut told = BTreeSet::new();
    let mut after = after;
    loop {
        let all = plan(tools).await?.tellings;
        let left = all.iter().filter(|telling| Some(*telling) > after.as_ref());
        let left: Vec<Telling> = left.filter(|telling| !told.contains(*telling)).cloned().collect();
        if left.is_empty() {
            return Ok(());
        }
        for (number, some) in left.chunks(AT_ONCE).enumerate() {
            hold(tools).await?;
            for key in telling::tell(some, state.keep_gone, tools).await? {
                (tools.say)(&format!("{key} is gone; its days stay as they are."));
            }
            // Late ones may come before what is told already: the bookmark never goes back.
            let last = some.last().cloned().max(match &state.phase {
                Phase::Telling(last) => last.clone(),
                _ => None,
            });
            state.enter(Phase::Telling(last), tools).await?;
            if number % QUIET == QUIET - 1 {
                let done = (number + 1) * AT_ONCE;
                (tools.say)(&format!("{done} of {} told.", left.len()));
            }
        }
        (tools.say)(&format!("{} told.", left.len()));
        told = all;
        after = None;
    }
}

/// Compares, and notes the end with its one audit record.
async fn finish(state: &State, tools: &Tools) -> Result<Report, Stop> {
    (tools.say)("Reading the tables as they are now.");
    let after = as_of(state.began_ms, tools).await?;
    let tellings = plan(tools).await?.tellings;
    let grown = tellings
        .iter()
        .filter(|telling| telling.at_ms >= state.began_ms)
        .count();
    let differs = state.before.differs_in(&after);
    let comparison = match (differs.is_empty(), grown) {
        (true, _) => Comparison::Same,
        (false, 0) => Comparison::Different(differs),
        (false, grown) => Comparison::Grown(grown),
    };
    let action = Action {
        at_ms: (tools.now_ms)(),
        actor: ACTOR,
        action: "tables.rebuilt",
        subject: TASK,
    };
    let facts = json!({
        "began_ms": state.began_ms, "tellings": tellings.len(), "keep_gone": state.keep_gone,
        "same": comparison == Comparison::Same, "before": state.before, "after": after,
    });
    let over = State {
        phase: Phase::Over,
        ..state.clone()
    };
    let places = (state.text()?, over.text()?);
    let noted = tools
        .bookmarks
        .complete(TASK, (&places.0, &places.1), action, &facts)
        .await;
    match noted {
        // The answer of an earlier try was lost: its record is there.
        Err(StoreError::Conflict) if tools.bookmarks.read(TASK).await?.as_ref() == Some(&places.1) => {}
        noted => noted?,
    }
    Ok(Report {
        before: state.before.clone(),
        after,
        comparison,
    })
}
