//! Customers: how they are stored, and that what they asked for stands against whatever is told again.

use domain::customer::{
    Corrected, Customer, Fact, PhoneKey, Profile, ProfileField, Rights, Visit, clean_email, pack, unpack,
};
use domain::money::Money;
use domain::when::BusinessDate;
use proptest::prelude::*;

/// 22 November 2026, 12:00 UTC.
const NOW: i64 = 1_795_348_800_000;
const DAY: i64 = 86_400_000;

fn date(text: &str) -> BusinessDate {
    text.parse().unwrap()
}

fn fact(told_ms: i64, value: &str) -> Option<Fact> {
    let value = value.to_owned();
    Some(Fact { told_ms, value })
}

fn named(told_ms: i64, name: &str) -> Profile {
    Profile {
        name: fact(told_ms, name),
        ..Profile::default()
    }
}

fn known() -> Customer {
    let visit = Visit {
        page_version: 3,
        visits: 2,
        total: Money::from_rupiah(45_000).unwrap(),
    };
    Customer {
        profile: Profile {
            name: fact(NOW - 5 * DAY, "Siti Rahma"),
            phone: fact(NOW - 5 * DAY, "+6281234567811"),
            email: fact(NOW - 5 * DAY, "siti@example.com"),
            phone_problem: fact(NOW - 9 * DAY, "PHONE_MASKED"),
        },
        days: [(("moka-1".to_owned(), date("2026-11-17")), visit)].into(),
        ..Customer::default()
    }
}

fn name_of(customer: &Customer) -> Option<&str> {
    customer.profile.name.as_ref().map(|fact| fact.value.as_str())
}

/// What [`known`] was packed into by the last version without rights.
const OLD_BYTES: &str = concat!(
    "0180d88696bd680a53697469205261686d610180d88696bd680e2b363238313233343536373831310180d88696bd68",
    "1073697469406578616d706c652e636f6d018098bbccba680c50484f4e455f4d41534b454401066d6f6b612d310100",
    "ccc402030280d293ad03",
);

#[test]
fn a_customer_who_asked_for_nothing_is_stored_as_before_there_were_rights() {
    let before = data_encoding::HEXLOWER.decode(OLD_BYTES.as_bytes()).unwrap();
    assert_eq!(unpack(&before).unwrap(), known());
    assert_eq!(pack(&known()).unwrap(), before);
}

#[test]
fn rights_are_stored_and_unknown_ones_refused() {
    let mut customer = known();
    customer.correct(ProfileField::Name, Some("Siti Rahmah"), NOW);
    customer.rights.restricted_ms = Some(NOW);
    customer.rights.objected_ms = Some(NOW + 1);
    customer.rights.withdrawn_ms = Some(NOW + 2);
    let packed = pack(&customer).unwrap();
    assert_eq!(unpack(&packed).unwrap(), customer);
    let mut newer = packed.clone();
    let format = packed.len() - postcard::to_stdvec(&customer.rights).unwrap().len() - 1;
    newer[format] = 3;
    assert!(unpack(&newer).is_err(), "a newer format");
    assert!(unpack(&packed[..packed.len() - 1]).is_err(), "cut short");
    assert!(unpack(&[packed, vec![0]].concat()).is_err(), "more than rights");
}

#[test]
fn an_erased_person_stays_erased_and_their_visits_stay() {
    let mut customer = known();
    assert!(customer.erase(NOW));
    assert!(customer.profile.is_empty());
    assert_eq!(customer.visits(), 2);
    assert_eq!(customer.total(), Money::from_rupiah(45_000));
    let erased = customer.clone();
    assert!(!customer.erase(NOW) && !customer.erase(NOW - 1), "the same again");
    // Told before, told at the same moment, and told later of a sale of before: a file without revisions.
    for (told_ms, sold_on) in [
        (NOW - DAY, "2026-11-21"),
        (NOW, "2026-11-24"),
        (NOW + 3 * DAY, "2026-11-20"),
        (NOW + 3 * DAY, "2026-11-22"),
    ] {
        assert!(!customer.join_profile(&named(told_ms, "Siti Rahma"), date(sold_on)));
    }
    assert!(!customer.correct(ProfileField::Name, Some("Siti"), NOW - 1));
    assert_eq!(customer, erased);
    let back = named(NOW + 2 * DAY, "Siti Rahma");
    assert!(customer.join_profile(&back, date("2026-11-24")), "a new visit");
    assert_eq!(name_of(&customer), Some("Siti Rahma"));
    assert!(customer.erase(NOW + 9 * DAY), "and erased again");
    assert!(customer.profile.is_empty());
}

#[test]
fn a_day_begins_after_an_erasure_only_where_it_does_so_everywhere() {
    // 23 November begins at 10:00 UTC of the 22nd in the first zone of all.
    let begins = date("2026-11-23").days_since_epoch() as i64 * DAY - 14 * 3_600_000;
    for (erased_ms, taken) in [(begins - 1, true), (begins, false)] {
        let mut customer = known();
        customer.erase(erased_ms);
        let told = named(NOW + DAY, "Siti");
        assert_eq!(customer.join_profile(&told, date("2026-11-23")), taken);
    }
}

#[test]
fn a_wrong_value_never_comes_back_and_another_newer_one_is_taken() {
    let mut customer = known();
    assert!(customer.correct(ProfileField::Name, Some("Siti Rahmawati"), NOW));
    assert!(
        !customer.correct(ProfileField::Name, Some("X"), NOW),
        "the same again"
    );
    assert_eq!(name_of(&customer), Some("Siti Rahmawati"));
    let today = date("2026-11-30");
    for (told_ms, name) in [
        (NOW - DAY, "Siti Rahma"),
        (NOW + DAY, "Siti Rahma"),
        (NOW - DAY, "Zulaikha"),
        (NOW, "Zulaikha"),
    ] {
        assert!(
            !customer.join_profile(&named(told_ms, name), today),
            "{told_ms} {name}"
        );
    }
    assert!(customer.join_profile(&named(NOW + 1, "Siti R. Hidayat"), today));
    assert_eq!(name_of(&customer), Some("Siti R. Hidayat"));
    // Both former names are wrong now, until one of them is right again.
    customer.correct(ProfileField::Name, Some("Siti H."), NOW + 5);
    assert!(!customer.join_profile(&named(NOW + 9, "Siti Rahma"), today));
    assert!(!customer.join_profile(&named(NOW + 9, "Siti R. Hidayat"), today));
    customer.correct(ProfileField::Name, Some("Siti Rahma"), NOW + 10);
    assert_eq!(customer.rights.corrections[&ProfileField::Name].wrong.len(), 2);
    customer.join_profile(&named(NOW + 11, "Siti Lain"), today);
    assert!(customer.join_profile(&named(NOW + 12, "Siti Rahma"), today));
}

#[test]
fn a_value_can_be_taken_away() {
    let mut customer = known();
    assert!(customer.correct(ProfileField::Phone, None, NOW));
    assert_eq!(
        (&customer.profile.phone, &customer.profile.phone_problem),
        (&None, &None)
    );
    let told = Profile {
        phone: fact(NOW + DAY, "+6281234567811"),
        phone_problem: fact(NOW - DAY, "PHONE_MASKED"),
        ..Profile::default()
    };
    assert!(!customer.join_profile(&told, date("2026-11-30")));
    assert_eq!(name_of(&customer), Some("Siti Rahma"), "other fields stay");
    let text = serde_json::to_string(&customer.rights).unwrap();
    assert!(!text.contains("81234567811") && text.contains("phone"), "{text}");
}

#[test]
fn a_field_is_corrected_as_often_as_a_person_asks_and_the_oldest_wrong_value_is_forgotten() {
    let mut customer = known();
    let times = Corrected::WRONG_MAX as i64 + 1;
    for n in 0..times {
        let name = format!("N{n}");
        assert!(customer.correct(ProfileField::Name, Some(&name), NOW + n));
    }
    assert_eq!(name_of(&customer), Some("N20"));
    let wrong = &customer.rights.corrections[&ProfileField::Name].wrong;
    assert_eq!(wrong.len(), Corrected::WRONG_MAX);
    let today = date("2026-11-30");
    assert!(
        !customer.join_profile(&named(NOW + DAY, "N0"), today),
        "still wrong"
    );
    assert!(
        customer.join_profile(&named(NOW + DAY, "Siti Rahma"), today),
        "forgotten"
    );
}

#[test]
fn a_correction_ordered_after_an_erasure_brings_nobody_back() {
    let mut customer = known();
    assert!(customer.erase(NOW));
    let erased = customer.clone();
    assert!(!customer.correct(ProfileField::Name, Some("Siti Rahmawati"), NOW + 1));
    assert_eq!(customer, erased);
    assert!(customer.join_profile(&named(NOW + 5 * DAY, "Siti"), date("2026-11-28")));
    assert!(customer.correct(ProfileField::Name, Some("Siti Rahmawati"), NOW + 6 * DAY));
}

#[test]
fn a_day_on_which_nothing_was_paid_is_known_and_counts_nothing() {
    let mut customer = known();
    let before = (customer.visits(), customer.total());
    let day = ("moka-2".to_owned(), date("2026-11-18"));
    let named = Visit {
        page_version: 1,
        ..Visit::default()
    };
    assert!(customer.set_day(&day, named));
    assert!(!customer.set_day(&day, named), "no news");
    assert_eq!((customer.visits(), customer.total()), before);
    let unpacked = unpack(&pack(&customer).unwrap()).unwrap();
    assert!(unpacked.days.contains_key(&day));
}

#[test]
fn former_numbers_are_hashes_and_are_stored() {
    let key = PhoneKey::new([7; 32]);
    let mut customer = known();
    let before = customer.number().map(str::to_owned);
    assert!(!customer.remember_number(before.as_deref(), &key), "it is theirs");
    customer.profile.phone = fact(NOW, "+6281399990000");
    assert!(customer.remember_number(before.as_deref(), &key));
    assert!(!customer.remember_number(before.as_deref(), &key), "known");
    assert_eq!(customer.former_numbers, [key.short_hash("+6281234567811")].into());
    let packed = pack(&customer).unwrap();
    assert_eq!(unpack(&packed).unwrap(), customer);
    assert!(unpack(&packed[..packed.len() - 1]).is_err(), "cut short");
    assert!(customer.erase(NOW));
    assert_eq!(customer.former_numbers.len(), 1, "until their books are left");
}

#[test]
fn of_several_ids_the_strictest_counts() {
    let one = Rights {
        restricted_ms: Some(1),
        erased_ms: Some(2),
        ..Rights::default()
    };
    let other = Rights {
        objected_ms: Some(3),
        withdrawn_ms: Some(4),
        erased_ms: Some(1),
        ..Rights::default()
    };
    let both = Rights {
        restricted_ms: Some(1),
        erased_ms: Some(2),
        ..other.clone()
    };
    assert_eq!(Rights::strictest([&one, &other]), both);
    assert_eq!(Rights::strictest([&other, &one]), both);
    assert!(!Rights::strictest([&Rights::default(), &one]).allow_enrichment());
    assert_eq!(Rights::strictest([]), Rights::default());
}

#[test]
fn what_one_id_asked_for_is_taken_over_by_another_but_no_erasure() {
    let leaving = Rights {
        erased_ms: Some(9),
        restricted_ms: Some(5),
        withdrawn_ms: Some(3),
        ..Rights::default()
    };
    let mut staying = Rights {
        restricted_ms: Some(7),
        ..Rights::default()
    };
    assert!(staying.take_over(&leaving));
    let wanted = Rights {
        restricted_ms: Some(7),
        withdrawn_ms: Some(3),
        ..Rights::default()
    };
    assert_eq!(staying, wanted);
    assert!(!staying.take_over(&leaving), "no news");
}

#[test]
fn mail_addresses_are_kept_in_lower_case() {
    assert_eq!(
        clean_email(" Siti@Example.COM "),
        Some("siti@example.com".to_owned())
    );
    for text in ["", "siti", "@example.com", "a@b", "a b@c.id", "a@b@c.id"] {
        assert_eq!(clean_email(text), None, "{text}");
    }
}

fn telling() -> impl Strategy<Value = (Profile, BusinessDate)> {
    let field = || proptest::option::of((-20_i64..20, "[A-D]"));
    (field(), field(), field(), field(), -20_i32..20).prop_map(|(name, phone, email, problem, day)| {
        let fact = |field: Option<(i64, String)>| {
            let (days, value) = field?;
            fact(NOW + days * DAY / 2, &value)
        };
        let told = Profile {
            name: fact(name),
            phone: fact(phone),
            email: fact(email),
            phone_problem: fact(problem),
        };
        (told, date("2026-11-22").add_days(day).unwrap())
    })
}

proptest! {
    #[test]
    fn replaying_what_was_told_before_an_erasure_changes_nothing(
        tellings in prop::collection::vec(telling(), 0..12),
    ) {
        let mut customer = known();
        customer.erase(NOW);
        let erased = customer.clone();
        for (told, sold_on) in &tellings {
            let facts = [&told.name, &told.phone, &told.email, &told.phone_problem];
            let old = facts.into_iter().flatten().all(|fact| fact.told_ms <= NOW) || *sold_on <= date("2026-11-22");
            if old {
                prop_assert!(!customer.join_profile(told, *sold_on));
            }
        }
        prop_assert_eq!(customer, erased);
    }

    #[test]
    fn tellings_of_before_an_erasure_make_no_difference_to_those_of_after_it(
        before in prop::collection::vec(telling(), 0..8), after in prop::collection::vec(telling(), 0..8),
    ) {
        // What was there before the erasure, what comes again after it, and where among the new it comes.
        let join = |customer: &mut Customer, tellings: &[(Profile, BusinessDate)]| {
            for (told, sold_on) in tellings {
                customer.join_profile(told, *sold_on);
            }
        };
        let old: Vec<_> = before.into_iter().filter(|(_, sold_on)| *sold_on <= date("2026-11-22")).collect();
        let mut plain = known();
        plain.erase(NOW);
        join(&mut plain, &after);
        let mut replayed = known();
        join(&mut replayed, &old);
        replayed.erase(NOW);
        join(&mut replayed, &old);
        join(&mut replayed, &after);
        join(&mut replayed, &old);
        prop_assert_eq!(plain.profile, replayed.profile);
    }

    #[test]
    fn replaying_what_was_told_before_a_correction_changes_nothing(
        tellings in prop::collection::vec(telling(), 0..12), right in "[A-D]",
    ) {
        let mut customer = known();
        customer.profile.name = fact(NOW - DAY, "A");
        customer.correct(ProfileField::Name, Some(&right), NOW);
        for (told, sold_on) in &tellings {
            let before = customer.profile.name.clone();
            let name = Profile { name: told.name.clone(), ..Profile::default() };
            let changed = customer.join_profile(&name, *sold_on);
            let Some(told) = &told.name else { continue };
            if told.told_ms <= NOW || (told.value == "A" && right != "A") {
                prop_assert!(!changed, "{told:?}");
            }
            if right != "A" {
                prop_assert_ne!(name_of(&customer), Some("A"));
            }
            prop_assert!(!changed || customer.profile.name != before);
        }
    }

    #[test]
    fn any_customer_is_read_as_it_was_written(
        tellings in prop::collection::vec(telling(), 0..4), corrections in prop::collection::vec("[A-D]", 0..6),
        erased in proptest::option::of(any::<i64>()),
        days in prop::collection::vec((0_u8..3, 0_i32..60_000, any::<u32>(), any::<i64>()), 0..6),
    ) {
        let mut customer = Customer::default();
        for (told, sold_on) in &tellings {
            customer.join_profile(told, *sold_on);
        }
        for (at_ms, value) in (NOW..).zip(&corrections) {
            customer.correct(ProfileField::Email, Some(value), at_ms);
        }
        customer.rights.erased_ms = erased;
        for (outlet, day, visits, total) in days {
            let visit = Visit { page_version: 1, visits, total: Money::from_raw(total) };
            customer.days.insert((format!("moka-{outlet}"), BusinessDate::from_days(day).unwrap()), visit);
        }
        prop_assert_eq!(unpack(&pack(&customer).unwrap()).unwrap(), customer);
    }
}
