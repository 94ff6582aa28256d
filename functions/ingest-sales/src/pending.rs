//! What has been read of a file and is not in the store yet, by outlet and business date.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use domain::customer::{OutletDay, Profile};
use domain::feedback::Said;
use domain::figures::of_receipt;
use domain::map::Telling;
use domain::money::Money;
use domain::receipt::{Fate, Lines, Receipt};

/// Estimated bytes that may wait, the bound on this function's memory.
pub const BYTES_MAX: usize = 3 << 20;

/// Sums and counts of the receipts of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tally {
    /// Receipts.
    pub receipts: u64,
    /// Receipts that are a sale.
    pub sold: u64,
    /// Totals of sales.
    pub total: Money,
    /// Totals of receipts that are none.
    pub not_sold: Money,
    /// Given back.
    pub refunded: Money,
}

/// Where in the file a record is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Its first byte, in the unpacked file.
    pub start: u64,
    /// Its length in bytes: no record is longer than the splitter's limit of a few megabytes.
    pub len: u32,
    /// Its position among the records, counted from zero.
    pub ordinal: u64,
}

/// One receipt of the file, waiting.
#[derive(Clone, Debug)]
pub struct PendingReceipt {
    /// What the file tells of it.
    pub receipt: Receipt,
    /// How many records told it, those aside that were repetitions or older.
    pub records: u64,
    place: Place,
    /// Where its further records are: most receipts are told by one.
    further: Vec<Place>,
    total: Money,
    sold: bool,
}

impl PendingReceipt {
    /// Where its records are.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        std::iter::once(self.place).chain(self.further.iter().copied())
    }
}

/// One day of an outlet, waiting.
#[derive(Clone, Debug, Default)]
pub struct PendingDay {
    /// Receipts by their id at the point of sale.
    pub receipts: BTreeMap<String, PendingReceipt>,
    /// What the file tells of customers.
    pub profiles: BTreeMap<String, Profile>,
    /// What the file says of visits, by the receipt's id at the point of sale.
    pub said: BTreeMap<String, Said>,
    /// Records that repeated what the file had told before.
    pub repeated: u64,
    /// Records older than what the file had told before.
    pub outdated: u64,
    bytes: usize,
    touched: u64,
}

impl PendingDay {
    /// Sums over its receipts. Amounts that leave the range of [`Money`] stay out of the sums.
    pub fn tally(&self, tally: &mut Tally) {
        let add = |sum: &mut Money, amount: Money| *sum = sum.checked_add(amount).unwrap_or(*sum);
        for pending in self.receipts.values() {
            if pending.receipt.head.is_some() {
                tally.receipts += 1;
                tally.sold += u64::from(pending.sold);
            }
            add(
                if pending.sold {
                    &mut tally.total
                } else {
                    &mut tally.not_sold
                },
                pending.total,
            );
            let refunded = of_receipt(&pending.receipt)
                .map(|figures| figures.refunded)
                .unwrap_or_default();
            add(&mut tally.refunded, refunded);
        }
    }
}

/// Everything that waits.
#[derive(Clone, Debug, Default)]
pub struct Pending {
    days: BTreeMap<OutletDay, PendingDay>,
    bytes: usize,
    clock: u64,
}

impl Pending {
    /// Takes what a record tells, and where in the file it is.
    pub fn take(&mut self, telling: Telling, place: Place) {
        self.clock += 1;
        let bytes = weight(&telling);
        self.bytes += bytes;
        let day = self.days.entry((telling.outlet, telling.date)).or_default();
        day.bytes += bytes;
        day.touched = self.clock;
        if let Some((id, profile)) = telling.customer {
            match day.profiles.entry(id) {
                Entry::Vacant(vacant) => drop(vacant.insert(profile)),
                Entry::Occupied(mut known) => known.get_mut().join(profile),
            }
        }
        if let Some(said) = telling.said {
            match day.said.entry(telling.native_id.clone()) {
                Entry::Vacant(vacant) => drop(vacant.insert(said)),
                Entry::Occupied(mut known) => known.get_mut().join(said),
            }
        }
        let new = PendingReceipt {
            receipt: telling.receipt,
            records: 1,
            place,
            further: Vec::new(),
            total: telling.total,
            sold: telling.sold,
        };
        match day.receipts.entry(telling.native_id) {
            Entry::Vacant(vacant) => drop(vacant.insert(new)),
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                if let (Lines::Rows(_), Lines::Rows(_)) = (&known.receipt.lines, &new.receipt.lines) {
                    known.records += 1;
                    known.further.push(place);
                    known.receipt.add_rows(new.receipt);
                    return;
                }
                let had_head = known.receipt.head.clone();
                match known.receipt.join(new.receipt) {
                    Fate::Unchanged => day.repeated += 1,
                    Fate::Stale => day.outdated += 1,
                    Fate::Stored => {
                        known.records += 1;
                        known.further.push(place);
                        // The amounts follow the head that counts.
                        if known.receipt.head != had_head {
                            (known.total, known.sold) = (new.total, new.sold);
                        }
                    }
                }
            }
        }
    }

    /// Whether enough waits to be written.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.bytes > BYTES_MAX
    }

    /// The days to write now that enough waits: all but the one the file is at, unless that one is
    /// the burden.
    pub fn drain_settled(&mut self) -> Vec<(OutletDay, PendingDay)> {
        let current = self
            .days
            .iter()
            .max_by_key(|(_, day)| day.touched)
            .map(|(key, day)| (key.clone(), day.bytes));
        match current {
            Some((key, bytes)) if bytes < BYTES_MAX / 2 => {
                let kept = self.days.remove(&key);
                let drained = self.drain();
                if let Some(day) = kept {
                    self.bytes = day.bytes;
                    self.days.insert(key, day);
                }
                drained
            }
            _ => self.drain(),
        }
    }

    /// Every day that waits.
    pub fn drain(&mut self) -> Vec<(OutletDay, PendingDay)> {
        self.bytes = 0;
        std::mem::take(&mut self.days).into_iter().collect()
    }
}

/// About how many bytes a telling takes in memory.
fn weight(telling: &Telling) -> usize {
    const HEAD: usize = 500;
    const LINE: usize = 330;
    const MODIFIER: usize = 100;
    const SAID: usize = 400;
    const RATING: usize = 120;
    let lines = telling
        .receipt
        .lines
        .iter()
        .map(|line| LINE + line.modifiers.len() * MODIFIER);
    let words = telling.said.as_ref().map_or(0, |said| {
        SAID + said.comment.as_ref().map_or(0, String::len) + said.dishes.len() * RATING
    });
    HEAD + lines.sum::<usize>() + words + if telling.customer.is_some() { 150 } else { 0 }
}
