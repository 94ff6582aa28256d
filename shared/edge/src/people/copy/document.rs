//! The copy as a document. Its names are a promise to those who read it with a program.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

/// A part of a person's copy. Amounts are rupiah, moments RFC 3339 in UTC, dates business dates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PersonCopy)]
pub struct Copy {
    /// `sikp.person.copy/1`.
    pub schema: &'static str,
    /// When this part was made.
    pub made_at: String,
    /// Who the person is; in the first part alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    /// What they did and said, the earliest day first.
    pub days: Vec<CopyDay>,
    /// What to ask for the next part with; `None` in the last.
    pub next: Option<String>,
}

/// Who a person is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PersonCopyAbout)]
pub struct About {
    /// What is known under each of their ids.
    pub customers: Vec<CopyCustomer>,
    /// What was computed of them.
    pub portrait: CopyPortrait,
    /// What they asked for as a person, the earliest first.
    pub requests: Vec<CopyRequest>,
}

/// What is known under one id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PersonCopyCustomer)]
pub struct CopyCustomer {
    /// The id.
    pub id: String,
    /// The name.
    pub name: Option<CopyFact>,
    /// The phone number, E.164.
    pub phone: Option<CopyFact>,
    /// The mail address.
    pub email: Option<CopyFact>,
    /// Why the last phone number given was not taken, such as `PHONE_MASKED`.
    pub phone_problem: Option<CopyFact>,
    /// What was asked for and stands.
    pub rights: CopyRights,
    /// How many sales.
    pub visits: u64,
    /// What they came to, less what was given back; `None` when it is out of range.
    pub total: Option<String>,
}

/// A fact, and when the point of sale or the shop last told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PersonCopyFact)]
pub struct CopyFact {
    /// The fact.
    pub value: String,
    /// When it was told.
    pub told_at: String,
}

/// Since when what was asked for stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PersonCopyRights)]
pub struct CopyRights {
    /// The person is erased.
    pub erased_at: Option<String>,
    /// Their data is only kept.
    pub restricted_at: Option<String>,
    /// They are not classified.
    pub objected_at: Option<String>,
    /// Consents given until then are taken back.
    pub withdrawn_at: Option<String>,
    /// Fields that were corrected, `name`, `phone` or `email`, and when.
    pub corrected: BTreeMap<&'static str, String>,
}

/// What was computed of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PersonCopyPortrait)]
pub struct CopyPortrait {
    /// How many sales.
    pub visits: u64,
    /// What they came to, less what was given back; `None` when it is out of range.
    pub spend: Option<String>,
    /// The date of the first visit.
    pub first_visit: Option<String>,
    /// The date of the last visit.
    pub last_visit: Option<String>,
    /// The dishes on the most receipts.
    pub favourites: Vec<CopyFavourite>,
    /// How many receipts were rated, of the days remembered.
    pub answers: u32,
    /// How often one, two, three, four and five stars were given to a visit, of the days remembered.
    pub stars: [u64; 5],
    /// The class: `new`, `loyal`, `regular`, `at_risk`, `lost` or `occasional`; `None` if there is none.
    pub class: Option<&'static str>,
}

/// A dish that is eaten often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PersonCopyFavourite)]
pub struct CopyFavourite {
    /// The menu's name.
    pub dish: String,
    /// On how many receipts.
    pub receipts: u32,
}

/// Something that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PersonCopyRequest)]
pub struct CopyRequest {
    /// The id.
    pub id: String,
    /// `access`, `correction`, `erasure`, `withdrawal`, `restriction` or `objection`.
    pub kind: &'static str,
    /// `received`, `verified`, `executing`, `done` or `refused`.
    pub state: &'static str,
    /// When it came.
    pub received_at: String,
    /// When it had to be answered.
    pub due_at: String,
    /// When it was carried out.
    pub done_at: Option<String>,
    /// Why it was refused.
    pub refusal: Option<&'static str>,
}

/// A day of one of the person's ids at an outlet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PersonCopyDay)]
pub struct CopyDay {
    /// The id.
    pub customer: String,
    /// The outlet.
    pub outlet: String,
    /// The business date.
    pub date: String,
    /// How many sales.
    pub visits: u32,
    /// What they came to, less what was given back.
    pub total: String,
    /// The receipts.
    pub receipts: Vec<CopyReceipt>,
    /// What was said of them.
    pub answers: Vec<CopyAnswer>,
    /// The cases that were made of low ratings.
    pub cases: Vec<CopyCase>,
}

/// A receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PersonCopyReceipt)]
pub struct CopyReceipt {
    /// The id.
    pub id: String,
    /// The number printed on it.
    pub number: Option<String>,
    /// When it was sold.
    pub at: Option<String>,
    /// `open`, `refunded`, `voided`, `unpaid` or `incomplete`: whether it can be rated, and why not.
    pub standing: &'static str,
    /// The table.
    pub table: Option<String>,
    /// How it was paid.
    pub method: Option<String>,
    /// What was owed; `None` when it is out of range.
    pub total: Option<String>,
    /// What was given back; `None` when it is out of range.
    pub refunded: Option<String>,
    /// The dishes.
    pub dishes: Vec<CopyDish>,
}

/// A line of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PersonCopyDish)]
pub struct CopyDish {
    /// The menu's name.
    pub name: String,
    /// The variant.
    pub variant: Option<String>,
    /// What was added, such as a topping.
    pub modifiers: Vec<String>,
    /// How many; may be a fraction.
    pub quantity: String,
    /// After discount.
    pub net: String,
    /// Taken off the receipt.
    pub voided: bool,
}

/// What was said of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PersonCopyAnswer)]
pub struct CopyAnswer {
    /// The receipt's id.
    pub receipt: String,
    /// Every telling, the earliest of the guest's own first.
    pub tellings: Vec<CopyTelling>,
    /// Whether words were erased.
    pub words_erased: bool,
}

/// What was said at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PersonCopyTelling)]
pub struct CopyTelling {
    /// `guest`: on the guest's page; `pos`: at the point of sale.
    pub source: &'static str,
    /// When.
    pub at: String,
    /// The visit as a whole, one to five.
    pub overall: Option<u8>,
    /// Whether they would recommend the shop, zero to ten.
    pub recommend: Option<u8>,
    /// Dishes, one to five.
    pub dishes: BTreeMap<String, u8>,
    /// Their words.
    pub comment: Option<String>,
    /// Whether they may be contacted, with the words they were shown.
    pub consent: Option<CopyConsent>,
}

/// A consent, or its refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PersonCopyConsent)]
pub struct CopyConsent {
    /// Whether it was given.
    pub given: bool,
    /// The words that were shown.
    pub wording: String,
    /// The version of these words.
    pub wording_version: String,
    /// The language in which they were shown.
    pub language: String,
}

/// A case that was made of low ratings. What the staff noted in words is theirs and not part of the copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PersonCopyCase)]
pub struct CopyCase {
    /// The id.
    pub id: String,
    /// The receipt's id.
    pub receipt: String,
    /// When it was opened.
    pub opened_at: String,
    /// `open`, `contacted` or `resolved`.
    pub state: &'static str,
    /// How many notes it has.
    pub notes: usize,
    /// The date on which the guest came back.
    pub came_back_on: Option<String>,
}
