//! Two requests of one person at once: whichever is held where, both come to their end, and to the right one.

use crate::support::guest::Guest;
use crate::support::held::while_held;
use crate::support::{Shop, record};
use domain::customer::ProfileField;
use domain::rights::{Correction, Kind, Refusal, Request, State};
use testkit::faults::tried;

/// What a person wants to be called.
const NEW_NAME: &str = "Rahmawati Baru";

/// A guest who asks for two things, by an id each.
async fn asked(shop: &Shop, number: u32, kinds: [Kind; 2]) -> (Guest, [Request; 2]) {
    let guest = shop.guest(number).await;
    let [first, second] = kinds.map(|kind| {
        let value = || Correction::read(ProfileField::Name, NEW_NAME).unwrap();
        (kind, (kind == Kind::Correction).then(value))
    });
    let (one, other) = (format!("a{number}"), format!("b{number}"));
    let first = shop
        .ask((&one, first.0), &[&guest.native], first.1.as_ref())
        .await;
    let second = shop
        .ask((&other, second.0), &[&guest.by_phone], second.1.as_ref())
        .await;
    (guest, [first, second])
}

/// Carries out one request while the other is held, at each of its calls, and has what came of it judged.
async fn at_every_call(kinds: [Kind; 2], judge: impl AsyncFn(&Shop, &Guest, [Request; 2])) {
    let shop = Shop::open().await;
    let (_, [alone, _]) = asked(&shop, 0, kinds).await;
    let calls = shop.calls_of(&alone).await;
    assert!(calls > 10, "{calls}");
    for (number, call) in (1..).zip(tried(calls, 8)) {
        let (guest, [held, meanwhile]) = asked(&shop, number, kinds).await;
        let records = [[record(&held)], [record(&meanwhile)]];
        let first = shop.deliver(&records[0], &shop.faulty);
        let second = shop.deliver(&records[1], &shop.deps);
        // Whichever fails comes again.
        drop(while_held(&shop.world.faults, call, first, second).await);
        let ended = [shop.see_through(&held).await, shop.see_through(&meanwhile).await];
        judge(&shop, &guest, ended).await;
    }
    shop.world.stop().await;
}

/// Nothing is known of the guest any more, nor what they wanted to be called.
async fn is_gone(shop: &Shop, guest: &Guest) {
    for id in guest.ids() {
        let customer = shop.deps.customers.find(id).await.unwrap().unwrap();
        assert!(customer.is_erased(), "{customer:?}");
        assert!(customer.rights.corrections.is_empty() && customer.former_numbers.is_empty());
        assert_eq!(shop.habits.find(id).await.unwrap(), None);
    }
    assert!(!shop.answer(&guest.rated).await.has_words());
    assert!(shop.kin.read(&guest.hash).await.unwrap().members.is_empty());
}

async fn correction_ends(shop: &Shop, correction: &Request) {
    let ended = (correction.state, correction.refusal);
    let known = [(State::Done, None), (State::Refused, Some(Refusal::NothingKnown))];
    assert!(known.contains(&ended), "{ended:?}");
    assert!(
        shop.deps
            .requests
            .correction(&correction.id)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_held_anywhere_is_not_undone_by_a_correction() {
    at_every_call([Kind::Erasure, Kind::Correction], async |shop, guest, ended| {
        let [erasure, correction] = ended;
        assert_eq!(erasure.state, State::Done);
        correction_ends(shop, &correction).await;
        is_gone(shop, guest).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_held_anywhere_brings_nobody_back_who_is_erased_meanwhile() {
    at_every_call([Kind::Correction, Kind::Erasure], async |shop, guest, ended| {
        let [correction, erasure] = ended;
        assert_eq!(erasure.state, State::Done);
        correction_ends(shop, &correction).await;
        is_gone(shop, guest).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_and_a_restriction_at_once_both_hold() {
    for kinds in [
        [Kind::Erasure, Kind::Restriction],
        [Kind::Restriction, Kind::Erasure],
    ] {
        at_every_call(kinds, async |shop, guest, ended| {
            assert_eq!(ended.map(|request| request.state), [State::Done; 2]);
            is_gone(shop, guest).await;
            // Of the id that asked for it: after the erasure nothing says any more that the other one is theirs too.
            let asked = match kinds {
                [Kind::Restriction, _] => &guest.native,
                _ => &guest.by_phone,
            };
            let rights = shop.deps.people.rights_of(std::slice::from_ref(asked)).await;
            let rights = rights.unwrap().remove(asked).unwrap();
            assert!(rights.restricted_ms.is_some(), "{kinds:?}");
        })
        .await;
    }
}
