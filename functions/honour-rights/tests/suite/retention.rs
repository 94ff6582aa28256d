//! What is older than the shop keeps it goes, exactly that, and however little time a night has.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::support::guest::Guest;
use crate::support::{DAY_MS, NEVER, NOW_MS, STAFF, Shop, place, said, visit};
use aws::customers::StoredCustomer;
use domain::customer::{Fact, Profile, Rights};
use domain::receipt_id::ReceiptId;
use domain::rights::{Kind, Retention, State};
use domain::when::BusinessDate;
use honour_rights::{Deps, Failure, Outcome, Retained, handle};
use serde_json::json;
use testkit::faults::{Plan, tried};

/// Words are kept for 100 days here, profiles for 200.
fn keeping(deps: &Deps) -> Deps {
    Deps {
        retention: Retention::new(100, 200).unwrap(),
        ..deps.clone()
    }
}

async fn retain(deps: &Deps, deadline_ms: u64) -> Result<Retained, Failure> {
    match handle(json!({ "task": "retain" }), deadline_ms, deps).await? {
        Outcome::Retained(done) => Ok(done),
        other => panic!("another task's outcome: {other:?}"),
    }
}

/// The date so many days before the tests take place.
fn days_ago(days: i32) -> BusinessDate {
    BusinessDate::from_days(20_780).unwrap().add_days(-days).unwrap()
}

/// A customer who came last so many days ago.
async fn customer(shop: &Shop, id: &str, days: i32) {
    let fact = Fact {
        told_ms: NOW_MS - i64::from(days) * DAY_MS,
        value: format!("Tamu {id}"),
    };
    let mut stored = StoredCustomer::default();
    stored.customer.profile = Profile {
        name: Some(fact),
        ..Profile::default()
    };
    let day = ("moka-1".to_owned(), days_ago(days));
    stored.customer.set_day(&day, visit());
    let written = [(id.to_owned(), stored)];
    assert!(shop.deps.customers.write(&written).await.unwrap().is_empty());
    shop.like(id, &day, "Soto").await;
}

async fn is_known(shop: &Shop, id: &str) -> (bool, bool) {
    let customer = shop.deps.customers.find(id).await.unwrap().unwrap();
    assert_eq!(customer.visits(), 1);
    let habit = shop.habits.find(id).await.unwrap();
    (!customer.profile.is_empty(), habit.is_some())
}

/// What was said so many days ago of a sale of that day at an outlet, with a case and a note of the same day.
async fn opinion(shop: &Shop, outlet: &str, native: &str, days: i32) -> ReceiptId {
    let place = place(&(outlet.to_owned(), days_ago(days)), native);
    let at_ms = NOW_MS - i64::from(days) * DAY_MS;
    shop.say(&place, None, said(at_ms, 1, "Asin")).await;
    let answer = shop.answer(&place).await;
    let case = domain::case::Case::open(&answer, 2, at_ms).unwrap();
    let mail = domain::mail::Mail {
        id: case.mail_id(),
        cause: domain::mail::MailCause::NightDigest { date: days_ago(0) },
        state: domain::mail::MailState::Sent,
        attempts: 1,
        due_ms: at_ms,
        created_ms: at_ms,
        correlation: None,
        outcome: None,
    };
    assert!(shop.deps.cases.open_with_mail(&case, &mail).await.unwrap());
    let opened = shop.case(&place).await;
    let noted = opened
        .move_to(opened.state, STAFF, "Sudah ditelepon", at_ms)
        .unwrap();
    shop.deps
        .cases
        .change(&opened, &noted, STAFF, at_ms)
        .await
        .unwrap();
    place
}

/// Whether there are words of the guest, and of the staff.
async fn words(shop: &Shop, place: &ReceiptId) -> (bool, bool) {
    let answer = shop.answer(place).await;
    assert_eq!(answer.effective().overall, Some(1));
    (answer.has_comments(), shop.case(place).await.has_words())
}

async fn outlets(shop: &Shop) {
    for outlet in ["moka-1", "moka-2", "moka-3"] {
        shop.deps
            .outlets
            .get_or_register(outlet, None, None)
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_what_is_over_goes_and_the_figures_stay() {
    let shop = Shop::open().await;
    outlets(&shop).await;
    customer(&shop, "OYAKO_A", 201).await;
    customer(&shop, "OYAKO_B", 199).await;
    let table = [
        ("moka-1", "a", 100, false),
        ("moka-1", "b", 99, true),
        ("moka-3", "c", 500, false),
        ("moka-3", "d", 1, true),
    ];
    let mut places = Vec::new();
    for (outlet, native, days, kept) in table {
        places.push((opinion(&shop, outlet, native, days).await, kept));
    }
    // Said of an old sale, but lately.
    let late = place(&("moka-2".to_owned(), days_ago(120)), "e");
    shop.say(&late, None, said(NOW_MS - 90 * DAY_MS, 3, "Baru sempat"))
        .await;
    let deps = keeping(&shop.deps);
    let done = retain(&deps, NEVER).await.unwrap();
    let wanted = Retained {
        profiles: 1,
        answers: 2,
        cases: 2,
        complete: true,
        ..Retained::default()
    };
    assert_eq!(done, wanted);
    assert_eq!(is_known(&shop, "OYAKO_A").await, (false, false));
    assert_eq!(is_known(&shop, "OYAKO_B").await, (true, true));
    for (place, kept) in &places {
        assert_eq!(words(&shop, place).await, (*kept, *kept), "{place}");
    }
    assert!(shop.answer(&late).await.has_comments());
    let trail = shop.table("OperationsTable").await;
    let on_record = |action: &str| {
        trail
            .values()
            .filter(|text| text.contains(action) && text.contains("retention"))
            .count()
    };
    assert_eq!(on_record("person.erased"), 1);
    assert_eq!(on_record("retention.enforced"), 1);
    // The next night finds nothing, and says nothing.
    let nothing = Retained {
        complete: true,
        ..Retained::default()
    };
    assert_eq!(retain(&deps, NEVER).await.unwrap(), nothing);
    assert_eq!(shop.table("OperationsTable").await.len(), trail.len());
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_night_has_no_time_for_the_next_ones_do() {
    static CLOCK: AtomicI64 = AtomicI64::new(NOW_MS);
    let shop = Shop::open().await;
    outlets(&shop).await;
    let mut places = Vec::new();
    for outlet in ["moka-1", "moka-2", "moka-3"] {
        places.push(opinion(&shop, outlet, "a", 400).await);
        customer(&shop, &format!("OYAKO_{outlet}"), 400).await;
    }
    // A second goes by with every look at the clock, and a night has sixty.
    let deps = Deps {
        now_ms: || CLOCK.fetch_add(1_000, Ordering::SeqCst),
        ..keeping(&shop.deps)
    };
    let (mut nights, mut sum) = (0, Retained::default());
    while sum.profiles < 3 || sum.answers < 3 || sum.cases < 3 {
        let deadline_ms = u64::try_from(CLOCK.load(Ordering::SeqCst) + 42_000).unwrap();
        let done = retain(&deps, deadline_ms).await.unwrap();
        let over_ms = i64::try_from(deadline_ms).unwrap() - CLOCK.load(Ordering::SeqCst);
        assert!(over_ms > 0, "a night that takes longer than it may");
        sum.profiles += done.profiles;
        sum.answers += done.answers;
        sum.cases += done.cases;
        nights += 1;
        assert!(nights < 100, "{sum:?}");
    }
    assert!(nights > 2, "{nights}");
    assert_eq!((sum.profiles, sum.answers, sum.cases), (3, 3, 3));
    for place in &places {
        assert_eq!(words(&shop, place).await, (false, false));
    }
    let complete = Retained {
        complete: true,
        ..Retained::default()
    };
    assert_eq!(retain(&deps, NEVER).await.unwrap(), complete);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_without_time_does_nothing() {
    let shop = Shop::open().await;
    outlets(&shop).await;
    customer(&shop, "OYAKO_A", 400).await;
    let before = shop.everything().await;
    let done = retain(&keeping(&shop.deps), u64::try_from(NOW_MS).unwrap()).await;
    assert_eq!(done.unwrap(), Retained::default());
    assert_eq!(shop.everything().await, before);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_killed_at_any_call_is_gone_on_with() {
    // A month goes by between two of them: what is said behind an outlet's mark is found then.
    static CLOCK: AtomicI64 = AtomicI64::new(NOW_MS);
    let shop = Shop::open().await;
    let outlets = &shop.deps.outlets;
    outlets.get_or_register("moka-2", None, None).await.unwrap();
    let at_that_time = |deps: &Deps| Deps {
        now_ms: || CLOCK.load(Ordering::SeqCst),
        ..keeping(deps)
    };
    let faulty = at_that_time(&shop.faulty);
    let seed = async |number: usize| {
        let id = format!("OYAKO_{number}");
        customer(&shop, &id, 400).await;
        (id, opinion(&shop, "moka-2", &number.to_string(), 400).await)
    };
    let (_, _) = seed(0).await;
    shop.world.faults.set(Plan::None);
    retain(&faulty, NEVER).await.unwrap();
    let calls = shop.world.faults.calls();
    // A crash before a call leaves what one after the call before it does.
    let plans = tried(calls, 10).into_iter();
    let plans = plans.flat_map(|call| [Plan::CrashAfter(call), Plan::LoseAnswer(call)]);
    let plans = [Plan::CrashBefore(0)].into_iter().chain(plans);
    for (number, plan) in (1..).zip(plans) {
        let (id, place) = seed(number).await;
        CLOCK.fetch_add(31 * DAY_MS, Ordering::SeqCst);
        shop.world.faults.set(plan);
        drop(retain(&faulty, NEVER).await);
        // Where it stopped is where the next one begins: it may have to come round once more.
        let deps = at_that_time(&shop.deps);
        while !retain(&deps, NEVER).await.unwrap().complete {}
        retain(&deps, NEVER).await.unwrap();
        assert_eq!(is_known(&shop, &id).await, (false, false), "{plan:?}");
        assert_eq!(words(&shop, &place).await, (false, false), "{plan:?}");
    }
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_unreadable_customer_stops_no_round_and_is_told() {
    let shop = Shop::open().await;
    outlets(&shop).await;
    for number in 0..3 {
        customer(&shop, &format!("OYAKO_{number}"), 400).await;
    }
    customer(&shop, "OYAKO_D", 400).await;
    shop.damage("OYAKO_D").await;
    let place = opinion(&shop, "moka-1", "a", 400).await;
    let deps = keeping(&shop.deps);
    for _ in 0..2 {
        let night = retain(&deps, NEVER).await;
        assert!(matches!(night, Err(Failure::NotLetGo(1))), "{night:?}");
    }
    for number in 0..3 {
        assert_eq!(is_known(&shop, &format!("OYAKO_{number}")).await, (false, false));
    }
    assert_eq!(words(&shop, &place).await, (false, false));
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_an_answer_is_kept_until_they_have_it() {
    let shop = Shop::open().await;
    customer(&shop, "OYAKO_A", 400).await;
    let request = shop
        .receive(("copy", Kind::Access), &["OYAKO_A"], None, NOW_MS)
        .await;
    let deps = keeping(&shop.deps);
    assert_eq!(retain(&deps, NEVER).await.unwrap().profiles, 0);
    assert_eq!(is_known(&shop, "OYAKO_A").await, (true, true));
    let ordered = shop.order(&request, NOW_MS).await;
    assert_eq!(shop.carry_out(&ordered).await.state, State::Done);
    assert_eq!(retain(&deps, NEVER).await.unwrap().profiles, 1);
    assert_eq!(is_known(&shop, "OYAKO_A").await, (false, false));
    shop.world.stop().await;
}

/// A guest who asked for something long ago, by an id that has not come since; the other one was here yesterday.
async fn guest_of_old(shop: &Shop, number: u32) -> Guest {
    let guest = shop.guest(number).await;
    let customers = &shop.deps.customers;
    let known = customers.read(std::slice::from_ref(&guest.native)).await;
    let mut stored = known.unwrap().remove(&guest.native).unwrap();
    stored.customer.days.clear();
    let day = ("moka-9".to_owned(), days_ago(400));
    stored.customer.set_day(&day, visit());
    stored.customer.rights.restricted_ms = Some(NOW_MS - 390 * DAY_MS);
    stored.customer.rights.withdrawn_ms = Some(NOW_MS - 380 * DAY_MS);
    let written = [(guest.native.clone(), stored)];
    assert!(customers.write(&written).await.unwrap().is_empty());
    guest
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_asked_for_outlives_the_id_that_they_asked_under() {
    let shop = Shop::open().await;
    let joined = guest_of_old(&shop, 1).await;
    let parted = guest_of_old(&shop, 2).await;
    let people = &shop.deps.people;
    people.part(&parted.by_phone, STAFF, NOW_MS).await.unwrap();
    let asked = Rights {
        restricted_ms: Some(NOW_MS - 390 * DAY_MS),
        withdrawn_ms: Some(NOW_MS - 380 * DAY_MS),
        ..Rights::default()
    };
    let deps = keeping(&shop.deps);
    for erased in [2, 0] {
        assert_eq!(retain(&deps, NEVER).await.unwrap().profiles, erased);
        for (guest, wanted) in [(&joined, &asked), (&parted, &Rights::default())] {
            let gone = shop.deps.customers.find(&guest.native).await.unwrap();
            assert!(gone.unwrap().is_erased());
            let book = shop.kin.read(&guest.hash).await.unwrap();
            assert!(!book.members.contains_key(&guest.native));
            let other = shop.deps.customers.find(&guest.by_phone).await.unwrap();
            assert_eq!(&other.unwrap().rights, wanted);
        }
    }
    let trail = shop.table("OperationsTable").await;
    let handed_on = trail.values().filter(|text| text.contains("rights.handed_on"));
    assert_eq!(handed_on.count(), 1);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consents_outlive_the_comments_beside_them() {
    let shop = Shop::open().await;
    outlets(&shop).await;
    let place = opinion(&shop, "moka-1", "a", 400).await;
    let before = domain::rights::consents(&[shop.answer(&place).await]);
    assert_eq!(before.len(), 1);
    retain(&keeping(&shop.deps), NEVER).await.unwrap();
    let answer = shop.answer(&place).await;
    assert!(!answer.has_comments());
    assert_eq!(domain::rights::consents(&[answer]), before);
    shop.world.stop().await;
}
