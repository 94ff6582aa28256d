//! A customer as bytes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Customer, Profile, Rights, Visit};
use crate::money::Money;
use crate::when::BusinessDate;

/// The format of what follows the days, the byte before it: the rights alone. A reader refuses one that it does not
/// know.
const RIGHTS_FORMAT: u8 = 1;
/// The rights and the former numbers.
const NUMBERS_FORMAT: u8 = 2;

/// A customer as it is stored: outlets named once, dates and amounts as small numbers. Items written before
/// there were rights end here; so do those of customers who asked for nothing.
#[derive(Serialize, Deserialize)]
struct Packed {
    profile: Profile,
    outlets: Vec<String>,
    days: Vec<PackedDay>,
}

#[derive(Serialize, Deserialize)]
struct PackedDay {
    outlet: u32,
    date: i32,
    page_version: u64,
    visits: u32,
    total: i64,
}

/// Packs a customer into bytes: about eight for each visited day.
///
/// # Errors
/// When the customer can't be written, which happens on none that fits in memory.
pub fn pack(customer: &Customer) -> Result<Vec<u8>, postcard::Error> {
    let mut outlets: Vec<String> = customer.days.keys().map(|(outlet, _)| outlet.clone()).collect();
    outlets.dedup();
    let days = customer.days.iter().map(|((outlet, date), visit)| PackedDay {
        outlet: outlets
            .binary_search(outlet)
            .ok()
            .and_then(|at| u32::try_from(at).ok())
            .unwrap_or_default(),
        date: date.days_since_epoch(),
        page_version: visit.page_version,
        visits: visit.visits,
        total: visit.total.raw(),
    });
    let days = days.collect();
    let mut bytes = postcard::to_stdvec(&Packed {
        profile: customer.profile.clone(),
        outlets,
        days,
    })?;
    if !customer.former_numbers.is_empty() {
        bytes.push(NUMBERS_FORMAT);
        bytes.extend(postcard::to_stdvec(&(
            &customer.rights,
            &customer.former_numbers,
        ))?);
    } else if customer.rights != Rights::default() {
        bytes.push(RIGHTS_FORMAT);
        bytes.extend(postcard::to_stdvec(&customer.rights)?);
    }
    Ok(bytes)
}

/// Unpacks a customer.
///
/// # Errors
/// When the bytes are not those of a customer, or their rights were written by a newer version of this program:
/// a reader that passed over them would lose them with its next write.
pub fn unpack(bytes: &[u8]) -> Result<Customer, postcard::Error> {
    let (packed, rest): (Packed, _) = postcard::take_from_bytes(bytes)?;
    type More = (Rights, BTreeSet<String>);
    let ((rights, former_numbers), rest): (More, &[u8]) = match rest.split_first() {
        None => (More::default(), &[]),
        Some((&RIGHTS_FORMAT, rest)) => {
            let (rights, rest) = postcard::take_from_bytes(rest)?;
            ((rights, BTreeSet::new()), rest)
        }
        Some((&NUMBERS_FORMAT, rest)) => postcard::take_from_bytes(rest)?,
        Some(_) => return Err(postcard::Error::DeserializeBadEncoding),
    };
    if !rest.is_empty() {
        return Err(postcard::Error::DeserializeBadEncoding);
    }
    let mut days = BTreeMap::new();
    for day in packed.days {
        let outlet = usize::try_from(day.outlet)
            .ok()
            .and_then(|at| packed.outlets.get(at));
        let (Some(outlet), Ok(date)) = (outlet, BusinessDate::from_days(day.date)) else {
            return Err(postcard::Error::DeserializeBadEncoding);
        };
        let visit = Visit {
            page_version: day.page_version,
            visits: day.visits,
            total: Money::from_raw(day.total),
        };
        days.insert((outlet.clone(), date), visit);
    }
    Ok(Customer {
        profile: packed.profile,
        days,
        rights,
        former_numbers,
    })
}
