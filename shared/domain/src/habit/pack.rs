//! A habit as bytes: outlets and dishes named once, everything else in small numbers.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Habit, HabitDay, Rated};
use crate::when::BusinessDate;

/// The format's version, the first byte. A reader refuses one that it does not know.
const FORMAT: u8 = 1;

/// Why a habit could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum HabitError {
    /// Written by a newer version of this program.
    #[error("habits of format {0} are not known to this version")]
    UnknownFormat(u8),
    /// The bytes are not those of a habit.
    #[error("the habit is damaged: {0}")]
    Damaged(&'static str),
    /// It could not be written as bytes or read from them.
    #[error("the habit could not be coded")]
    Coding(#[from] postcard::Error),
}

#[derive(Serialize, Deserialize)]
struct Packed {
    outlets: Vec<String>,
    dishes: Vec<String>,
    days: Vec<PackedDay>,
}

#[derive(Serialize, Deserialize)]
struct PackedDay {
    outlet: u32,
    date: i32,
    page_version: u64,
    dishes: Vec<(u32, u32)>,
    said: Vec<PackedRated>,
}

#[derive(Serialize, Deserialize)]
struct PackedRated {
    overall: Option<u8>,
    dishes: Vec<(u32, u8)>,
}

/// Names in order, each once.
struct Names<'a>(Vec<&'a str>);

impl<'a> Names<'a> {
    fn of(names: impl Iterator<Item = &'a str>) -> Self {
        Self(names.collect::<BTreeSet<_>>().into_iter().collect())
    }

    /// The place of a name that is among them.
    fn place(&self, name: &str) -> u32 {
        let place = self.0.binary_search(&name).unwrap_or_default();
        u32::try_from(place).unwrap_or(u32::MAX)
    }

    fn owned(&self) -> Vec<String> {
        self.0.iter().map(|name| (*name).to_owned()).collect()
    }
}

impl Habit {
    /// Packs a habit into bytes: equal habits are equal bytes.
    ///
    /// # Errors
    /// [`HabitError::Coding`], which happens on none that fits in memory.
    pub fn pack(&self) -> Result<Vec<u8>, HabitError> {
        let outlets = Names::of(self.days.keys().map(|(outlet, _)| outlet.as_str()));
        let dishes = Names::of(self.days.values().flat_map(|day| {
            let rated = day.said.iter().flat_map(|rated| &rated.dishes);
            day.dishes
                .keys()
                .map(String::as_str)
                .chain(rated.map(|(dish, _)| dish.as_str()))
        }));
        let days = self.days.iter().map(|((outlet, date), day)| PackedDay {
            outlet: outlets.place(outlet),
            date: date.days_since_epoch(),
            page_version: day.page_version,
            dishes: day
                .dishes
                .iter()
                .map(|(dish, times)| (dishes.place(dish), *times))
                .collect(),
            said: day
                .said
                .iter()
                .map(|rated| packed_rated(rated, &dishes))
                .collect(),
        });
        let packed = Packed {
            days: days.collect(),
            outlets: outlets.owned(),
            dishes: dishes.owned(),
        };
        let mut bytes = vec![FORMAT];
        bytes.extend(postcard::to_stdvec(&packed)?);
        Ok(bytes)
    }

    /// Unpacks a habit.
    ///
    /// # Errors
    /// [`HabitError`] when the bytes are not a habit of a known format.
    pub fn unpack(bytes: &[u8]) -> Result<Self, HabitError> {
        let (format, packed) = bytes.split_first().ok_or(HabitError::Damaged("empty"))?;
        if *format != FORMAT {
            return Err(HabitError::UnknownFormat(*format));
        }
        let Packed {
            outlets,
            dishes,
            days,
        } = match postcard::take_from_bytes(packed)? {
            (packed, []) => packed,
            _ => return Err(HabitError::Damaged("more than a habit")),
        };
        let mut habit = Self::default();
        for day in days {
            let date =
                BusinessDate::from_days(day.date).map_err(|_| HabitError::Damaged("a date out of range"))?;
            let eaten = day.dishes.iter();
            let eaten: BTreeMap<String, u32> = eaten
                .map(|(dish, times)| Ok((name(&dishes, *dish)?, *times)))
                .collect::<Result<_, HabitError>>()?;
            let said = day.said.iter().map(|rated| unpacked_rated(rated, &dishes));
            let counted = HabitDay {
                page_version: day.page_version,
                dishes: eaten,
                said: said.collect::<Result<_, _>>()?,
            };
            habit.days.insert((name(&outlets, day.outlet)?, date), counted);
        }
        Ok(habit)
    }
}

fn packed_rated(rated: &Rated, dishes: &Names<'_>) -> PackedRated {
    let stars = rated.dishes.iter();
    PackedRated {
        overall: rated.overall,
        dishes: stars.map(|(dish, stars)| (dishes.place(dish), *stars)).collect(),
    }
}

fn unpacked_rated(rated: &PackedRated, dishes: &[String]) -> Result<Rated, HabitError> {
    let stars = rated.dishes.iter();
    Ok(Rated {
        overall: rated.overall,
        dishes: stars
            .map(|(dish, stars)| Ok((name(dishes, *dish)?, *stars)))
            .collect::<Result<_, HabitError>>()?,
    })
}

fn name(names: &[String], place: u32) -> Result<String, HabitError> {
    let name = usize::try_from(place).ok().and_then(|place| names.get(place));
    name.cloned().ok_or(HabitError::Damaged("a name is missing"))
}
