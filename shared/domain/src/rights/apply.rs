//! What a request does to a customer.

use super::{Correction, Kind, Request};
use crate::customer::Customer;

impl Request {
    /// Does to a customer what was ordered, as of the time of the order: doing it again changes nothing.
    /// Returns whether anything changed. Nothing changes before the order, for an access, or for a correction
    /// without its value.
    pub fn apply(&self, customer: &mut Customer, correction: Option<&Correction>) -> bool {
        let Some(at_ms) = self.ordered_ms() else {
            return false;
        };
        // The later of two times of one right: a request that is carried out late takes nothing back.
        let note = |right: &mut Option<i64>| {
            let before = *right;
            *right = before.max(Some(at_ms));
            *right != before
        };
        // What was asked for again after the order stays.
        let lift = |right: &mut Option<i64>| right.take_if(|since_ms| *since_ms <= at_ms).is_some();
        match self.kind {
            Kind::Access => false,
            Kind::Erasure => customer.erase(at_ms),
            Kind::Withdrawal => note(&mut customer.rights.withdrawn_ms),
            Kind::Restriction => note(&mut customer.rights.restricted_ms),
            Kind::Objection => note(&mut customer.rights.objected_ms),
            Kind::LiftRestriction => lift(&mut customer.rights.restricted_ms),
            Kind::LiftObjection => lift(&mut customer.rights.objected_ms),
            Kind::Correction => {
                correction.is_some_and(|new| customer.correct(new.field, new.value.as_deref(), at_ms))
            }
        }
    }
}
