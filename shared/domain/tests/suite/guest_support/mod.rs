//! What holds for any bytes in place of a guest's link, a guest's form, or stored figures.

use domain::feedback::form::{self, COMMENT_MAX};
use domain::feedback::{Dish, DishKey, words};
use domain::guest_link::{LinkKey, LinkKeys};
use domain::insight::Insight;
use domain::quantity::Quantity;

/// Opens a text as a link: what is no link of ours is refused, and one of ours has this one writing.
/// Answers whether it was ours.
pub(crate) fn survive_token(token: &str) -> bool {
    let keys = LinkKeys::new(vec![LinkKey::new(1, 0, [1; 32])]);
    let opened = keys.open(token);
    if let Ok(opened) = &opened {
        assert_eq!(keys.seal(&opened.place, opened.expires).as_deref(), Ok(token));
    }
    opened.is_ok()
}

/// Reads bytes as a form: refused with a reason, or read and within its bounds. Answers whether it was read.
pub(crate) fn survive_form(body: &[u8]) -> bool {
    let dish = |menu: &str, variant: &str| Dish {
        key: DishKey {
            menu: menu.to_owned(),
            variant: variant.to_owned(),
        },
        category: None,
        qty: Quantity::ONE,
    };
    let menu = [dish("Sate", ""), dish("Nasi", "Pedas")];
    match form::read(body, &menu, 7) {
        Ok(said) => {
            assert!(matches!(said.overall, Some(1..=5)));
            let bought = |key: &DishKey| menu.iter().any(|dish| dish.key == *key);
            assert!(
                said.dishes
                    .iter()
                    .all(|(key, stars)| bought(key) && (1..=5).contains(stars))
            );
            assert!(said.recommend.is_none_or(|answer| answer <= 10));
            if let Some(comment) = said.comment {
                assert!(comment.chars().count() <= COMMENT_MAX);
                assert_eq!(words::clean(&comment), Some(comment));
            }
            true
        }
        Err(errors) => {
            assert!(!errors.is_empty());
            false
        }
    }
}

/// Reads bytes as stored figures: refused, or read and written again. Answers whether they were read.
pub(crate) fn survive_insight(bytes: &[u8]) -> bool {
    let Ok(figures) = Insight::unpack(bytes) else {
        return false;
    };
    let packed = figures.pack().expect("figures that were read can be written");
    assert_eq!(Insight::unpack(&packed).ok(), Some(figures));
    true
}
