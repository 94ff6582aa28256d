//! A file while it is being read: what is known of it, and what became of its records.

use std::collections::BTreeMap;

use aws::meter::Reading;
use domain::customer::OutletDay;
use domain::export::{Control, Counts, Export, Sums, TouchedDays};
use domain::map::{Context, OutletRules, folder_outlet};
use domain::money::{Money, Written};
use domain::outlet::Outlet;
use domain::quarantine::Quarantined;
use domain::record::{self, Object, Rejection, UnknownFields};
use domain::redact::preview;
use domain::shape::{ALIASES, Field, fold_path};
use domain::split::{Checkpoint, Fault, pointer};
use domain::when::Zone;
use serde::{Deserialize, Serialize};

use crate::pending::{PendingDay, PendingReceipt, Tally};

/// How many pieces of one file are listed by name; more are counted.
pub const LISTED_MAX: u64 = 10_000;
/// Records held back while the dialect is not known.
const UNKNOWN_MAX: usize = 100;

/// The code of a record whose day has no room for it.
pub const DAY_FULL: &str = "DAY_FULL";

/// What a run that stopped leaves to the one that goes on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    /// Where to go on.
    pub checkpoint: Checkpoint,
    /// What is known of the file.
    pub context: Context,
    /// The path of the record array.
    pub path: String,
    /// Sums so far.
    pub tally: Tally,
    /// Pieces listed so far.
    pub listed: u64,
    /// Outlet days touched so far.
    pub touched: TouchedDays,
}

/// A file while it is being read.
#[derive(Debug)]
pub struct File {
    /// Its ledger entry.
    pub export: Export,
    /// What is known of it.
    pub context: Context,
    /// The path of the record array.
    pub path: String,
    /// Outlets met so far.
    pub outlets: BTreeMap<String, OutletRules>,
    /// Names nobody knows.
    pub unknown: UnknownFields,
    /// Sums of its receipts.
    pub tally: Tally,
    /// Pieces to be listed with the next writing.
    pub refused: Vec<Quarantined>,
    /// How many pieces were listed in all.
    pub listed: u64,
    /// Outlet days touched so far.
    pub touched: TouchedDays,
    /// The outlet of the record that is being read, once it is known.
    pub told_outlet: Option<String>,
    /// Pieces refused before the dialect was known.
    unrecognised: Vec<Quarantined>,
    /// What stands behind the records has been looked at.
    pub looked_ahead: bool,
    /// A fault after which nothing more comes.
    pub fatal: Option<(&'static str, String)>,
    /// Pages that this run wrote.
    pub pages: u64,
    /// What the database had cost when this run began.
    pub cost_before: Reading,
    now_ms: i64,
}

impl File {
    /// A file at its beginning, or where an earlier run stopped.
    #[must_use]
    pub fn new(export: Export, state: Option<State>, modified_ms: i64, now_ms: i64) -> Self {
        let fresh = Context {
            folder_outlet: folder_outlet(&export.key),
            modified_ms,
            ..Context::default()
        };
        let unknown = UnknownFields::from_counts(export.unknown_fields.clone());
        let mut file = Self {
            export,
            context: fresh,
            path: String::new(),
            outlets: BTreeMap::new(),
            unknown,
            tally: Tally::default(),
            refused: Vec::new(),
            listed: 0,
            touched: TouchedDays::default(),
            told_outlet: None,
            unrecognised: Vec::new(),
            looked_ahead: false,
            fatal: None,
            pages: 0,
            cost_before: Reading::default(),
            now_ms,
        };
        if let Some(state) = state {
            (file.context, file.path, file.tally) = (state.context, state.path, state.tally);
            (file.listed, file.touched) = (state.listed, state.touched);
        }
        file
    }

    /// The content that is being read.
    #[must_use]
    pub fn wanted(&self) -> aws::objects::Wanted<'_> {
        aws::objects::Wanted {
            key: &self.export.key,
            etag: Some(&self.export.etag),
            version: self.export.version.as_deref(),
        }
    }

    /// The mark of this file's content, as pages note their last writer.
    #[must_use]
    pub fn mark(&self) -> String {
        let etag: String = self.export.etag.chars().take(6).collect();
        format!("{}{etag}", self.export.id.get(4..12).unwrap_or_default())
    }

    /// Takes a member of the envelope.
    pub fn envelope(&mut self, path: &str, raw: &str) {
        let Some((field, _)) = ALIASES.envelope.get(&fold_path(path)) else {
            return;
        };
        let string = serde_json::from_str::<String>(raw).ok();
        let text = string.clone().unwrap_or_else(|| raw.to_owned());
        let text = text.trim();
        if text.is_empty() || text == "null" || raw.starts_with(['{', '[']) {
            return;
        }
        let written = if string.is_some() {
            Written::Text(text)
        } else {
            Written::Number(text)
        };
        let known = |slot: &mut Option<String>| *slot = Some(slot.take().unwrap_or_else(|| text.to_owned()));
        match field {
            Field::Outlet => known(&mut self.context.outlet_name),
            Field::OutletId => known(&mut self.context.outlet_id),
            Field::System => known(&mut self.context.system),
            Field::NextUrl => {
                let id = text
                    .split("/outlets/")
                    .nth(1)
                    .and_then(|rest| rest.split('/').next());
                if let (None, Some(id)) = (&self.context.outlet_id, id) {
                    self.context.outlet_id = Some(id.to_owned());
                }
            }
            Field::RevisedAt => {
                let moment = domain::when::read_moment(text, &Zone::default()).ok().flatten();
                self.context.made_ms = moment.map(|moment| moment.at_ms).or(self.context.made_ms);
            }
            Field::ControlSum => {
                let sum = domain::money::parse(written).ok().flatten();
                self.context.control_sum = sum.map(|sum| sum.value).or(self.context.control_sum);
            }
            Field::ControlCount => {
                self.context.control_count = text
                    .replace(['.', ','], "")
                    .parse()
                    .ok()
                    .or(self.context.control_count);
            }
            _ => {}
        }
    }

    /// Reads a record's fields, telling the dialect first where no record has yet.
    ///
    /// # Errors
    /// [`Rejection`] with the reason.
    pub fn read<'a>(&mut self, bytes: &'a [u8]) -> Result<Object<'a>, Rejection> {
        if self.context.dialect.is_none() {
            self.context.dialect = record::dialect_of(bytes)?;
            self.export.dialect = self.context.dialect.map(|dialect| dialect.as_str().to_owned());
        }
        let Some(dialect) = self.context.dialect else {
            return Err(Rejection::new(
                "RECORD_UNKNOWN_SHAPE",
                "",
                "the record is of no dialect that is known",
            ));
        };
        record::read(bytes, ALIASES.of(dialect.family()), &mut self.unknown)
    }

    /// Remembers the rules of an outlet.
    pub fn register(&mut self, outlet: Outlet) {
        self.outlets
            .entry(outlet.id.clone())
            .or_insert_with(|| OutletRules::of(outlet));
    }

    /// Counts things taken in spite of a flaw.
    pub fn note(&mut self, codes: &[&'static str]) {
        for code in codes {
            *self.export.notes.entry((*code).to_owned()).or_default() += 1;
        }
    }

    /// Refuses a record.
    pub fn refuse(&mut self, bytes: &[u8], start: u64, ordinal: u64, rejection: &Rejection) {
        let place = format!("{}{}", pointer(&self.path, ordinal), rejection.pointer);
        let len = bytes.len() as u64;
        let mut piece = self.piece(
            (start, len),
            place,
            Some(ordinal),
            (rejection.code, &rejection.detail),
            preview(bytes),
        );
        let told = self.told_outlet.take();
        if told.is_some() || rejection.code == "WRONG_OUTLET" {
            // Where folder and record differ, nobody can say whose record it is.
            piece.outlet = told;
        }
        if rejection.code == "RECORD_UNKNOWN_SHAPE" && self.context.dialect.is_none() {
            if self.unrecognised.len() < UNKNOWN_MAX {
                self.unrecognised.push(piece);
            } else {
                self.count_refused(rejection.code);
            }
        } else {
            self.list(piece);
        }
    }

    /// Refuses the records of a day that has no room for them.
    pub fn refuse_day(&mut self, (outlet, date): &OutletDay, pending: &PendingDay) {
        let detail = format!("the day {date} of the outlet {outlet} has no room for more receipts");
        self.export.counts.received += pending.repeated + pending.outdated;
        self.export.counts.unchanged += pending.repeated;
        self.export.counts.stale += pending.outdated;
        for place in pending.receipts.values().flat_map(PendingReceipt::places) {
            let at = pointer(&self.path, place.ordinal);
            let range = (place.start, u64::from(place.len));
            let mut piece = self.piece(range, at, Some(place.ordinal), (DAY_FULL, &detail), String::new());
            piece.outlet = Some(outlet.clone());
            self.list(piece);
        }
    }

    /// Takes a fault of the file.
    pub fn fault(&mut self, fault: &Fault) {
        let code = fault.code.as_str();
        if code == "FILE_BOM" {
            return self.note(&[code]);
        }
        if fault.fatal || code == "FILE_WITHOUT_RECORDS" {
            self.fatal = Some((code, fault.detail.clone()));
            return;
        }
        let place = fault
            .ordinal
            .map_or_else(String::new, |ordinal| pointer(&self.path, ordinal));
        let piece = self.piece(
            (fault.start, fault.len),
            place,
            fault.ordinal,
            (code, &fault.detail),
            String::new(),
        );
        self.list(piece);
    }

    /// Takes a fault that ends the reading at `offset`.
    pub fn break_off(&mut self, offset: u64, rejection: &Rejection) {
        if self.export.counts == Counts::default()
            && self.tally == Tally::default()
            && self.unrecognised.is_empty()
        {
            self.fatal = Some((rejection.code, rejection.detail.clone()));
            return;
        }
        let piece = self.piece(
            (offset, 0),
            String::new(),
            None,
            (rejection.code, &rejection.detail),
            String::new(),
        );
        self.list(piece);
    }

    fn piece(
        &self,
        (byte_start, byte_len): (u64, u64),
        pointer: String,
        ordinal: Option<u64>,
        (code, detail): (&str, &str),
        preview: String,
    ) -> Quarantined {
        Quarantined {
            outlet: self.context.folder_outlet.clone(),
            byte_start,
            byte_len,
            pointer,
            ordinal,
            code: code.to_owned(),
            detail: detail.to_owned(),
            preview,
            context: serde_json::to_string(&self.context).unwrap_or_default(),
            ..Quarantined::of(&self.export, self.now_ms)
        }
    }

    fn list(&mut self, piece: Quarantined) {
        self.count_refused(&piece.code);
        if self.listed < LISTED_MAX {
            self.listed += 1;
            self.refused.push(piece);
        }
    }

    fn count_refused(&mut self, code: &str) {
        self.export.counts.received += 1;
        self.export.counts.quarantined += 1;
        *self.export.rejected.entry(code.to_owned()).or_default() += 1;
    }

    /// Ends the reading: decides whether the file as a whole failed, and compares its control totals.
    pub fn close(&mut self) {
        if self.fatal.is_none() && self.context.dialect.is_none() && !self.unrecognised.is_empty() {
            self.fatal = Some((
                "FILE_UNKNOWN_DIALECT",
                "no record of the file is of a dialect that is known".to_owned(),
            ));
            self.unrecognised.clear();
        }
        for piece in std::mem::take(&mut self.unrecognised) {
            self.list(piece);
        }
        if let Some((code, detail)) = self.fatal.clone() {
            let size = self.export.size;
            let mut piece = self.piece((0, size), String::new(), None, (code, &detail), String::new());
            // What earlier runs took of the file stays taken: then it is its rest that failed.
            piece.whole_file = self.export.counts == Counts::default();
            if piece.whole_file {
                self.export.failure = Some(code.to_owned());
            }
            self.list(piece);
        }
        self.export.unknown_fields = self
            .unknown
            .counts()
            .iter()
            .take(Export::UNKNOWN_MAX)
            .map(|(name, n)| (name.clone(), *n))
            .collect();
        self.sum_up();
    }

    fn sum_up(&mut self) {
        let tally = self.tally;
        self.export.sums = Sums {
            total: tally.total,
            not_sold: tally.not_sold,
            refunded: tally.refunded,
        };
        let (count, sum) = (self.context.control_count, self.context.control_sum);
        if count.is_none() && sum.is_none() {
            return;
        }
        let all = tally.total.checked_add(tally.not_sold);
        let agrees = |receipts: u64, total: Option<Money>| {
            count.is_none_or(|count| count == receipts) && sum.is_none_or(|sum| Some(sum) == total)
        };
        let matches = if agrees(tally.receipts, all) {
            "all"
        } else if agrees(tally.sold, Some(tally.total)) {
            "sold"
        } else {
            self.note(&["CONTROL_TOTAL_MISMATCH"]);
            "none"
        };
        self.export.control = Some(Control {
            count,
            sum,
            matches: matches.to_owned(),
        });
    }
}
