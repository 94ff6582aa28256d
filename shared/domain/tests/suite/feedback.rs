//! Answers: who wins, what revises, what is erased, and what can be asked about at all.

use crate::feedback_support::{SOLD, answer, dish, line, paid, pieces, rupiah, said, told, with_head};
use domain::feedback::{
    Answer, GRACE_MS, REVISIONS_MAX, Said, Source, Spent, Standing, consent, dishes, standing, words,
};
use domain::money::Money;
use domain::quantity::Quantity;
use domain::receipt::{Rank, Ranked, Receipt, Refund, Status};
use proptest::prelude::*;

#[test]
fn only_what_was_bought_and_kept_can_be_rated() {
    let mut back = line("Es Teh", "", 1);
    back.refunded_qty = pieces(1);
    let mut half = line("Sate", "", 3);
    half.refunded_qty = pieces(1);
    let mut off = line("Bakso", "", 1);
    off.voided = true;
    let mut custom = line("(nominal bebas)", "", 1);
    custom.item.rateable = false;
    let receipt = paid(vec![
        line("Nasi Goreng", "Pedas", 1),
        back,
        half,
        off,
        custom,
        line("Nasi Goreng", "", 1),
        line("Nasi Goreng", "Pedas", 2),
    ]);
    let told: Vec<_> = dishes(&receipt)
        .into_iter()
        .map(|dish| (dish.key, dish.qty))
        .collect();
    let wanted = vec![
        (dish("Nasi Goreng", "Pedas"), pieces(3)),
        (dish("Sate", ""), pieces(2)),
        (dish("Nasi Goreng", ""), pieces(1)),
    ];
    assert_eq!(told, wanted);
}

#[test]
fn a_dish_bought_and_returned_on_another_line_is_not_asked_about() {
    let mut returned = line("Sate", "", 1);
    returned.qty = Quantity::from_raw(-10_000);
    let receipt = paid(vec![line("Sate", "", 1), line("Es Teh", "", 1), returned]);
    let keys: Vec<_> = dishes(&receipt).into_iter().map(|dish| dish.key).collect();
    assert_eq!(keys, [dish("Es Teh", "")]);
}

#[test]
fn a_receipt_stands_as_its_sale_does() {
    let bought = || paid(vec![line("Sate", "", 2), line("Es Teh", "", 1)]);
    let refund = |amount: i64| {
        let value = Refund {
            at_ms: SOLD,
            amount: rupiah(amount),
        };
        let rank = Rank::default();
        let mut receipt = bought();
        receipt.refunds.insert("r".to_owned(), Ranked { rank, value });
        receipt
    };
    let lines = |change: fn(&mut domain::receipt::Line)| {
        let mut all = vec![line("Sate", "", 2), line("Es Teh", "", 1)];
        all.iter_mut().for_each(change);
        paid(all)
    };
    let known = [
        ("paid", bought(), Standing::Open),
        ("its lines have not arrived", paid(Vec::new()), Standing::Open),
        ("partly refunded", refund(29_999), Standing::Open),
        ("refunded", refund(30_000), Standing::Refunded),
        (
            "refunded in its own record",
            with_head(bought(), |head| head.refunded = rupiah(30_000)),
            Standing::Refunded,
        ),
        (
            "every dish back",
            lines(|line| line.refunded_qty = line.qty),
            Standing::Refunded,
        ),
        (
            "every line off",
            lines(|line| line.voided = true),
            Standing::Voided,
        ),
        (
            "voided",
            with_head(bought(), |head| head.status = Status::Voided),
            Standing::Voided,
        ),
        (
            "unpaid",
            with_head(bought(), |head| head.status = Status::Unpaid),
            Standing::Unpaid,
        ),
        (
            "free of charge",
            with_head(bought(), |head| head.total = Some(Money::ZERO)),
            Standing::Open,
        ),
        (
            "no sale yet",
            Receipt {
                head: None,
                ..bought()
            },
            Standing::Incomplete,
        ),
    ];
    for (what, receipt, wanted) in known {
        assert_eq!(standing(&receipt), wanted, "{what}");
        assert!(wanted == Standing::Open || dishes(&receipt).is_empty(), "{what}");
    }
}

#[test]
fn the_guest_wins_over_the_export_rating_by_rating() {
    let both = answer("1")
        .with_pos(told(0, &[("Sate", 1), ("Es Teh", 2)], Some("asin")))
        .with_guest(said(5, 4, &[("Sate", 5)]))
        .unwrap();
    let effective = both.effective();
    assert_eq!(effective.overall, Some(4));
    assert_eq!(
        effective.dishes,
        [(dish("Es Teh", ""), 2), (dish("Sate", ""), 5)].into()
    );
    assert_eq!(effective.comment.as_deref(), Some("asin"));
    assert_eq!(
        (effective.said_ms, effective.source),
        (Some(SOLD + 300_000), Some(Source::Guest))
    );
    let pos = answer("1").with_pos(told(0, &[("Sate", 1)], None));
    assert_eq!(pos.effective().source, Some(Source::Pos));
    assert!(
        pos.is_answered() && !pos.is_finished(),
        "the export does not spend the link"
    );
    assert_eq!(answer("1").effective().source, None);
}

#[test]
fn a_revision_keeps_what_was_said_before() {
    let first = answer("1").with_guest(said(1, 2, &[])).unwrap();
    let second = first.with_guest(said(2, 5, &[])).unwrap();
    assert_eq!(second.guest, Some(said(2, 5, &[])));
    assert_eq!(second.history, [said(1, 2, &[])]);
    assert_eq!(
        second.opened_ms,
        Some(SOLD + 60_000),
        "who answers has seen the page"
    );
}

#[test]
fn the_same_answer_again_changes_nothing_even_after_the_grace_time() {
    let first = answer("1").with_guest(said(1, 2, &[("Sate", 3)])).unwrap();
    let again = Said {
        at_ms: SOLD + 10 * GRACE_MS,
        ..said(2, 2, &[("Sate", 3)])
    };
    assert_eq!(first.with_guest(again), Ok(first.clone()));
}

#[test]
fn the_grace_time_counts_from_the_first_answer() {
    let at = |at_ms, overall| Said {
        at_ms,
        ..said(0, overall, &[])
    };
    let first = answer("1").with_guest(at(SOLD, 1)).unwrap();
    assert_eq!(first.revisable_until(), Some(SOLD + GRACE_MS));
    let revised = first.with_guest(at(SOLD + GRACE_MS, 2)).unwrap();
    assert_eq!(revised.with_guest(at(SOLD + GRACE_MS + 1, 3)), Err(Spent));
    assert!(!answer("1").may_revise(SOLD), "there is nothing to revise");
}

#[test]
fn revisions_are_counted() {
    let mut answer = answer("1");
    for revision in 0..=REVISIONS_MAX {
        let minutes = i64::try_from(revision).unwrap();
        answer = answer
            .with_guest(said(minutes, 1 + (revision % 2) as u8, &[]))
            .unwrap();
    }
    assert_eq!(answer.history.len(), REVISIONS_MAX);
    assert_eq!(answer.with_guest(said(60, 5, &[])), Err(Spent));
    assert_eq!(answer.revisable_until(), None);
}

#[test]
fn a_later_file_says_more_and_an_earlier_one_fills_in() {
    let known = answer("1").with_pos(told(5, &[("Sate", 4)], Some("enak")));
    let newer = known.with_pos(told(9, &[("Sate", 2)], None));
    let pos = newer.pos.as_ref().unwrap();
    assert_eq!(
        (pos.dishes[&dish("Sate", "")], pos.comment.as_deref()),
        (2, Some("enak"))
    );
    let older = newer.with_pos(told(1, &[("Sate", 5), ("Es Teh", 3)], Some("lama")));
    let pos = older.pos.as_ref().unwrap();
    assert_eq!(
        pos.dishes,
        [(dish("Es Teh", ""), 3), (dish("Sate", ""), 2)].into()
    );
    assert_eq!((pos.comment.as_deref(), pos.told_ms), (Some("enak"), SOLD + 9));
}

#[test]
fn the_same_words_in_a_later_file_are_no_news() {
    let known = answer("1").with_pos(told(5, &[("Sate", 4)], Some("enak")));
    assert_eq!(known.with_pos(told(9, &[("Sate", 4)], Some("enak"))), known);
}

#[test]
fn erased_words_are_gone_everywhere_and_scores_stay() {
    let worded = |minutes, overall, comment: &str| Said {
        comment: Some(comment.to_owned()),
        consent: Some(consent::given("en")),
        ..said(minutes, overall, &[])
    };
    let answer = answer("1")
        .with_pos(told(0, &[("Sate", 1)], Some("rahasia satu")))
        .with_guest(worded(1, 2, "rahasia dua"))
        .and_then(|answer| answer.with_guest(worded(2, 3, "rahasia tiga")))
        .unwrap();
    let bare = answer.without_comments();
    let stored = serde_json::to_string(&bare).unwrap();
    assert!(!stored.contains("rahasia"), "{stored}");
    let wording = |answer: &Answer| answer.guest.as_ref()?.consent.clone();
    assert!(wording(&bare).is_some() && wording(&bare) == wording(&answer));
    assert!(bare.words_erased && bare.has_words() && !bare.has_comments());
    let erased = answer.without_words();
    assert_eq!(bare.without_words(), erased);
    let stored = serde_json::to_string(&erased).unwrap();
    assert!(
        !stored.contains("rahasia") && !stored.contains("Warung"),
        "{stored}"
    );
    assert!(answer.has_words() && !erased.has_words());
    assert_eq!(erased.effective().overall, Some(3));
    assert_eq!(erased.history.len(), 1);
    let again = erased.with_pos(told(0, &[("Sate", 1)], Some("rahasia satu")));
    assert_eq!(again, erased, "the next file doesn't bring them back");
    assert_eq!(erased.without_words(), erased);
    let of_page_only = Answer { pos: None, ..erased };
    let words_only = told(9, &[], Some("rahasia empat"));
    assert_eq!(
        of_page_only.with_pos(words_only),
        of_page_only,
        "nothing is left of words alone"
    );
}

#[test]
fn an_answer_survives_its_document() {
    let full = answer("INV/1")
        .with_pos(told(0, &[("Sate", 1)], Some("asin")))
        .with_guest(Said {
            dishes: [(dish("Nasi", "Pedas"), 5), (dish("Nasi", ""), 4)].into(),
            recommend: Some(10),
            consent: Some(consent::given("id")),
            ..said(1, 2, &[])
        })
        .unwrap();
    let document = serde_json::to_value(&full).unwrap();
    assert_eq!(document["place"], "moka-100818_20251028_INV.2F1");
    let ratings = serde_json::json!([
        {"menu": "Nasi", "stars": 4},
        {"menu": "Nasi", "variant": "Pedas", "stars": 5},
    ]);
    assert_eq!(document["guest"]["dishes"], ratings);
    assert_eq!(serde_json::from_value::<Answer>(document).unwrap(), full);
    let empty = serde_json::to_string(&answer("1")).unwrap();
    assert_eq!(serde_json::from_str::<Answer>(&empty).unwrap(), answer("1"));
}

fn row() -> impl Strategy<Value = Said> {
    let line = prop::option::of(prop_oneof!["[a-c]{1,3}", "[a-z]{5}"]);
    let dishes = prop::collection::btree_map("[AB]", 1..=5_u8, 0..3);
    (dishes, line, 0_i64..2, prop::option::of(1..=5_u8), any::<bool>()).prop_map(
        |(dishes, comment, revision, overall, suspect)| {
            let dishes: Vec<(&str, u8)> = dishes
                .iter()
                .map(|(menu, stars)| (menu.as_str(), *stars))
                .collect();
            Said {
                overall,
                suspect,
                ..told(revision, &dishes, comment.as_deref())
            }
        },
    )
}

fn joined<'a>(rows: impl IntoIterator<Item = &'a Said>) -> Said {
    let all = rows.into_iter().cloned();
    all.reduce(|mut sum, row| {
        sum.join(row);
        sum
    })
    .unwrap()
}

proptest! {
    #[test]
    fn rows_of_a_receipt_join_in_any_order_and_number(rows in prop::collection::vec(row(), 1..20), by: usize) {
        let all = joined(&rows);
        let mut mixed: Vec<&Said> = rows.iter().rev().chain(&rows).collect();
        let length = mixed.len();
        mixed.rotate_left(by % length);
        prop_assert_eq!(joined(mixed), all.clone());
        let (left, right) = rows.split_at(by % rows.len());
        if !left.is_empty() {
            prop_assert_eq!(joined([&joined(left), &joined(right)]), all.clone());
        }
        prop_assert!(all.comment.is_none_or(|comment| comment.lines().count() <= words::LINES_MAX));
    }

    /// Each file tells a receipt once; files come in any order and more than once.
    #[test]
    fn files_of_a_receipt_end_the_same_in_any_order(
        ratings in prop::collection::vec(1..=5_u8, 1..5), order in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let files: Vec<Said> = (0_u8..)
            .zip(&ratings)
            .map(|(revision, stars)| told(i64::from(revision), &[("Sate", *stars)], Some(&format!("berkas {revision}"))))
            .collect();
        let tell = |files: Vec<&Said>| files.into_iter().fold(answer("1"), |answer, file| answer.with_pos(file.clone()));
        let straight = tell(files.iter().collect());
        let mut mixed: Vec<&Said> = order.iter().map(|index| &files[index.index(files.len())]).collect();
        mixed.extend(files.iter().rev());
        prop_assert_eq!(tell(mixed), straight);
    }
}
