//! What a guest has entered, to be shown again: as it was stored, or as it just came and could not be taken.

use domain::feedback::{Dish, Said, consent};

use crate::page::Entered;

/// What was said before, as it stands in the form.
pub(crate) fn entered_of(said: &Said, dishes: &[Dish]) -> Entered {
    let rating = |dish: &Dish| said.dishes.get(&dish.key).copied();
    Entered {
        overall: said.overall,
        dishes: dishes.iter().map(rating).collect(),
        recommend: said.recommend,
        comment: said.comment.clone().unwrap_or_default(),
        consent: said.consent.as_ref().is_some_and(|consent| consent.given),
    }
}

/// As much of a form as can be read, so that nobody types it twice. What does not fit its field is left out.
pub(crate) fn entered_in(body: &[u8], dishes: usize) -> Entered {
    let mut entered = Entered {
        dishes: vec![None; dishes],
        ..Entered::default()
    };
    for (name, value) in form_urlencoded::parse(body) {
        let number = value.parse::<u8>().ok();
        let stars = number.filter(|number| (1..=5).contains(number));
        match &*name {
            "overall" => entered.overall = stars,
            "recommend" => entered.recommend = number.filter(|number| *number <= 10),
            "comment" => entered.comment = value.into_owned(),
            // Whoever ticked other words than those of now has to read these first.
            "consent" => entered.consent = value == consent::VERSION,
            _ => {
                let index = name
                    .strip_prefix('d')
                    .and_then(|index| index.parse::<usize>().ok());
                if let Some(rating) = index.and_then(|index| entered.dishes.get_mut(index)) {
                    *rating = stars;
                }
            }
        }
    }
    entered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_entered_comes_back_and_what_does_not_fit_stays_away() {
        let fields = "overall=9&d0=5&d1=&d2=3&d7=1&dx=1&recommend=10&comment=a%0D%0A%3Cb%3E&x=1";
        let body = format!("{fields}&consent={}", consent::VERSION);
        let expected = Entered {
            overall: None,
            dishes: vec![Some(5), None, Some(3)],
            recommend: Some(10),
            comment: "a\r\n<b>".to_owned(),
            consent: true,
        };
        assert_eq!(entered_in(body.as_bytes(), 3), expected);
        let nothing = Entered {
            dishes: vec![None],
            ..Entered::default()
        };
        for body in [
            &b""[..],
            b"&&==&",
            b"overall=-1&d0=6&recommend=11&consent=2020",
            b"\xff=\xfe",
        ] {
            assert_eq!(entered_in(body, 1), nothing, "{body:?}");
        }
    }
}
