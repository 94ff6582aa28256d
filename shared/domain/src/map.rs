//! From a record to what it tells: the mapping of the integration's document (§3.1, §5).

mod customer;
mod head;
mod lines;
mod place;
mod said;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::customer::{PhoneKey, Profile};
use crate::dialect::{Dialect, Family};
use crate::feedback::Said;
use crate::figures::of_receipt;
use crate::money::Money;
use crate::outlet::Outlet;
use crate::receipt::{Head, Lines, Rank, Ranked, Receipt, Refund, Status};
use crate::record::{Object, Rejection};
use crate::shape::Field;
use crate::value::{Reader, Spot};
use crate::when::{BusinessDate, Moment, Zone};

pub use place::{Place, folder_outlet, is_outlet_id, place};

/// What is known of a file around its records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// The dialect, once a record has told it.
    pub dialect: Option<Dialect>,
    /// The outlet that the folder names, such as `moka-100818`: records of another one are refused.
    pub folder_outlet: Option<String>,
    /// The outlet's name as the file gives it.
    pub outlet_name: Option<String>,
    /// The outlet's id as the file gives it.
    pub outlet_id: Option<String>,
    /// The point of sale as the file gives it.
    pub system: Option<String>,
    /// When the file was made, as it says itself, Unix milliseconds.
    pub made_ms: Option<i64>,
    /// When the object was last written, Unix milliseconds.
    pub modified_ms: i64,
    /// How many records the file says it has.
    pub control_count: Option<u64>,
    /// What the file says they come to.
    pub control_sum: Option<Money>,
}

/// An outlet, ready to map by.
#[derive(Clone, Debug)]
pub struct OutletRules {
    /// The outlet.
    pub outlet: Outlet,
    /// Its zone.
    pub zone: Zone,
}

impl OutletRules {
    /// The rules of an outlet. A zone that can't be found was refused when it was entered; should it
    /// be lost from the database later, Western Indonesian Time stands in.
    #[must_use]
    pub fn of(outlet: Outlet) -> Self {
        let zone = Zone::named(&outlet.zone).unwrap_or_default();
        Self { outlet, zone }
    }
}

/// What a record tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// The outlet's id.
    pub outlet: String,
    /// The business date that it belongs to.
    pub date: BusinessDate,
    /// The receipt's id at the point of sale.
    pub native_id: String,
    /// The receipt, as far as the record tells it.
    pub receipt: Receipt,
    /// The customer behind it.
    pub customer: Option<(String, Profile)>,
    /// What the guest said, where the record tells. Words are here alone: a receipt never holds them.
    pub said: Option<Said>,
    /// What it comes to, for the file's sums.
    pub total: Money,
    /// Whether it is a sale.
    pub sold: bool,
    /// Codes of things taken in spite of a flaw.
    pub notes: Vec<&'static str>,
}

/// Maps a record of an outlet.
///
/// # Errors
/// [`Rejection`] with the stable code, the place and the reason.
pub fn map(
    object: &Object<'_>,
    context: &Context,
    rules: &OutletRules,
    key: &PhoneKey,
) -> Result<Telling, Rejection> {
    let dialect = context
        .dialect
        .ok_or_else(|| Rejection::new("RECORD_UNKNOWN_SHAPE", "", "no dialect"))?;
    let mut notes = Vec::new();
    let mut mapper = Mapper {
        object,
        context,
        rules,
        key,
        dialect,
        reader: Reader {
            place: Spot::Record,
            notes: &mut notes,
        },
    };
    let mut telling = mapper.telling()?;
    notes.sort_unstable();
    notes.dedup();
    telling.notes = notes;
    Ok(telling)
}

/// Whether a row is the "Powered By" with which Majoo's back office ends an export: no record at all.
#[must_use]
pub fn is_footer(object: &Object<'_>, context: &Context) -> bool {
    let majoo = context
        .dialect
        .is_some_and(|dialect| dialect.family() == Family::MajooDetail);
    let number = object.raw(Field::Number).map_or("", |(_, raw)| raw);
    majoo && number.to_lowercase().starts_with("\"powered by")
}

struct Mapper<'a, 'b, 'n> {
    object: &'b Object<'a>,
    context: &'b Context,
    rules: &'b OutletRules,
    key: &'b PhoneKey,
    dialect: Dialect,
    reader: Reader<'n>,
}

impl Mapper<'_, '_, '_> {
    fn telling(&mut self) -> Result<Telling, Rejection> {
        let moment = self.moment()?;
        let rank = self.rank()?;
        let customer = self.customer(rank.revised_ms)?;
        let mut head = self.head(moment, customer.as_ref().map(|(id, _)| id.clone()))?;
        if let Some(refund) = self.separate_refund(&head, moment, rank)? {
            return Ok(refund);
        }
        if head.total.is_some_and(Money::is_negative) {
            let name = self.object.raw(Field::Total).map_or("total", |(name, _)| name);
            let detail = "a sale can't come to less than nothing";
            return Err(self.reader.reject("MONEY_NEGATIVE", name, detail));
        }
        let native_id = self.native_id(&head)?;
        let lines = self.lines(&mut head, rank)?;
        let said = self.said(&lines, moment, rank)?;
        let receipt = Receipt {
            head: Some(Ranked { rank, value: head }),
            lines,
            refunds: BTreeMap::new(),
        };
        let telling = self.tell(native_id, moment, receipt, customer)?;
        Ok(Telling { said, ..telling })
    }

    fn tell(
        &mut self,
        native_id: String,
        moment: Moment,
        receipt: Receipt,
        customer: Option<(String, Profile)>,
    ) -> Result<Telling, Rejection> {
        let out_of_range = |_| {
            Rejection::new(
                "MONEY_OUT_OF_RANGE",
                "",
                "the sums of the receipt are out of range",
            )
        };
        let figures = of_receipt(&receipt).map_err(out_of_range)?;
        let (mut total, mut sold) = (figures.total, true);
        if let Some(head) = receipt.head.as_ref().map(|head| &head.value) {
            sold = head.status == Status::Paid;
            total = if sold {
                total
            } else {
                head.total.unwrap_or_default()
            };
            let whole = matches!(receipt.lines, Lines::Whole(_));
            let of_lines = crate::money::sum(receipt.lines.sold().map(|line| line.net));
            if sold && whole && (!figures.balances() || of_lines != Some(figures.net)) {
                self.reader.notes.push("SUM_MISMATCH");
            }
            if figures.refunded > figures.total {
                self.reader.notes.push("REFUND_EXCEEDS_TOTAL");
            }
        }
        Ok(Telling {
            outlet: self.rules.outlet.id.clone(),
            date: moment.business_date(&self.rules.zone, self.rules.outlet.cutoff_hour),
            native_id,
            total,
            sold,
            receipt,
            customer,
            said: None,
            notes: Vec::new(),
        })
    }

    /// A refund that is a document of its own belongs to the sale it gives back, and to that sale's day.
    fn separate_refund(
        &mut self,
        head: &Head,
        moment: Moment,
        rank: Rank,
    ) -> Result<Option<Telling>, Rejection> {
        let kind = self.reader.text(self.object, Field::Kind)?.unwrap_or_default();
        let is_refund = kind.eq_ignore_ascii_case("refund");
        let Some(parent) = self.reader.text(self.object, Field::ParentId)? else {
            if is_refund {
                return Err(self
                    .reader
                    .reject("FIELD_MISSING", "refund_of", "a refund of no sale"));
            }
            return Ok(None);
        };
        let total = head.total.unwrap_or_default();
        let marked = is_refund || self.reader.flag(self.object, Field::IsRefunded)?;
        if !total.is_negative() && head.refunded.is_zero() && !marked {
            return Ok(None);
        }
        let id = self.native_id(head)?;
        let amount = if head.refunded.is_zero() {
            total
        } else {
            head.refunded
        };
        // A cancelled refund gives back nothing, and stays: an older telling of it must not bring it back.
        let voided = head.status == Status::Voided;
        let amount = if voided {
            Money::ZERO
        } else {
            amount.checked_abs().unwrap_or_default()
        };
        let sold_at = self
            .reader
            .moment(self.object, Field::ParentAt, &self.rules.zone)?
            .unwrap_or(moment);
        let refund = Ranked {
            rank,
            value: Refund {
                at_ms: moment.at_ms,
                amount,
            },
        };
        let refunds = BTreeMap::from([(id, refund)]);
        let receipt = Receipt {
            head: None,
            lines: Lines::Missing,
            refunds,
        };
        let mut telling = self.tell(parent.trim().to_owned(), sold_at, receipt, None)?;
        telling.sold = false;
        telling.total = Money::ZERO;
        Ok(Some(telling))
    }

    fn moment(&mut self) -> Result<Moment, Rejection> {
        let zone = &self.rules.zone;
        let told = match self.reader.moment(self.object, Field::At, zone)? {
            Some(moment) => Some(moment),
            None => self.reader.moment(self.object, Field::OrderedAt, zone)?,
        };
        let moment = told.ok_or_else(|| self.reader.reject("DATE_MISSING", "", "the record has no date"))?;
        match moment.quality {
            crate::when::TimeQuality::DateOnly => self.reader.notes.push("TIME_DATE_ONLY"),
            // The back office writes no zone at all, so this is nothing to remark on there.
            crate::when::TimeQuality::AssumedZone if self.dialect.family() == Family::Moka => {
                self.reader.notes.push("TIME_ASSUMED_ZONE");
            }
            _ => {}
        }
        Ok(moment)
    }

    fn rank(&self) -> Result<Rank, Rejection> {
        let own = self
            .reader
            .moment(self.object, Field::RevisedAt, &self.rules.zone)?;
        let of_file = self.context.made_ms.unwrap_or(self.context.modified_ms);
        Ok(match (self.dialect.is_rows(), own) {
            (true, own) => Rank {
                authority: 0,
                revised_ms: own.map_or(of_file, |own| own.at_ms),
            },
            (false, Some(own)) => Rank {
                authority: 2,
                revised_ms: own.at_ms,
            },
            (false, None) if self.context.made_ms.is_some() => Rank {
                authority: 2,
                revised_ms: of_file,
            },
            (false, None) => Rank {
                authority: 1,
                revised_ms: of_file,
            },
        })
    }

    /// The receipt's id at its point of sale.
    fn native_id(&mut self, head: &Head) -> Result<String, Rejection> {
        let id = match self.reader.text(self.object, Field::Id)? {
            Some(id) => Some(id.trim().to_owned()),
            None => head.number.clone(),
        };
        let id = match id {
            None if self.dialect.family() == Family::Flat => Some(self.pieced_id(head)),
            id => id,
        };
        let id = id.ok_or_else(|| {
            self.reader
                .reject("RECEIPT_ID_MISSING", "id", "the record has no receipt id")
        })?;
        if id.len() > 200 {
            return Err(self
                .reader
                .reject("FIELD_TYPE", "id", "a receipt id of more than 200 bytes"));
        }
        Ok(id)
    }

    /// The seven fields name no receipt: rows of one customer, moment and total are one.
    fn pieced_id(&self, head: &Head) -> String {
        let total = head.total.unwrap_or_default();
        let told = format!(
            "{}|{}|{total}",
            head.customer.as_deref().unwrap_or_default(),
            head.at_ms
        );
        format!("row-{}", self.key.short_hash(&told))
    }
}
