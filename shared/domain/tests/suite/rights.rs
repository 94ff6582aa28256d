//! People's rights: how a request moves, who may be contacted, what was consented to.

use std::collections::BTreeMap;

use crate::feedback_support::{SOLD, answer, said, told};
use domain::customer::{Customer, Fact, Profile, ProfileField, Rights};
use domain::feedback::{Consent, Said, consent};
use domain::rights::{
    Barred, Check, ConsentEntry, Correction, DUE_MS, Deed, Kind, Method, Proof, REMIND_MS, Refusal, Request,
    RequestError, State, consent_for, consents, may_contact, request_id,
};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn request(kind: Kind) -> Request {
    let field = (kind == Kind::Correction).then_some(ProfileField::Phone);
    let customers = ["OYAKO_MOKA_2".to_owned(), "OYAKO_MOKA_1".to_owned()];
    Request::receive(request_id([7; 10]), kind, customers, field, ("staff:1", SOLD)).unwrap()
}

fn check(matched: bool) -> Check {
    Check {
        method: Method::CalledBack,
        matched,
        by: "staff:2".to_owned(),
        at_ms: SOLD + HOUR,
    }
}

fn proof() -> Proof {
    Proof {
        at_ms: SOLD + 3 * HOUR,
        counts: BTreeMap::from([("profiles".to_owned(), 2)]),
        audit: Some((3, 14)),
    }
}

fn ordered(kind: Kind) -> Request {
    let verified = request(kind).checked(check(true)).unwrap();
    verified.ordered("staff:1", SOLD + 2 * HOUR).unwrap()
}

#[test]
fn a_request_is_checked_ordered_carried_out_and_proved() {
    let received = request(Kind::Erasure);
    assert_eq!(received.id, "req_a4dqobyha4dqobyh");
    assert_eq!(received.customers, ["OYAKO_MOKA_1", "OYAKO_MOKA_2"]);
    assert_eq!(
        (received.state, received.due_ms),
        (State::Received, SOLD + DUE_MS)
    );
    assert_eq!(received.ordered("staff:1", SOLD), Err(RequestError::Unchecked));
    let mismatched = received.checked(check(false)).unwrap();
    assert_eq!(mismatched.state, State::Received);
    assert_eq!(mismatched.ordered("staff:1", SOLD), Err(RequestError::Unchecked));
    let executing = mismatched
        .checked(check(true))
        .unwrap()
        .ordered("staff:1", SOLD + 2 * HOUR)
        .unwrap();
    assert_eq!(executing.ordered_ms(), Some(SOLD + 2 * HOUR));
    let done = executing.carried_out(proof(), "honour-rights").unwrap();
    assert_eq!((done.state, &done.proof), (State::Done, &Some(proof())));
    let deeds: Vec<(Deed, &str)> = done
        .steps
        .iter()
        .map(|step| (step.what, step.by.as_str()))
        .collect();
    let wanted = [
        (Deed::Received, "staff:1"),
        (Deed::Mismatched, "staff:2"),
        (Deed::Verified, "staff:2"),
        (Deed::Executing, "staff:1"),
        (Deed::Done, "honour-rights"),
    ];
    assert_eq!(deeds, wanted);
    let document = serde_json::to_string(&done).unwrap();
    assert_eq!(serde_json::from_str::<Request>(&document).unwrap(), done);
}

#[test]
fn every_state_allows_what_may_follow_and_nothing_else() {
    let received = request(Kind::Access);
    let verified = received.checked(check(true)).unwrap();
    let executing = ordered(Kind::Access);
    let done = executing.carried_out(proof(), "x").unwrap();
    let refused = received
        .refused(Refusal::IdentityNotShown, "staff:1", SOLD + 1)
        .unwrap();
    assert_eq!(
        (refused.state, refused.refusal),
        (State::Refused, Some(Refusal::IdentityNotShown))
    );
    // Checked, ordered, carried out, refused.
    let known = [
        (received, [true, false, false, true]),
        (verified, [false, true, false, true]),
        (executing, [false, false, true, false]),
        (done, [false; 4]),
        (refused, [false; 4]),
    ];
    for (request, allowed) in known {
        let moves = [
            request.checked(check(true)),
            request.ordered("staff:1", SOLD),
            request.carried_out(proof(), "x"),
            request.refused(Refusal::TakenBack, "staff:1", SOLD),
        ];
        assert_eq!(moves.map(|next| next.is_ok()), allowed, "{:?}", request.state);
        let over = matches!(request.state, State::Done | State::Refused);
        assert_eq!(request.is_over(), over);
        assert_eq!(request.with_kin(["OYAKO_MOKA_9"]).is_some(), !over);
        assert_eq!(request.with_kin(["OYAKO_MOKA_1"]), None, "no news");
        assert_eq!(request.is_overdue(SOLD + DUE_MS), !over);
        assert!(!request.is_overdue(SOLD + DUE_MS - 1));
        assert_eq!(request.reminded("x", SOLD + DUE_MS).is_some(), !over);
    }
}

#[test]
fn the_shop_is_reminded_once_a_day_before() {
    let request = request(Kind::Objection);
    let at = SOLD + DUE_MS - REMIND_MS;
    assert_eq!(request.reminded("honour-rights", at - 1), None);
    let reminded = request.reminded("honour-rights", at).unwrap();
    assert_eq!((reminded.state, reminded.reminded), (State::Received, true));
    assert_eq!(reminded.reminded("honour-rights", at + HOUR), None);
}

#[test]
fn a_request_that_makes_no_sense_is_not_noted() {
    let receive = |kind, customers: Vec<String>, field| {
        Request::receive("req_1".to_owned(), kind, customers, field, ("staff:1", 0)).map(|_| ())
    };
    let one = || vec!["OYAKO_1".to_owned()];
    assert_eq!(receive(Kind::Access, vec![], None), Err(RequestError::NoCustomer));
    assert_eq!(receive(Kind::Correction, one(), None), Err(RequestError::Field));
    assert_eq!(
        receive(Kind::Access, one(), Some(ProfileField::Name)),
        Err(RequestError::Field)
    );
    assert_eq!(receive(Kind::Correction, one(), Some(ProfileField::Name)), Ok(()));
}

#[test]
fn words_are_written_one_way() {
    for kind in Kind::ALL {
        assert_eq!(kind.as_str().parse(), Ok(*kind));
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
    for word in Refusal::ALL {
        assert_eq!(serde_json::to_value(word).unwrap(), word.as_str());
    }
    for method in Method::ALL {
        assert_eq!(serde_json::to_value(method).unwrap(), method.as_str());
    }
    assert!("Access".parse::<Kind>().is_err());
}

fn known() -> Customer {
    let fact = Fact {
        told_ms: SOLD - DAY,
        value: "Siti Rahma".to_owned(),
    };
    Customer {
        profile: Profile {
            name: Some(fact),
            ..Profile::default()
        },
        ..Customer::default()
    }
}

#[test]
fn each_kind_does_its_part_once() {
    let at = Some(SOLD + 2 * HOUR);
    let new = Correction::read(ProfileField::Phone, "0812-8765-4021").unwrap();
    for kind in Kind::ALL {
        let request = ordered(*kind);
        let mut customer = known();
        let changed = request.apply(&mut customer, Some(&new));
        let does_nothing = *kind == Kind::Access || kind.lifts().is_some();
        assert_eq!(changed, !does_nothing, "{kind:?}");
        let rights = &customer.rights;
        assert_eq!(rights.erased_ms == at, *kind == Kind::Erasure);
        assert_eq!(rights.withdrawn_ms == at, *kind == Kind::Withdrawal);
        assert_eq!(rights.restricted_ms == at, *kind == Kind::Restriction);
        assert_eq!(rights.objected_ms == at, *kind == Kind::Objection);
        assert_eq!(customer.profile.name.is_none(), *kind == Kind::Erasure);
        let phone = customer.profile.phone.as_ref().map(|fact| fact.value.as_str());
        assert_eq!(phone, (*kind == Kind::Correction).then_some("+6281287654021"));
        let once = customer.clone();
        assert!(!request.apply(&mut customer, Some(&new)), "{kind:?} twice");
        assert_eq!(customer, once);
        let mut untouched = known();
        let unordered = crate::rights::request(*kind);
        assert!(!unordered.apply(&mut untouched, Some(&new)));
        assert_eq!(untouched, known());
    }
    assert!(!ordered(Kind::Correction).apply(&mut known(), None));
}

#[test]
fn what_was_asked_for_ends_as_the_person_asks_and_stands_again_when_they_do() {
    let at = SOLD + 2 * HOUR;
    for lift in [Kind::LiftRestriction, Kind::LiftObjection] {
        let lifted = lift.lifts().unwrap();
        assert_eq!((lift.opposite(), lifted.opposite()), (Some(lifted), Some(lift)));
        for (since, left) in [(at - HOUR, None), (at, None), (at + 1, Some(at + 1))] {
            let mut customer = known();
            customer.rights.restricted_ms = Some(since);
            customer.rights.objected_ms = Some(since);
            customer.rights.withdrawn_ms = Some(since);
            assert_eq!(ordered(lift).apply(&mut customer, None), left.is_none());
            assert!(!ordered(lift).apply(&mut customer, None), "{lift:?} twice");
            for kind in [Kind::Restriction, Kind::Objection, Kind::Withdrawal] {
                let wanted = if kind == lifted { left } else { Some(since) };
                assert_eq!(kind.stands_since(&customer.rights), wanted, "{lift:?} {kind:?}");
            }
            assert!(ordered(lifted).apply(&mut customer, None) || left.is_some());
            assert_eq!(
                lifted.stands_since(&customer.rights),
                Some(left.unwrap_or(at)),
                "asked for again"
            );
        }
    }
    let ended = [Kind::Restriction, Kind::Objection].map(Kind::opposite);
    assert_eq!(ended, [Some(Kind::LiftRestriction), Some(Kind::LiftObjection)]);
    for kind in [Kind::Access, Kind::Correction, Kind::Erasure, Kind::Withdrawal] {
        assert_eq!((kind.lifts(), kind.opposite()), (None, None), "{kind:?}");
    }
}

#[test]
fn only_a_correction_that_is_being_carried_out_ends_as_pointless() {
    let ended = ordered(Kind::Correction).pointless("honour-rights", SOLD + 3 * HOUR);
    let ended = ended.unwrap();
    assert_eq!(
        (ended.state, ended.refusal),
        (State::Refused, Some(Refusal::NothingKnown))
    );
    assert!(ended.is_over() && ended.pointless("x", SOLD).is_err());
    assert!(request(Kind::Correction).pointless("x", SOLD).is_err());
    for kind in Kind::ALL.iter().filter(|kind| **kind != Kind::Correction) {
        assert!(ordered(*kind).pointless("x", SOLD).is_err(), "{kind:?}");
    }
}

#[test]
fn a_correction_is_read_like_what_an_export_tells() {
    use ProfileField::{Email, Name, Phone};
    let known = [
        (Name, "  Siti\t Rahma ", Ok(Some("Siti Rahma"))),
        (Name, "-", Err("CORRECTION_NAME")),
        (Email, "Siti@Example.com", Ok(Some("siti@example.com"))),
        (Email, "siti", Err("CORRECTION_EMAIL")),
        (Phone, "0812-8765-4021", Ok(Some("+6281287654021"))),
        (Phone, "0896xxxx1234", Err("PHONE_MASKED")),
        (Phone, "0000", Err("PHONE_INVALID")),
        (Phone, "  ", Ok(None)),
    ];
    for (field, text, wanted) in known {
        let read = Correction::read(field, text);
        let value = read.map(|read| read.value).map_err(|error| error.code());
        assert_eq!(value, wanted.map(|value| value.map(str::to_owned)), "{text}");
    }
    let secret = format!("{:?}", Correction::read(Name, "Siti Rahma").unwrap());
    assert!(!secret.contains("Siti") && secret.contains("Name"), "{secret}");
}

fn entry(at_ms: i64, given: bool) -> ConsentEntry {
    ConsentEntry {
        at_ms,
        receipt: answer("1").place,
        given,
        wording: consent::wording("id").to_owned(),
        wording_version: consent::VERSION.to_owned(),
        language: "id".to_owned(),
    }
}

#[test]
fn nobody_is_contacted_against_their_will() {
    let none = Rights::default();
    let erased = |at_ms| Rights {
        erased_ms: Some(at_ms),
        ..Rights::default()
    };
    let withdrawn = |at_ms| Rights {
        withdrawn_ms: Some(at_ms),
        ..Rights::default()
    };
    let restricted = Rights {
        restricted_ms: Some(1),
        ..Rights::default()
    };
    let objected = Rights {
        objected_ms: Some(1),
        ..Rights::default()
    };
    let everything = Rights {
        erased_ms: Some(10),
        restricted_ms: Some(1),
        objected_ms: Some(1),
        ..withdrawn(9)
    };
    let given = entry(10, true);
    let known = [
        (&none, Some(&given), Ok(())),
        (&none, Some(&entry(10, false)), Err(Barred::NoConsent)),
        (&none, None, Err(Barred::NoConsent)),
        (&withdrawn(9), Some(&given), Ok(())),
        (&withdrawn(10), Some(&given), Err(Barred::Withdrawn)),
        (&withdrawn(9), None, Err(Barred::Withdrawn)),
        (&erased(9), Some(&given), Ok(())),
        (&erased(10), Some(&given), Err(Barred::Erased)),
        (&erased(9), None, Err(Barred::Erased)),
        (&restricted, Some(&given), Err(Barred::Restricted)),
        (&objected, Some(&given), Err(Barred::Objected)),
        (&everything, Some(&given), Err(Barred::Erased)),
    ];
    for (rights, consent, wanted) in known {
        assert_eq!(may_contact(rights, consent), wanted, "{rights:?} {consent:?}");
    }
}

fn consenting(said: Said, language: &str) -> Said {
    Said {
        consent: Some(consent::given(language)),
        ..said
    }
}

#[test]
fn consents_are_listed_with_their_wording_and_time() {
    let first = answer("1").with_guest(consenting(said(5, 2, &[]), "en")).unwrap();
    let revised = first.with_guest(said(9, 3, &[])).unwrap();
    let refused = Consent {
        given: false,
        ..consent::given("id")
    };
    let exported = answer("2").with_pos(Said {
        consent: Some(refused),
        ..told(0, &[], None)
    });
    let listed = consents(&[revised.clone(), exported.clone(), answer("3")]);
    let short: Vec<_> = listed
        .iter()
        .map(|entry| (entry.at_ms - SOLD, entry.given, entry.language.as_str()))
        .collect();
    assert_eq!(short, [(0, false, "id"), (5 * 60_000, true, "en")]);
    assert_eq!(listed[1].wording, consent::wording("en"));
    assert_eq!(
        (
            listed[1].receipt.native.as_str(),
            listed[1].wording_version.as_str()
        ),
        ("1", consent::VERSION)
    );
    assert_eq!(consent_for(&first).as_ref(), Some(&listed[1]));
    assert_eq!(consent_for(&revised), None, "the box was not ticked again");
    assert_eq!(consent_for(&exported), None);
    assert_eq!(consent_for(&answer("3")), None);
    let by_pos = answer("4").with_pos(consenting(told(0, &[], None), "id"));
    assert!(consent_for(&by_pos).is_some());
}
