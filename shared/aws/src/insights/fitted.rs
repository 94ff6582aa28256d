//! Figures of several outlets or days, made to fit into an item.

use domain::insight::{Insight, MenuInsight};

use crate::error::StoreError;

/// What fits in one item beside its key, under the limit of 400 KB.
pub(super) const FIGURES_BYTES: usize = 380 << 10;

/// Dishes that the figures of several outlets or days name.
const MENUS_MAX: usize = 2_000;

/// Figures as an item holds them, without the least rated dishes where it can't hold all.
pub(super) fn fitted(mut whole: Insight) -> Result<Vec<u8>, StoreError> {
    let mut most = MENUS_MAX;
    loop {
        keep_menus(&mut whole, most);
        let data = whole.pack()?;
        if data.len() <= FIGURES_BYTES {
            return Ok(data);
        }
        if most == 0 {
            return Err(StoreError::TooLarge("figures without dishes"));
        }
        most /= 2;
    }
}

/// Keeps so many dishes: those with most ratings, of them those on most receipts, of them the first by name.
fn keep_menus(whole: &mut Insight, most: usize) {
    if whole.menus.len() <= most {
        return;
    }
    let mut menus: Vec<(String, MenuInsight)> = std::mem::take(&mut whole.menus).into_iter().collect();
    // Stable: what is equal stays in the order of names.
    menus.sort_by_key(|(_, menu)| std::cmp::Reverse((menu.stars.n(), menu.receipts)));
    menus.truncate(most);
    whole.menus_cut = true;
    whole.menus = menus.into_iter().collect();
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use domain::satisfaction::Stars;

    use super::*;

    fn menu(ratings: u64, receipts: u64) -> MenuInsight {
        MenuInsight {
            receipts,
            stars: Stars {
                counts: [0, 0, 0, 0, ratings],
            },
            ..MenuInsight::default()
        }
    }

    fn names(whole: &Insight) -> Vec<&str> {
        whole.menus.keys().map(String::as_str).collect()
    }

    #[test]
    fn the_dishes_with_most_ratings_stay_and_then_those_on_most_receipts() {
        let menus = [("a", 0, 9), ("b", 2, 1), ("c", 0, 9), ("d", 1, 1), ("e", 0, 8)];
        let menus = menus.map(|(name, ratings, receipts)| (name.to_owned(), menu(ratings, receipts)));
        let whole = Insight {
            receipts: 30,
            menus: menus.into(),
            ..Insight::default()
        };
        for (most, expected) in [
            (9, &["a", "b", "c", "d", "e"][..]),
            (4, &["a", "b", "c", "d"]),
            (3, &["a", "b", "d"]),
            (1, &["b"]),
            (0, &[]),
        ] {
            let mut kept = whole.clone();
            keep_menus(&mut kept, most);
            assert_eq!(names(&kept), expected);
            assert_eq!(kept.receipts, 30, "the total is of all dishes");
            assert_eq!(kept.menus_cut, most < 5, "whether some are missing is told");
        }
    }

    #[test]
    fn figures_of_too_many_dishes_or_too_long_names_are_made_to_fit() {
        // Names that pack badly: a thousand of them would be five times too large.
        let name = |n: u64| {
            let words = (0..250_u64).map(|word| {
                let mixed = (n * 1_000 + word + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                format!("{:08x}", mixed >> 32)
            });
            words.collect::<String>()
        };
        let long = (0..1_000).map(|n| (name(n), menu(n, 1))).collect();
        let many = (0..5_000).map(|n| (format!("{n:04}"), menu(n, 1))).collect();
        for (menus, fewest) in [(long, 125), (many, MENUS_MAX)] {
            let whole = Insight {
                receipts: 7,
                menus,
                ..Insight::default()
            };
            let data = fitted(whole.clone()).unwrap();
            assert!(data.len() <= FIGURES_BYTES);
            let kept = Insight::unpack(&data).unwrap();
            assert!(
                (fewest..=MENUS_MAX).contains(&kept.menus.len()),
                "{}",
                kept.menus.len()
            );
            assert_eq!((kept.receipts, kept.menus_cut), (7, true));
            assert!(
                kept.menus
                    .iter()
                    .all(|(name, menu)| whole.menus.get(name) == Some(menu))
            );
        }
    }
}
