//! What the shop does with what it knows of a person: find it, show it, hand out a copy, carry out what the
//! person asked for (UU 27/2022), and name whom a breach concerns.
//!
//! | module | what it does |
//! |---|---|
//! | `find`, `person` | the ids of somebody, and what they come to together |
//! | `contact` | the only way to a guest's number |
//! | `copy` | the person's copy, in parts of bounded size |
//! | `sense` | whether what somebody asks for can come to anything |
//! | `carry_out`, `erase` | what was ordered is done |
//! | `kin` | people part and reunite ids |
//! | `affected` | the people that a breach concerns |
//!
//! The dashboard, the API and the function that carries out requests all work through this one place. Whatever
//! changes something can be cut short at any call and done again: it ends the same, and counts the same.

mod affected;
mod carry_out;
mod contact;
mod copy;
mod erase;
mod failure;
mod find;
mod kin;
mod person;
mod sense;
mod traces;

use aws::Clients;
use aws::audit::AuditTrail;
use aws::cases::Cases;
use aws::customers::Customers;
use aws::feedback::Feedback;
use aws::habits::Habits;
use aws::idempotency::IdempotencyRecords;
use aws::kin::KinBooks;
use aws::requests::Requests;
use aws::sales::Sales;

pub use affected::{Affected, AffectedPage, Window};
pub use contact::Contact;
pub use copy::{
    About, Copy, CopyAnswer, CopyCase, CopyConsent, CopyCustomer, CopyDay, CopyDish, CopyFact, CopyFavourite,
    CopyPortrait, CopyReceipt, CopyRequest, CopyRights, CopyTelling,
};
pub use erase::Counts;
pub use failure::PeopleError;
pub use find::Sought;
pub use person::{Known, Person};

/// How often something is done anew because somebody else was first.
const TRIES_MAX: u32 = 12;
/// Calls that are under way at the same time.
const PARALLEL: usize = 8;

/// The stores that know people.
#[derive(Clone, Debug)]
pub struct People {
    customers: Customers,
    habits: Habits,
    kin: KinBooks,
    sales: Sales,
    feedback: Feedback,
    cases: Cases,
    requests: Requests,
    claims: IdempotencyRecords,
    audit: AuditTrail,
}

impl People {
    /// The people of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            customers: Customers::new(clients),
            habits: Habits::new(clients),
            kin: KinBooks::new(clients),
            sales: Sales::new(clients),
            feedback: Feedback::new(clients),
            cases: Cases::new(clients),
            requests: Requests::new(clients),
            claims: IdempotencyRecords::new(clients),
            audit: AuditTrail::new(clients),
        }
    }
}
