//! Measures: published vectors, and what must hold of any counts.
#![allow(
    clippy::float_arithmetic,
    clippy::disallowed_types,
    reason = "what is tested is statistics"
)]

use domain::satisfaction::{
    Change, Confidence, Recommend, Share, Stars, bayes_mean, change, changes, confidence, wilson,
};
use proptest::prelude::*;

#[track_caller]
fn near(value: f64, wanted: f64, tolerance: f64) {
    assert!((value - wanted).abs() <= tolerance, "{value} is not {wanted}");
}

#[test]
fn wilson_gives_the_known_intervals() {
    let known = [
        (0, 1, 0.0, 0.7935),
        (3, 3, 0.4385, 1.0),
        (4, 5, 0.3755, 0.9638),
        (8, 10, 0.4902, 0.9433),
        (16, 20, 0.5840, 0.9193),
        (45, 50, 0.7864, 0.9565),
        (80, 100, 0.7112, 0.8666),
        (960, 1200, 0.7764, 0.8217),
    ];
    for (successes, n, low, high) in known {
        let interval = wilson(successes, n).unwrap();
        near(interval.low, low, 5.1e-5);
        near(interval.high, high, 5.1e-5);
    }
    assert_eq!(wilson(0, 0), None, "nothing is no share");
    assert_eq!(wilson(3, 2), None, "a part is not more than the whole");
}

#[test]
fn the_promoter_score_has_the_known_intervals() {
    // Promoters, detractors, all; the score, and the ends of the adjusted interval.
    let known = [
        (6, 1, 10, 50.0, -0.2, 77.1),
        (10, 0, 10, 100.0, 47.5, 100.0),
        (50, 20, 100, 30.0, 14.1, 44.2),
        (3, 1, 5, 40.0, -29.8, 79.8),
    ];
    for (promoters, detractors, n, score, low, high) in known {
        let recommend = Recommend {
            promoters,
            passives: n - promoters - detractors,
            detractors,
        };
        let nps = recommend.nps().unwrap();
        near(nps.value, score, 1e-9);
        near(nps.low, low, 0.051);
        near(nps.high, high, 0.051);
    }
    assert_eq!(Recommend::default().nps(), None);
}

#[test]
fn the_adjusted_centre_is_the_known_one() {
    for (promoters, detractors, n, centre) in [(6, 1, 10, 38.5), (50, 20, 100, 29.1), (3, 1, 5, 25.0)] {
        let recommend = Recommend {
            promoters,
            passives: n - promoters - detractors,
            detractors,
        };
        let nps = recommend.nps().unwrap();
        near(f64::midpoint(nps.low, nps.high), centre, 0.051);
    }
}

#[test]
fn one_five_star_rating_beats_no_proven_dish() {
    let known = [
        (5, 1, 4.273),
        (23, 5, 4.333),
        (88, 20, 4.333),
        (430, 100, 4.291),
        (1, 1, 3.909),
    ];
    for (sum, n, wanted) in known {
        near(bayes_mean(sum, n, 4.2, 10.0), wanted, 5.1e-4);
    }
    near(bayes_mean(0, 0, 4.2, 0.0), 4.2, 0.0);
    assert!(bayes_mean(5, 1, 4.2, 10.0) < bayes_mean(88, 20, 4.2, 10.0));
}

#[test]
fn ratings_outside_their_scale_are_not_counted() {
    let (mut stars, mut recommend) = (Stars::default(), Recommend::default());
    [0, 6, 255].into_iter().for_each(|rating| stars.add(rating));
    [11, 255].into_iter().for_each(|answer| recommend.add(answer));
    assert_eq!((stars, recommend), (Stars::default(), Recommend::default()));
    (1..=5).for_each(|rating| stars.add(rating));
    (0..=10).for_each(|answer| recommend.add(answer));
    assert_eq!(
        (stars.n(), stars.sum(), stars.sum_sq(), stars.satisfied()),
        (5, 15, 55, 2)
    );
    assert_eq!(
        (recommend.promoters, recommend.passives, recommend.detractors),
        (2, 2, 7)
    );
}

#[test]
fn few_answers_are_hidden_and_some_are_marked() {
    let known = [
        (0, Confidence::Hidden),
        (4, Confidence::Hidden),
        (5, Confidence::Caution),
        (19, Confidence::Caution),
        (20, Confidence::Firm),
        (u64::MAX, Confidence::Firm),
    ];
    for (n, wanted) in known {
        assert_eq!(confidence(n), wanted, "{n}");
    }
}

/// Satisfied guests of all; what is said of it.
#[test]
fn a_change_is_called_one_only_beyond_noise() {
    let stars = |satisfied: u64, n: u64| Stars {
        counts: [n - satisfied, 0, 0, satisfied, 0],
    };
    let known = [
        ((4, 4), (0, 20), Change::TooFew),
        ((0, 20), (4, 4), Change::TooFew),
        ((16, 20), (18, 20), Change::WithinNoise),
        ((20, 20), (20, 20), Change::WithinNoise),
        ((0, 30), (0, 5), Change::WithinNoise),
        // z is 1.9645 and 1.9174: on either side of 1.9600.
        ((300, 1000), (341, 1000), Change::Up),
        ((300, 1000), (340, 1000), Change::WithinNoise),
        ((960, 1200), (840, 1200), Change::Down),
        ((0, 5), (5, 5), Change::Up),
    ];
    for ((part, n), (later_part, later_n), wanted) in known {
        assert_eq!(
            change(&stars(part, n), &stars(later_part, later_n)),
            wanted,
            "{part}/{n} {later_part}/{later_n}"
        );
    }
}

/// A dish's satisfied guests of all, before and after.
type Dish = ((u64, u64), (u64, u64));

#[test]
fn among_many_dishes_only_those_beyond_what_chance_brings_have_changed() {
    let stars = |(satisfied, n): (u64, u64)| Stars {
        counts: [n - satisfied, 0, 0, 0, satisfied],
    };
    let same = ((80, 100), (80, 100));
    // z is 2.01 and 2.15: chances of 0.044 and 0.031, which a dish alone is allowed.
    let somewhat = ((300, 1000), (342, 1000));
    let more = ((300, 1000), (345, 1000));
    // z is -3.09: a chance of 0.0020, allowed to the first of 24 dishes and not to the first of 25.
    let much = ((800, 1000), (742, 1000));
    let few = ((4, 4), (0, 100));
    let verdicts = |dishes: &[Dish]| {
        let pairs: Vec<_> = dishes.iter().map(|(was, is)| (stars(*was), stars(*is))).collect();
        changes(&pairs)
    };
    assert_eq!(verdicts(&[]), []);
    assert_eq!(verdicts(&[somewhat, few]), [Change::Up, Change::TooFew]);
    assert_eq!(verdicts(&[somewhat, same]), [Change::WithinNoise; 2]);
    // Each one found widens the limit of the next. Holm's correction would stop after the first.
    let found = verdicts(&[somewhat, more, much]);
    assert_eq!(found, [Change::Up, Change::Up, Change::Down]);
    let among = |dish, others: usize| verdicts(&[vec![dish], vec![same; others], vec![few; 50]].concat())[0];
    assert_eq!(among(much, 23), Change::Down);
    assert_eq!(among(much, 24), Change::WithinNoise);
    assert_eq!(among(((0, 1000), (1000, 1000)), 5_000), Change::Up);
}

#[test]
fn the_mean_never_claims_to_be_exact() {
    let all_fives = Stars {
        counts: [0, 0, 0, 0, 3],
    };
    let mean = all_fives.mean_interval().unwrap();
    near(mean.value, 5.0, 0.0);
    near(mean.low, 1.0 + 4.0 * 0.4385, 2.1e-4);
    near(mean.high, 5.0, 1e-9);
    assert_eq!(Stars::default().mean_interval(), None);
    assert_eq!(Stars::default().csat(), None);
}

fn stars() -> impl Strategy<Value = Stars> {
    prop_oneof![
        prop::array::uniform5(0_u64..40).prop_map(|counts| Stars { counts }),
        prop::array::uniform5(any::<u64>()).prop_map(|counts| Stars { counts }),
    ]
}

proptest! {
    #[test]
    fn an_interval_holds_its_share_and_stays_within_its_scale(part in 0_u64..5_000, more in 0_u64..5_000) {
        prop_assume!(part + more > 0);
        let share = Share::of(part, part + more).unwrap();
        let interval = share.interval;
        prop_assert!(0.0 <= interval.low && interval.low <= interval.value);
        prop_assert!(interval.value <= interval.high && interval.high <= 1.0);
        prop_assert!(interval.low < interval.high, "no number of answers is certainty");
    }

    #[test]
    fn more_of_the_same_answers_narrow_the_interval(part in 0_u64..50, more in 1_u64..50) {
        let width = |times: u64| {
            let interval = wilson(part * times, (part + more) * times).unwrap();
            interval.high - interval.low
        };
        prop_assert!(width(4) < width(1));
    }

    #[test]
    fn counts_add_up_in_any_order(a in stars(), b in stars(), c in stars()) {
        let sum = |all: [&Stars; 3]| {
            let mut sum = Stars::default();
            all.into_iter().for_each(|stars| sum.merge(stars));
            sum
        };
        prop_assert_eq!(sum([&a, &b, &c]), sum([&c, &a, &b]));
        let (mut left, mut right) = (b, a);
        left.merge(&c);
        right.merge(&left);
        prop_assert_eq!(right, sum([&a, &b, &c]));
    }

    #[test]
    fn turning_the_periods_round_turns_the_change_round(a in stars(), b in stars()) {
        let turned = match change(&b, &a) {
            Change::Up => Change::Down,
            Change::Down => Change::Up,
            same => same,
        };
        prop_assert_eq!(change(&a, &b), turned);
    }

    #[test]
    fn among_many_no_more_is_said_of_one_than_alone(pairs in prop::collection::vec((stars(), stars()), 0..30)) {
        let together = changes(&pairs);
        prop_assert_eq!(together.len(), pairs.len());
        for ((before, after), said) in pairs.iter().zip(&together) {
            let alone = change(before, after);
            prop_assert!(*said == alone || *said == Change::WithinNoise && alone != Change::TooFew);
        }
    }

    #[test]
    fn measures_of_any_counts_stay_on_their_scale(stars in stars(), counts in prop::array::uniform3(0_u64..9_999)) {
        if let Some(mean) = stars.mean_interval() {
            prop_assert!(mean.low <= mean.value && mean.value <= mean.high, "{mean:?}");
        }
        let [promoters, passives, detractors] = counts;
        if let Some(nps) = (Recommend { promoters, passives, detractors }).nps() {
            prop_assert!(-100.0 <= nps.low && nps.low <= nps.high && nps.high <= 100.0, "{nps:?}");
        }
    }
}
