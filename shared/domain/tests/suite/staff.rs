//! What each role may do, and which outlets a person sees.

use domain::api_key::Scope;
use domain::staff::{Outlets, Person, Role};

fn person(roles: &[Role]) -> Person {
    Person {
        subject: "4f1c".to_owned(),
        name: "Ibu Sari".to_owned(),
        roles: roles.iter().copied().collect(),
        outlets: Outlets::All,
    }
}

#[test]
fn a_role_may_do_what_it_is_there_for_and_no_more() {
    use Scope::{
        AuditRead, FeedbackRead, FeedbackWrite, LinksRead, PeopleRead, PeopleWrite, QuarantineRead,
        QuarantineWrite, SalesRead, TopupsDecide, TopupsRead,
    };
    let operator = vec![
        SalesRead,
        FeedbackRead,
        QuarantineRead,
        QuarantineWrite,
        FeedbackWrite,
        LinksRead,
        TopupsRead,
    ];
    let known = [
        (vec![], vec![]),
        (
            vec![Role::Viewer],
            vec![SalesRead, FeedbackRead, QuarantineRead, TopupsRead],
        ),
        (vec![Role::Operator], operator.clone()),
        (
            vec![Role::Approver],
            [operator.clone(), vec![PeopleRead, PeopleWrite, TopupsDecide]].concat(),
        ),
        (
            vec![Role::Auditor],
            vec![
                SalesRead,
                FeedbackRead,
                QuarantineRead,
                AuditRead,
                PeopleRead,
                TopupsRead,
            ],
        ),
        (
            vec![Role::Operator, Role::Auditor],
            [operator, vec![AuditRead, PeopleRead]].concat(),
        ),
    ];
    for (roles, allowed) in known {
        let person = person(&roles);
        for scope in Scope::ALL {
            assert_eq!(person.may(scope), allowed.contains(&scope), "{roles:?} {scope:?}");
        }
        assert_eq!(person.scopes(), allowed.into_iter().collect());
    }
}

#[test]
fn names_of_roles_are_lower_case_words() {
    for role in Role::ALL {
        assert_eq!(role.as_str().parse(), Ok(role));
        assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
    }
    for text in ["", "Viewer", "admin", " viewer"] {
        assert!(text.parse::<Role>().is_err(), "{text}");
    }
}

#[test]
fn a_person_sees_their_outlets_only() {
    assert!(Outlets::All.contains("moka-1"));
    let some = Outlets::Only(["moka-1".to_owned()].into());
    assert!(some.contains("moka-1") && !some.contains("moka-10"));
    assert!(!Outlets::Only([].into()).contains("moka-1"));
}

#[test]
fn a_person_is_logged_without_their_name() {
    let person = person(&[Role::Viewer]);
    assert_eq!(person.actor(), "staff:4f1c");
    assert!(!format!("{person:?}").contains("Sari"));
    let stored = serde_json::to_string(&person).unwrap();
    assert_eq!(serde_json::from_str::<Person>(&stored).unwrap(), person);
}
