//! Kin: how the ids of one phone number are joined and parted.

use std::collections::BTreeMap;

use domain::customer::{Fact, Profile};
use domain::kin::{Evidence, Joining, KinBook, KinError, MEMBERS_MAX, Standing, is_nobodys};
use proptest::prelude::*;

fn person(name: &str, email: &str) -> Profile {
    let fact = |value: &str| {
        (!value.is_empty()).then(|| Fact {
            told_ms: 1,
            value: value.to_owned(),
        })
    };
    Profile {
        name: fact(name),
        email: fact(email),
        ..Profile::default()
    }
}

fn named(name: &str) -> Profile {
    person(name, "")
}

#[test]
fn made_up_numbers_are_nobodys() {
    for (e164, nobodys) in [
        ("+6281287654021", false),
        ("+622155501987", false),
        ("+628123456789", true),
        ("+6281234567890", true),
        ("+6281287654321", true),
        ("+6281299999990", true),
        ("+6288888888888", true),
        ("not a number", true),
        ("", true),
    ] {
        assert_eq!(is_nobodys(e164, &[]), nobodys, "{e164}");
    }
    assert!(
        is_nobodys("+6281287654021", &["0812-8765-4021".to_owned()]),
        "the outlet's own"
    );
}

fn people(people: &[(&str, Profile)]) -> BTreeMap<String, Profile> {
    people
        .iter()
        .map(|(id, profile)| ((*id).to_owned(), profile.clone()))
        .collect()
}

fn book(people: &BTreeMap<String, Profile>) -> KinBook {
    let mut book = KinBook::default();
    for id in people.keys().rev() {
        assert!(book.meet(id) && !book.meet(id));
    }
    book
}

fn joining(with: &str, customer: &str, evidence: Evidence) -> Joining {
    Joining {
        with: with.to_owned(),
        customer: customer.to_owned(),
        evidence,
    }
}

fn groups(book: &KinBook) -> Vec<Vec<&str>> {
    let mut groups: Vec<Vec<&str>> = book
        .members
        .keys()
        .map(|id| book.group_of(id).into_iter().collect())
        .collect();
    groups.dedup();
    groups.sort();
    groups.dedup();
    groups
}

#[test]
fn ids_are_joined_on_evidence_and_once() {
    let people = people(&[
        ("a", named("Budi Santoso")),
        ("b", person("Siti Rahma", "s@example.com")),
        ("c", named("Pak Budi")),
        ("d", person("", "S@example.com")),
        ("e", Profile::default()),
    ]);
    let mut book = book(&people);
    let joins = book.joins(&people);
    assert_eq!(
        joins,
        [
            joining("a", "c", Evidence::SimilarName),
            joining("b", "d", Evidence::SameEmail)
        ]
    );
    book.join(&joins, 5);
    assert_eq!(groups(&book), [vec!["a", "c"], vec!["b", "d"], vec!["e"]]);
    let standing = |with: &str, evidence| Standing::Joined {
        with: with.to_owned(),
        evidence,
        at_ms: 5,
    };
    assert_eq!(book.members["a"], standing("a", Evidence::SimilarName));
    assert_eq!(book.members["d"], standing("b", Evidence::SameEmail));
    assert_eq!(book.members["e"], Standing::Alone);
    assert_eq!(book.joins(&people), []);
    let before = book.clone();
    book.join(&joins, 9);
    assert_eq!(book, before, "the same joining again");
    let document = serde_json::to_string(&book).unwrap();
    assert_eq!(serde_json::from_str::<KinBook>(&document).unwrap(), book);
}

#[test]
fn a_name_that_could_be_either_of_two_joins_neither() {
    let people = people(&[
        ("a", named("Budi")),
        ("b", named("Budi Santoso")),
        ("c", named("Budi Hartono")),
        ("d", named("budi  santoso")),
    ]);
    assert_eq!(
        book(&people).joins(&people),
        [joining("b", "d", Evidence::SimilarName)]
    );
}

#[test]
fn a_smaller_id_that_comes_later_leads_the_group() {
    let all = people(&[
        ("b", named("Budi S")),
        ("c", named("Budi S")),
        ("a", named("Budi S")),
    ]);
    let mut book = KinBook::default();
    book.meet("b");
    book.meet("c");
    book.join(&book.clone().joins(&all), 1);
    book.meet("a");
    let joins = book.joins(&all);
    book.join(&joins, 2);
    assert_eq!(groups(&book), [["a", "b", "c"]]);
    assert!(matches!(&book.members["c"], Standing::Joined { with, at_ms: 1, .. } if with == "a"));
    assert_eq!(book.joins(&all), []);
}

#[test]
fn a_number_with_many_names_joins_nobody() {
    let names = ["Budi", "Siti Rahma", "Agus Salim", "Dewi Lestari", "Joko Susilo"];
    let of = |count: usize| {
        let all = names[..count]
            .iter()
            .enumerate()
            .map(|(n, name)| (format!("x{n}"), named(name)));
        let mut all: BTreeMap<String, Profile> = all.collect();
        all.insert("y".to_owned(), named("Budi"));
        all
    };
    assert_eq!(book(&of(4)).joins(&of(4)).len(), 1);
    assert_eq!(book(&of(5)).joins(&of(5)), []);
    let mut book = KinBook::default();
    let met = (0..MEMBERS_MAX + 9)
        .filter(|n| book.meet(&format!("m{n}")))
        .count();
    assert_eq!((met, book.members.len()), (MEMBERS_MAX, MEMBERS_MAX));
    assert!(book.is_full());
    assert!(
        book.forget("m0") && !book.is_full() && book.meet("m99"),
        "there is room again"
    );
}

#[test]
fn who_was_parted_is_joined_again_by_a_person_only() {
    let people = people(&[
        ("a", named("Budi S")),
        ("b", named("Budi S")),
        ("c", named("Budi S")),
    ]);
    let mut book = book(&people);
    let joins = book.joins(&people);
    book.join(&joins, 1);
    book.part("a", "staff:1", 2).unwrap();
    assert_eq!(
        book.members["a"],
        Standing::Parted {
            by: "staff:1".to_owned(),
            at_ms: 2
        }
    );
    assert_eq!(groups(&book), [vec!["a"], vec!["b", "c"]]);
    assert_eq!(book.joins(&people), []);
    book.join(&joins, 3);
    assert_eq!(
        groups(&book),
        [vec!["a"], vec!["b", "c"]],
        "an old finding comes late"
    );
    assert_eq!(book.part("a", "staff:1", 4), Err(KinError::Settled));
    assert_eq!(book.part("z", "staff:1", 4), Err(KinError::Unknown));
    assert_eq!(book.reunite("a", "z", 4), Err(KinError::Unknown));
    assert_eq!(book.reunite("b", "c", 4), Err(KinError::Settled));
    assert_eq!(book.reunite("a", "a", 4), Err(KinError::Settled));
    book.reunite("a", "c", 5).unwrap();
    assert_eq!(groups(&book), [["a", "b", "c"]]);
    assert!(matches!(
        &book.members["a"],
        Standing::Joined {
            evidence: Evidence::Person,
            ..
        }
    ));
    book.part("b", "staff:1", 6).unwrap();
    book.part("c", "staff:1", 6).unwrap();
    assert_eq!(
        book.members["a"],
        Standing::Alone,
        "nobody is left to be joined with"
    );
}

#[test]
fn an_erased_id_leaves_the_book() {
    let people = people(&[
        ("a", named("Budi S")),
        ("b", named("Budi S")),
        ("c", named("Budi S")),
    ]);
    let mut book = book(&people);
    book.join(&book.clone().joins(&people), 1);
    assert!(book.forget("a") && !book.forget("a"));
    assert_eq!(groups(&book), [["b", "c"]]);
    assert!(book.forget("c"));
    assert_eq!(book.members["b"], Standing::Alone);
    assert!(!serde_json::to_string(&book).unwrap().contains("\"a\""));
}

fn any_people() -> impl Strategy<Value = BTreeMap<String, Profile>> {
    let name = prop::sample::select(vec![
        "",
        "Budi",
        "Budi Santoso",
        "Budi Hartono",
        "Siti Rahma",
        "Bu Siti Rahma",
    ]);
    let email = prop::sample::select(vec!["", "", "a@b.id", "c@d.id"]);
    let person = (name, email).prop_map(|(name, email)| person(name, email));
    prop::collection::btree_map("[a-h]", person, 1..8)
}

#[derive(Clone, Debug)]
enum Move {
    Meet(String),
    Night,
    Part(String),
    Reunite(String, String),
    Forget(String),
}

fn any_move() -> impl Strategy<Value = Move> {
    let id = || "[a-h]";
    prop_oneof![
        id().prop_map(Move::Meet),
        Just(Move::Night),
        id().prop_map(Move::Part),
        (id(), id()).prop_map(|(a, b)| Move::Reunite(a, b)),
        id().prop_map(Move::Forget),
    ]
}

proptest! {
    #[test]
    fn a_book_stays_whole_and_no_night_undoes_a_person(
        people in any_people(), moves in prop::collection::vec(any_move(), 0..40),
    ) {
        let mut book = KinBook::default();
        for (at_ms, step) in (1..).zip(moves) {
            let parted: Vec<String> = book.members.iter()
                .filter(|(_, standing)| matches!(standing, Standing::Parted { .. }))
                .map(|(id, _)| id.clone()).collect();
            match step {
                Move::Meet(id) => { book.meet(&id); }
                Move::Night => {
                    let joins = book.joins(&people);
                    book.join(&joins, at_ms);
                    prop_assert_eq!(book.joins(&people), []);
                    for id in parted {
                        prop_assert_eq!(book.group_of(&id).len(), 1);
                    }
                }
                Move::Part(id) => { book.part(&id, "staff:1", at_ms).ok(); }
                Move::Reunite(a, b) => { book.reunite(&a, &b, at_ms).ok(); }
                Move::Forget(id) => { book.forget(&id); }
            }
            for (id, standing) in &book.members {
                let group = book.group_of(id);
                prop_assert!(group.contains(id.as_str()));
                match standing {
                    Standing::Joined { with, .. } => {
                        prop_assert!(group.len() > 1);
                        prop_assert_eq!(group.first(), Some(&with.as_str()));
                    }
                    _ => prop_assert_eq!(group.len(), 1),
                }
            }
        }
    }
}
