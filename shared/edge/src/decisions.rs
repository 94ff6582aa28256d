//! What people decide about quarantined records: run them again, or put them aside.
//!
//! The API and the dashboard decide through this one place, so that both follow the same rules.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use aws::StoreError;
use aws::ledger::Ledger;
use aws::position::ListPosition;
use aws::quarantine::Quarantine;
use domain::export::Export;
use domain::quarantine::{QuarantineState, Quarantined};
use serde::Serialize;
use utoipa::ToSchema;

use crate::cursor;
use crate::problem::{
    EXPORT_NOT_FINISHED, FieldError, Problem, QUARANTINE_NOT_FOUND, QUARANTINE_REPLAYING, QUARANTINE_SETTLED,
};

/// How long a replay is given before it may be asked for again, in milliseconds: the longest run of
/// the function that does it.
const REPLAY_MS: i64 = 15 * 60_000;
/// How many pieces one request has replayed at most.
const REPLAYS_MAX: u32 = 200;
/// How many pages of pieces one request looks through at most.
const PAGES_MAX: u32 = 20;
/// How many pieces a page has.
const PAGE: i32 = 200;
/// The shortest and the longest reason, in characters.
pub const REASON: RangeInclusive<usize> = 3..=500;

/// The piece of an id, `<export>.<place in the file>`.
///
/// # Errors
/// `QUARANTINE_NOT_FOUND`, or the store's failure.
pub async fn find(quarantine: &Quarantine, id: &str) -> Result<Quarantined, Problem> {
    let not_found = || Problem::new(&QUARANTINE_NOT_FOUND);
    let (export, local) = id.split_once('.').ok_or_else(not_found)?;
    if export.is_empty() || local.is_empty() {
        return Err(not_found());
    }
    quarantine.get(export, local).await?.ok_or_else(not_found)
}

/// The id that [`find`] takes.
#[must_use]
pub fn id_of(piece: &Quarantined) -> String {
    format!("{}.{}", piece.export_id, piece.local_id())
}

/// Pieces in the store's order, and where to go on.
#[derive(Debug)]
pub struct Pieces {
    /// Of one export in the order of the file, of all exports the longest waiting first.
    pub items: Vec<Quarantined>,
    /// The position of the next page; `None` on the last.
    pub next: Option<String>,
}

/// Reads pieces of one export, or the open ones of all, from a position that an earlier call gave.
///
/// # Errors
/// `PARAMETER_INVALID` for a position that no call gave, or the store's failure.
pub async fn read(
    quarantine: &Quarantine,
    export: Option<&str>,
    after: Option<&str>,
    limit: i32,
) -> Result<Pieces, Problem> {
    if let Some(export) = export {
        let (items, next) = quarantine.of_export(export, after, limit).await?;
        return Ok(Pieces { items, next });
    }
    let after = after
        .map(|after| ListPosition::parse(after).ok_or_else(|| cursor::unusable("after")))
        .transpose()?;
    let (items, next) = quarantine.open(after.as_ref(), limit).await?;
    Ok(Pieces {
        items,
        next: next.map(|next| next.to_string()),
    })
}

/// What a replay of many records came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Replays {
    /// How many are being replayed.
    pub asked: u32,
    /// How many were left alone: their export is still being read, or they changed meanwhile.
    pub skipped: u32,
    /// Whether there may be more: send the request again once these are through.
    pub more: bool,
}

/// Who decides, when, and about what is in these stores.
#[derive(Clone, Copy, Debug)]
pub struct Decider<'a> {
    /// The pieces.
    pub quarantine: &'a Quarantine,
    /// The exports they came from.
    pub ledger: &'a Ledger,
    /// Who decides, as the audit trail names them.
    pub actor: &'a str,
    /// What ties the decision to the log lines of what it starts.
    pub correlation: &'a str,
    /// Now, in Unix milliseconds.
    pub now_ms: i64,
}

impl Decider<'_> {
    /// Has a piece run again, through the same rules as the first time. The answer is the piece with
    /// the replay asked for.
    ///
    /// # Errors
    /// `QUARANTINE_SETTLED`, `QUARANTINE_REPLAYING`, `EXPORT_NOT_FINISHED`, `CHANGED_MEANWHILE`, or the
    /// store's failure.
    pub async fn replay(&self, piece: &Quarantined) -> Result<Quarantined, Problem> {
        self.check_undecided(piece)?;
        if !self.is_finished(&piece.export_id, &piece.etag).await? {
            return Err(Problem::new(&EXPORT_NOT_FINISHED).detail(
                "Tunggu sampai ekspornya selesai dibaca.",
                "Wait until its export has been read to the end.",
            ));
        }
        let asked = self.asked(piece);
        self.quarantine.decide(piece, &asked, self.actor).await?;
        Ok(asked)
    }

    /// Puts a piece aside with a reason in the person's words. It can still be replayed later. The
    /// same decision once more is a repeated request and changes nothing.
    ///
    /// # Errors
    /// `BODY_INVALID` for a reason outside of [`REASON`], `QUARANTINE_SETTLED`, `QUARANTINE_REPLAYING`,
    /// `CHANGED_MEANWHILE`, or the store's failure.
    pub async fn discard(&self, piece: &Quarantined, reason: &str) -> Result<Quarantined, Problem> {
        let reason = reason.trim();
        if !REASON.contains(&reason.chars().count()) {
            let indonesian = "alasan terdiri dari 3 sampai 500 karakter";
            let english = "a reason has 3 to 500 characters";
            let error = FieldError::at("/reason", "FIELD_INVALID", indonesian, english);
            return Err(Problem::fields(vec![error]));
        }
        let discarded = Quarantined {
            state: QuarantineState::Discarded,
            last_seen_ms: self.now_ms,
            decided_by: Some(self.actor.to_owned()),
            reason: Some(reason.to_owned()),
            ..piece.clone()
        };
        if piece.state == QuarantineState::Discarded {
            let same = (&piece.decided_by, &piece.reason) == (&discarded.decided_by, &discarded.reason);
            return if same {
                Ok(piece.clone())
            } else {
                Err(Problem::new(&QUARANTINE_SETTLED).detail(
                    "Data ini sudah disisihkan.",
                    "This record has been put aside already.",
                ))
            };
        }
        self.check_undecided(piece)?;
        self.quarantine.decide(piece, &discarded, self.actor).await?;
        Ok(discarded)
    }

    /// Has open pieces run again, at most 200 at once: of one export or all, of one code or any.
    ///
    /// # Errors
    /// The store's failure.
    pub async fn replay_open(&self, export: Option<&str>, code: Option<&str>) -> Result<Replays, Problem> {
        let (mut replays, mut after, mut finished) = (Replays::default(), None, HashMap::new());
        for _ in 0..PAGES_MAX {
            let pieces = read(self.quarantine, export, after.as_deref(), PAGE).await?;
            for piece in pieces.items {
                let wanted = code.is_none_or(|code| *code == piece.code);
                if piece.state != QuarantineState::Open || !wanted {
                    continue;
                }
                if replays.asked >= REPLAYS_MAX {
                    replays.more = true;
                    return Ok(replays);
                }
                if self.replay_one(&piece, &mut finished).await? {
                    replays.asked = replays.asked.saturating_add(1);
                } else {
                    replays.skipped = replays.skipped.saturating_add(1);
                }
            }
            after = pieces.next;
            if after.is_none() {
                break;
            }
        }
        replays.more = after.is_some();
        Ok(replays)
    }

    /// Asks for a replay of one piece of many. `finished` remembers which files have been read.
    async fn replay_one(
        &self,
        piece: &Quarantined,
        finished: &mut HashMap<(String, String), bool>,
    ) -> Result<bool, StoreError> {
        let file = (piece.export_id.clone(), piece.etag.clone());
        let is_final = match finished.get(&file) {
            Some(known) => *known,
            None => self.is_finished(&file.0, &file.1).await?,
        };
        finished.insert(file, is_final);
        if !is_final {
            return Ok(false);
        }
        match self
            .quarantine
            .decide(piece, &self.asked(piece), self.actor)
            .await
        {
            Ok(()) => Ok(true),
            // Somebody else decided first.
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn is_finished(&self, export_id: &str, etag: &str) -> Result<bool, StoreError> {
        let export = self.ledger.get(export_id, etag).await?;
        Ok(export.as_ref().is_some_and(Export::is_final))
    }

    /// The piece with a replay asked for. The run itself counts the attempt.
    fn asked(&self, piece: &Quarantined) -> Quarantined {
        Quarantined {
            state: QuarantineState::Replaying,
            correlation: Some(self.correlation.to_owned()),
            last_seen_ms: self.now_ms,
            decided_by: Some(self.actor.to_owned()),
            reason: None,
            ..piece.clone()
        }
    }

    /// Refuses what is settled, or is being replayed and may still come to its end.
    fn check_undecided(&self, piece: &Quarantined) -> Result<(), Problem> {
        match piece.state {
            QuarantineState::Open | QuarantineState::Discarded => Ok(()),
            QuarantineState::Replaying if self.now_ms.saturating_sub(piece.last_seen_ms) >= REPLAY_MS => {
                Ok(())
            }
            QuarantineState::Replaying => Err(Problem::new(&QUARANTINE_REPLAYING).detail(
                "Tunggu hasilnya, paling lama 15 menit.",
                "Wait for its result, 15 minutes at most.",
            )),
            QuarantineState::Replayed => Err(Problem::new(&QUARANTINE_SETTLED)
                .detail("Data ini sudah masuk.", "This record has been taken.")),
        }
    }
}
