//! Who is found by what, and what they come to.

use aws::customers::StoredCustomer;
use domain::customer::id_from_phone;
use domain::kin::Standing;
use edge::people::{PeopleError, Sought};

use crate::shop::{Shop, date, day, place, receipt, rupiah};

const NUMBER: &str = "+6281298765432";

async fn found(shop: &Shop, sought: Sought) -> Vec<String> {
    shop.people.find(&sought).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_found_by_each_thing_that_names_them_and_by_nothing_else() {
    let shop = Shop::open().await;
    let today = day("moka-1", "2025-10-28");
    let by_pos = id_from_phone(None, NUMBER, &shop.key);
    let by_majoo = id_from_phone(Some("majoo"), NUMBER, &shop.key);
    let native = "OYAKO_MOKA_17";
    for id in [native, &by_pos, &by_majoo] {
        shop.customer(id, ("Rina", NUMBER), std::slice::from_ref(&today))
            .await;
    }
    shop.customer("OYAKO_MOKA_18", ("Budi", "+6281311112222"), &[])
        .await;
    let receipts = [
        ("a", receipt(native, "N7", "Soto", 1)),
        ("b", receipt("OYAKO_MOKA_18", "N8", "Soto", 1)),
        ("c", receipt("OYAKO_MOKA_404", "N9", "Soto", 1)),
    ];
    shop.sell(&today, &receipts).await;
    let printed = |number: &str| Sought::Printed {
        day: today.clone(),
        number: number.to_owned(),
    };
    let table: [(Sought, &[&str]); 9] = [
        (Sought::Customer(native.to_owned()), &[native]),
        (Sought::Customer("OYAKO_MOKA_404".to_owned()), &[]),
        (Sought::Receipt(place(&today, "a")), &[native]),
        (Sought::Receipt(place(&today, "z")), &[]),
        (Sought::Receipt(place(&day("moka-2", "2025-10-28"), "a")), &[]),
        (printed(" N8 "), &["OYAKO_MOKA_18"]),
        // A receipt of somebody who is not stored.
        (printed("N9"), &[]),
        (printed("N"), &[]),
        (Sought::Phone("+6281399998888".to_owned()), &[]),
    ];
    for (sought, ids) in table {
        assert_eq!(found(&shop, sought.clone()).await, ids, "{sought:?}");
    }
    let mut all = vec![by_pos.clone(), by_majoo.clone(), native.to_owned()];
    all.sort();
    let by_number = || Sought::Phone(NUMBER.to_owned());
    assert_eq!(found(&shop, by_number()).await, all);
    // Whoever a night has met there is found too, as long as the number is theirs.
    let hash = shop.key.short_hash(NUMBER);
    let mut book = shop.kin.read(&hash).await.unwrap();
    for id in [native, &by_pos, "OYAKO_MOKA_18"] {
        assert!(book.meet(id));
    }
    shop.kin.write(&hash, &book).await.unwrap();
    assert_eq!(found(&shop, by_number()).await, all);
    let mut restricted = shop.stored(native).await;
    (
        restricted.customer.rights.restricted_ms,
        restricted.customer.rights.objected_ms,
    ) = (Some(1), Some(1));
    shop.write(native, restricted).await;
    assert_eq!(found(&shop, by_number()).await, all, "whatever they asked for");
    let mut erased = shop.stored(native).await;
    assert!(erased.customer.erase(2_000));
    shop.write(native, erased).await;
    all.retain(|id| id != native);
    assert_eq!(found(&shop, by_number()).await, all);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_too_many_have_is_not_answered_with_some_of_them() {
    let shop = Shop::open().await;
    shop.customer("OYAKO_0", ("Rina", NUMBER), &[]).await;
    let rina = shop.stored("OYAKO_0").await.customer;
    let many = (1..=500).map(|n| {
        let customer = rina.clone();
        (format!("OYAKO_{n}"), StoredCustomer { customer, version: 0 })
    });
    let many: Vec<(String, StoredCustomer)> = many.collect();
    shop.customers.write(&many[1..]).await.unwrap();
    assert_eq!(found(&shop, Sought::Phone(NUMBER.to_owned())).await.len(), 500);
    shop.customers.write(&many[..1]).await.unwrap();
    let refused = shop.people.find(&Sought::Phone(NUMBER.to_owned())).await;
    assert!(matches!(refused, Err(PeopleError::TooMany)), "{refused:?}");
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_all_of_their_ids_together() {
    let shop = Shop::open().await;
    let (one, two) = (day("moka-1", "2025-10-27"), day("moka-1", "2025-10-28"));
    let (a, b, c) = ("OYAKO_A", "OYAKO_B", "OYAKO_C");
    shop.customer(a, ("Rina", NUMBER), &[one.clone(), two.clone()])
        .await;
    shop.customer(b, ("Rina S", NUMBER), std::slice::from_ref(&two))
        .await;
    shop.customer(c, ("Dewi", NUMBER), &[one]).await;
    let mut restricted = shop.stored(b).await;
    restricted.customer.rights.restricted_ms = Some(5);
    shop.write(b, restricted).await;
    let hash = shop.key.short_hash(NUMBER);
    let mut book = shop.kin.read(&hash).await.unwrap();
    for id in [a, b, c] {
        book.meet(id);
    }
    book.reunite(b, a, 1).unwrap();
    shop.kin.write(&hash, &book).await.unwrap();
    let person = shop.people.person(b, date("2025-10-29")).await.unwrap().unwrap();
    assert_eq!(
        (person.id.as_str(), person.ids()),
        (b, vec![a.to_owned(), b.to_owned()])
    );
    assert_eq!(
        (person.portrait.visits, person.portrait.spend),
        (3, Some(rupiah(30_000)))
    );
    // What was asked for under one id holds for the person.
    assert_eq!(person.portrait.class, None);
    assert_eq!(person.whole().rights.restricted_ms, Some(5));
    let total = person.whole().days[&two].total;
    assert_eq!(total, rupiah(20_000));
    assert!(matches!(person.standing, Some(Standing::Joined { .. })));
    assert_eq!(person.others.keys().collect::<Vec<_>>(), [c]);
    let with_kin = shop.people.with_kin(&[a.to_owned(), c.to_owned()]).await.unwrap();
    assert_eq!(with_kin, [a, b, c]);
    let alone = shop.people.person(c, date("2025-10-29")).await.unwrap().unwrap();
    assert_eq!((alone.ids(), alone.portrait.visits), (vec![c.to_owned()], 1));
    let nobody = shop.people.person("OYAKO_D", date("2025-10-29")).await.unwrap();
    assert!(nobody.is_none());
    shop.world.stop().await;
}
