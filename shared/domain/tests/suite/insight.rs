//! Figures of a period: what counts, what does not, and that they add up in any order.

use crate::feedback_support::{SOLD, answer, dish, line, paid, pieces, rupiah, said, told, with_head};
use crate::receipt_support;
use domain::feedback::{Answer, Said, Standing, standing};
use domain::insight::{GROUPS, Insight, InsightError, Month, Period, group_of};
use domain::page::Receipts;
use domain::receipt::{Receipt, Status};
use domain::summary::DaySummary;
use domain::when::BusinessDate;
use proptest::prelude::*;

fn day(receipts: &[(&str, Receipt)], answers: &[Answer]) -> Insight {
    let receipts = receipts
        .iter()
        .map(|(id, receipt)| ((*id).to_owned(), receipt.clone()));
    Insight::of_day(&receipts.collect(), answers).unwrap()
}

fn guest(native: &str, said: Said) -> Answer {
    answer(native).with_guest(said).unwrap()
}

#[test]
fn a_rating_joins_the_dish_its_variant_and_the_visit() {
    let receipts = [
        ("1", paid(vec![line("Nasi", "Pedas", 2), line("Es Teh", "", 1)])),
        ("2", paid(vec![line("Nasi", "", 1)])),
        ("3", paid(vec![line("Nasi", "Pedas", 1)])),
    ];
    let answers = [
        guest(
            "1",
            Said {
                dishes: [(dish("Nasi", "Pedas"), 5)].into(),
                recommend: Some(9),
                comment: Some("enak".to_owned()),
                ..said(1, 4, &[])
            },
        ),
        answer("2").with_pos(told(0, &[("Nasi", 2)], None)),
        Answer {
            opened_ms: Some(SOLD),
            ..answer("3")
        },
    ];
    let day = day(&receipts, &answers);
    assert_eq!(
        (
            day.receipts,
            day.answerable,
            day.opened,
            day.answered,
            day.by_guest
        ),
        (3, 3, 2, 2, 1)
    );
    assert_eq!((day.comments, day.low, day.reversed), (1, 1, 0));
    assert_eq!(
        (day.net, day.overall.counts, day.recommend.promoters),
        (rupiah(50_000), [0, 0, 0, 1, 0], 1)
    );
    let nasi = &day.menus["Nasi"];
    assert_eq!(
        (nasi.receipts, nasi.qty, nasi.net, nasi.stars.counts),
        (3, pieces(4), rupiah(40_000), [0, 1, 0, 0, 1])
    );
    assert_eq!(nasi.category.as_deref(), Some("Makanan"));
    assert_eq!(
        (nasi.variants["Pedas"].qty, nasi.variants["Pedas"].stars.counts),
        (pieces(3), [0, 0, 0, 0, 1])
    );
    assert_eq!(nasi.variants[""].stars.counts, [0, 1, 0, 0, 0]);
    assert_eq!(day.menus["Es Teh"].stars.n(), 0, "an overall rating is no dish's");
    assert_eq!(day.response_rate().unwrap().part, 1);
    assert_eq!(day.completion_rate().unwrap().n, 2);
}

#[test]
fn an_answer_to_a_reversed_sale_does_not_count_until_the_sale_does() {
    let bought = || paid(vec![line("Sate", "", 1)]);
    let answers = [guest("1", said(1, 1, &[("Sate", 1)]))];
    let reversed = [
        with_head(bought(), |head| head.status = Status::Voided),
        with_head(bought(), |head| head.refunded = rupiah(10_000)),
        with_head(bought(), |head| head.status = Status::Unpaid),
        Receipt {
            head: None,
            ..bought()
        },
    ];
    for receipt in reversed {
        let day = day(&[("1", receipt)], &answers);
        assert_eq!(
            (day.reversed, day.answerable, day.opened, day.answered, day.low),
            (1, 0, 0, 0, 0)
        );
        assert!(day.overall.n() == 0 && day.menus.values().all(|menu| menu.stars.n() == 0));
    }
    assert_eq!(day(&[], &answers).reversed, 1, "a sale that is not known");
    let back = Answer {
        reversed: true,
        ..answers[0].clone()
    };
    let corrected = day(&[("1", bought())], &[back]);
    assert_eq!(
        (corrected.reversed, corrected.answered, corrected.low),
        (0, 1, 1),
        "the sale counts, not the note of it"
    );
}

#[test]
fn ratings_of_dishes_given_back_or_never_bought_are_left_out() {
    let mut back = line("Es Teh", "", 1);
    back.refunded_qty = pieces(1);
    let receipts = [("1", paid(vec![line("Sate", "", 1), back]))];
    let said = said(1, 5, &[("Sate", 4), ("Es Teh", 1), ("Bakso", 1)]);
    let day = day(&receipts, &[guest("1", said)]);
    assert_eq!(
        (
            day.overall.n(),
            day.menus["Sate"].stars.n(),
            day.menus["Es Teh"].stars.n()
        ),
        (1, 1, 0)
    );
    assert_eq!((day.menus.contains_key("Bakso"), day.low), (false, 0));
}

#[test]
fn a_page_opened_after_a_refund_is_no_answer() {
    let refunded = with_head(paid(vec![line("Sate", "", 1)]), |head| {
        head.refunded = rupiah(10_000)
    });
    let opened = Answer {
        opened_ms: Some(SOLD),
        ..answer("1")
    };
    assert_eq!(day(&[("1", refunded)], &[opened]).reversed, 0);
}

#[test]
fn sums_out_of_range_are_an_error() {
    let huge = || Insight {
        net: domain::money::Money::from_raw(i64::MAX),
        ..Insight::default()
    };
    assert!(huge().merge(&huge()).is_err());
}

#[test]
fn months_are_whole_and_in_order() {
    let month = |text: &str| text.parse::<Month>().unwrap();
    let date = |text: &str| text.parse::<BusinessDate>().unwrap();
    for (text, first, last, next) in [
        ("2025-10", "2025-10-01", "2025-10-31", "2025-11"),
        ("2024-02", "2024-02-01", "2024-02-29", "2024-03"),
        ("2025-12", "2025-12-01", "2025-12-31", "2026-01"),
        ("0000-01", "0000-01-01", "0000-01-31", "0000-02"),
    ] {
        let known = month(text);
        assert_eq!(
            (known.first(), known.last(), known.next()),
            (date(first), date(last), month(next))
        );
        assert_eq!(
            (known.next().previous(), known.to_string()),
            (known, text.to_owned())
        );
        assert_eq!((Month::of(date(first)), Month::of(date(last))), (known, known));
    }
    assert_eq!(
        (month("9999-12").next(), month("0000-01").previous()),
        (month("9999-12"), month("0000-01"))
    );
    assert!(month("2025-12") < month("2026-01"));
    for text in [
        "2025-13",
        "2025-00",
        "2025-1",
        "+025-10",
        "-001-10",
        "2025-10-01",
        "12025-10",
        "",
        "2025",
    ] {
        assert!(text.parse::<Month>().is_err(), "{text}");
    }
    assert_eq!(Month::new(2025, 13), None);
    assert_eq!(Period::Month(month("2025-10")).to_string(), "2025-10");
    assert_eq!(Period::Day(date("2025-10-28")).to_string(), "2025-10-28");
    assert_eq!(serde_json::to_value(month("2025-10")).unwrap(), "2025-10");
}

#[test]
fn outlets_spread_evenly_and_stay_in_their_group() {
    // Written down: figures of groups are stored under these numbers.
    assert_eq!(["moka-100818", "majoo-pusat", ""].map(group_of), [73, 79, 88]);
    let mut counts = vec![0; usize::from(GROUPS)];
    for outlet in 0..10_000 {
        counts[usize::from(group_of(&format!("moka-{outlet}")))] += 1;
    }
    assert!(counts.iter().all(|count| (50..170).contains(count)), "{counts:?}");
}

#[test]
fn figures_of_another_format_or_too_large_are_refused() {
    let mut bytes = Insight::default().pack().unwrap();
    bytes[0] = 9;
    assert!(matches!(
        Insight::unpack(&bytes),
        Err(InsightError::UnknownFormat(9))
    ));
    assert!(matches!(Insight::unpack(&[]), Err(InsightError::Damaged(_))));
    let bomb = zstd::bulk::compress(&vec![0; 80 << 20], 1).unwrap();
    assert!(matches!(
        Insight::unpack(&[vec![1], bomb].concat()),
        Err(InsightError::Damaged(_))
    ));
    let mut longer = zstd::bulk::decompress(&Insight::default().pack().unwrap()[1..], 1 << 20).unwrap();
    longer.push(0);
    let longer = zstd::bulk::compress(&longer, 1).unwrap();
    assert!(matches!(
        Insight::unpack(&[vec![2], longer].concat()),
        Err(InsightError::Damaged(_))
    ));
}

#[test]
fn figures_of_the_format_before_are_read_as_figures_of_all_dishes() {
    let sold = [("1", paid(vec![line("Sate", "", 1)]))];
    let figures = day(&sold, &[guest("1", said(1, 2, &[("Sate", 1)]))]);
    let mut flat = zstd::bulk::decompress(&figures.pack().unwrap()[1..], 1 << 20).unwrap();
    assert_eq!(flat.pop(), Some(0), "the last field is the new one");
    let before = [vec![1], zstd::bulk::compress(&flat, 1).unwrap()].concat();
    assert_eq!(Insight::unpack(&before).unwrap(), figures);
}

#[test]
fn that_dishes_are_missing_is_not_lost_in_a_sum_or_in_bytes() {
    let cut = Insight {
        menus_cut: true,
        ..Insight::default()
    };
    for (a, b) in [(&cut, &Insight::default()), (&Insight::default(), &cut)] {
        let sum = merged(&[a, b]);
        assert!(sum.menus_cut);
        assert!(Insight::unpack(&sum.pack().unwrap()).unwrap().menus_cut);
    }
}

#[test]
fn totals_are_everything_but_dishes() {
    let sold = [("1", paid(vec![line("Sate", "", 1)]))];
    let figures = day(&sold, &[guest("1", said(1, 2, &[("Sate", 1)]))]);
    let totals = figures.totals();
    assert!(totals.menus.is_empty() && !figures.menus.is_empty());
    let menus = figures.menus.clone();
    assert_eq!(Insight { menus, ..totals }, figures);
}

/// Which receipt; the visit, three dishes, the recommendation; whether on the page.
type Rated = (prop::sample::Index, u8, [Option<u8>; 3], Option<u8>, bool);

/// Answers to the receipts of a day and to one that is not there.
fn answers() -> impl Strategy<Value = Vec<Rated>> {
    let stars = || prop::option::of(1..=5_u8);
    let dishes = (stars(), stars(), stars()).prop_map(|(a, b, c)| [a, b, c]);
    prop::collection::vec(
        (
            any::<prop::sample::Index>(),
            1..=5_u8,
            dishes,
            prop::option::of(0..=10_u8),
            any::<bool>(),
        ),
        0..12,
    )
}

prop_compose! {
    fn any_day()(receipts in receipt_support::receipts(), answers in answers()) -> (Receipts, Vec<Answer>) {
        let mut natives: Vec<&str> = receipts.keys().map(String::as_str).collect();
        natives.push("elsewhere");
        let answers = answers.into_iter().map(|(at, overall, dishes, recommend, on_page)| {
            let native = natives[at.index(natives.len())];
            let rated = (0..).zip(dishes).filter_map(|(n, stars)| Some((dish(&format!("Menu {n}"), ""), stars?)));
            let said = Said { dishes: rated.collect(), recommend, ..said(1, overall, &[]) };
            if on_page { guest(native, said) } else { answer(native).with_pos(said) }
        });
        let answers = answers.collect();
        (receipts, answers)
    }
}

fn merged(all: &[&Insight]) -> Insight {
    let mut sum = Insight::default();
    all.iter().for_each(|figures| sum.merge(figures).unwrap());
    sum
}

proptest! {
    #[test]
    fn figures_add_up_in_any_order(a in any_day(), b in any_day(), c in any_day()) {
        let [a, b, c] = [a, b, c].map(|(receipts, answers)| Insight::of_day(&receipts, &answers).unwrap());
        let all = merged(&[&a, &b, &c]);
        prop_assert_eq!(&merged(&[&c, &a, &b]), &all);
        prop_assert_eq!(&merged(&[&a, &merged(&[&c, &b])]), &all);
        prop_assert_eq!(all.receipts, a.receipts + b.receipts + c.receipts);
        prop_assert_eq!(all.overall.n(), a.overall.n() + b.overall.n() + c.overall.n());
    }

    #[test]
    fn figures_come_back_from_their_bytes_and_equal_ones_are_equal_bytes((receipts, answers) in any_day()) {
        let day = Insight::of_day(&receipts, &answers).unwrap();
        let bytes = day.pack().unwrap();
        prop_assert_eq!(&Insight::unpack(&bytes).unwrap(), &day);
        let mut turned: Vec<Answer> = answers.clone();
        turned.sort_by(|a, b| a.place.cmp(&b.place));
        turned.dedup_by(|a, b| a.place == b.place);
        let first = Insight::of_day(&receipts, &turned).unwrap().pack().unwrap();
        turned.reverse();
        prop_assert_eq!(Insight::of_day(&receipts, &turned).unwrap().pack().unwrap(), first);
    }

    /// Sales agree with the day's summary; every answer is counted once, or as one that doesn't count.
    #[test]
    fn figures_agree_with_what_they_are_made_of((receipts, mut answers) in any_day()) {
        answers.sort_by(|a, b| a.place.cmp(&b.place));
        answers.dedup_by(|a, b| a.place == b.place);
        let day = Insight::of_day(&receipts, &answers).unwrap();
        let sales = DaySummary::of(receipts.values()).unwrap();
        prop_assert_eq!((day.receipts, day.net), (u64::from(sales.receipts), sales.figures.net));
        prop_assert_eq!(day.menus.keys().collect::<Vec<_>>(), sales.menus.keys().collect::<Vec<_>>());
        prop_assert_eq!(day.answered + day.reversed, answers.len() as u64);
        let open = receipts.values().filter(|receipt| standing(receipt) == Standing::Open).count();
        prop_assert_eq!(day.answerable, open as u64);
        prop_assert!(day.by_guest <= day.opened && day.answered <= day.answerable && day.answerable <= day.receipts);
        for menu in day.menus.values() {
            let of_variants: u64 = menu.variants.values().map(|variant| variant.stars.n()).sum();
            prop_assert_eq!(menu.stars.n(), of_variants);
        }
    }

    #[test]
    fn damaged_figures_are_refused_without_panic((receipts, answers) in any_day(), at: prop::sample::Index, to: u8) {
        let mut bytes = Insight::of_day(&receipts, &answers).unwrap().pack().unwrap();
        let at = at.index(bytes.len());
        bytes[at] = to;
        // Whatever comes of it, it is an answer.
        let _answer: Result<Insight, _> = Insight::unpack(&bytes);
    }
}
