//! The ways between the states, and what partners may do in each.

use crate::topup_world::standing;
use domain::topup::order::Reason;
use domain::topup::retry::Retry;
use domain::topup::state::State;

/// The ways that the page about the states draws.
fn drawn() -> Vec<(String, String)> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/architecture/topup.md");
    let page = std::fs::read_to_string(page).unwrap();
    page.lines()
        .filter_map(|line| line.trim().split_once(" --> "))
        .filter(|(from, _)| *from != "[*]")
        .map(|(from, to)| {
            let (to, why) = to.split_once(": ").unwrap();
            assert!(!why.trim().is_empty(), "{from} to {to}");
            (from.to_owned(), to.to_owned())
        })
        .collect()
}

#[test]
fn the_ways_that_are_drawn_are_those_there_are() {
    let drawn = drawn();
    for from in State::ALL {
        for to in State::ALL {
            let way = (from.as_str().to_owned(), to.as_str().to_owned());
            let count = drawn.iter().filter(|known| **known == way).count();
            assert_eq!(count, usize::from(from.may_become(to)), "{from:?} to {to:?}");
        }
    }
    let names = State::ALL.map(State::as_str);
    for (from, to) in &drawn {
        assert!(
            names.contains(&from.as_str()) && names.contains(&to.as_str()),
            "{from} to {to}"
        );
    }
}

#[test]
fn what_is_over_leads_nowhere_by_itself_and_what_is_open_leads_to_an_end() {
    for from in State::ALL {
        assert!(!from.may_become(from), "{from:?}");
        let ends = State::ALL
            .into_iter()
            .any(|to| to.is_final() && from.may_become(to));
        let corrected = matches!(from, State::Reversed | State::LateSuccess);
        assert_eq!(ends, !corrected, "{from:?}");
        assert_eq!(from.is_open(), !from.is_final());
        // Only before anything was sent, and where it certainly was not.
        let unsent = State::Sending.may_become(State::New) && from == State::Sending;
        assert_eq!(from.may_become(State::New), unsent, "{from:?}");
    }
}

#[test]
fn a_partner_waits_for_what_is_open_and_does_not_repeat_what_was_delivered() {
    for state in State::ALL {
        let expected = match state {
            State::Success | State::LateSuccess => Retry::None,
            State::Failed => Retry::NewOrder,
            State::Reversed => Retry::Tomorrow,
            _ => Retry::Wait,
        };
        assert_eq!(Retry::of(&standing(state).order), expected, "{state:?}");
    }
    for (reason, expected) in [
        (Reason::NotSent, Retry::NewOrder),
        (Reason::Cutoff, Retry::Later),
        (Reason::DuplicateForeign, Retry::Tomorrow),
        (Reason::NumberInvalid, Retry::Never),
    ] {
        let mut order = standing(State::Failed).order;
        order.failure = Some(reason);
        let retry = Retry::of(&order);
        assert_eq!(retry, expected, "{reason:?}");
        assert_eq!(serde_json::to_value(retry).unwrap(), retry.as_str());
    }
}
