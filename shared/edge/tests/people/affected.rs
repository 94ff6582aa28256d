//! The people that a breach concerns.

use edge::people::{AffectedPage, PeopleError, Window};
use serde_json::json;

use crate::shop::{ACTOR, NOW_MS, Shop, date, day};

/// The whole list.
async fn list(shop: &Shop, window: &Window) -> (Vec<(String, u64)>, String) {
    let (mut people, mut csv, mut after) = (Vec::new(), String::new(), None::<String>);
    loop {
        let page: AffectedPage = shop
            .people
            .affected(window, after.as_deref(), ACTOR, NOW_MS)
            .await
            .unwrap();
        csv.push_str(&String::from_utf8(page.csv().unwrap()).unwrap());
        people.extend(page.people.into_iter().map(|one| (one.customer, one.visits)));
        after = page.next;
        if after.is_none() {
            people.sort();
            return (people, csv);
        }
    }
}

fn window(from: &str, to: &str, outlet: Option<&str>) -> Window {
    Window {
        from: date(from),
        to: date(to),
        outlet: outlet.map(str::to_owned),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_breach_concerns_is_told_by_when_and_where_they_bought() {
    let shop = Shop::open().await;
    let days = [
        day("moka-1", "2025-10-27"),
        day("moka-1", "2025-10-28"),
        day("moka-2", "2025-10-30"),
    ];
    shop.customer("OYAKO_A", ("=Rina", "+6281298765432"), &days).await;
    shop.customer("OYAKO_B", ("Budi", ""), &days[2..]).await;
    shop.customer("OYAKO_C", ("Dewi", ""), &[]).await;
    shop.customer("OYAKO_D", ("Sari", ""), &days[..1]).await;
    let mut erased = shop.stored("OYAKO_D").await;
    erased.customer.erase(NOW_MS);
    shop.write("OYAKO_D", erased).await;
    let table: [(Window, &[(&str, u64)]); 7] = [
        (
            window("2025-10-27", "2025-10-30", None),
            &[("OYAKO_A", 3), ("OYAKO_B", 1)],
        ),
        (window("2025-10-28", "2025-10-28", None), &[("OYAKO_A", 1)]),
        (
            window("2025-10-01", "2025-11-30", Some("moka-2")),
            &[("OYAKO_A", 1), ("OYAKO_B", 1)],
        ),
        (window("2025-11-01", "2025-11-30", None), &[]),
        // Their names were told then, without a sale; no telling says where.
        (
            window("1970-01-01", "1970-01-01", None),
            &[("OYAKO_A", 0), ("OYAKO_B", 0), ("OYAKO_C", 0)],
        ),
        // East of Greenwich it was the second of January before it was in Greenwich.
        (
            window("1970-01-02", "1970-01-02", None),
            &[("OYAKO_A", 0), ("OYAKO_B", 0), ("OYAKO_C", 0)],
        ),
        (window("1970-01-03", "1970-01-03", None), &[]),
    ];
    for (window, wanted) in table {
        let wanted: Vec<(String, u64)> = wanted
            .iter()
            .map(|(id, visits)| ((*id).to_owned(), *visits))
            .collect();
        assert_eq!(list(&shop, &window).await.0, wanted, "{window:?}");
    }
    let told_there = list(&shop, &window("1970-01-01", "1970-01-01", Some("moka-1"))).await;
    assert_eq!(told_there.0, []);
    let (_, csv) = list(&shop, &window("2025-10-28", "2025-10-28", None)).await;
    let wanted = "\u{feff}customer,name,phone,email,visits,last_visit,problem\r\n\
                  OYAKO_A,'=Rina,'+6281298765432,,1,2025-10-28,\r\n";
    assert_eq!(csv, wanted);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_comes_in_parts_each_person_once_and_each_part_on_record() {
    let shop = Shop::open().await;
    let day = day("moka-1", "2025-10-28");
    let count = 2_100_u64;
    let mut customers = Vec::new();
    for number in 0..count {
        let mut stored = aws::customers::StoredCustomer::default();
        let visit = domain::customer::Visit {
            page_version: 1,
            visits: 1,
            total: domain::money::Money::ZERO,
        };
        stored.customer.set_day(&day, visit);
        customers.push((format!("OYAKO_{number:04}"), stored));
    }
    assert!(shop.customers.write(&customers).await.unwrap().is_empty());
    let window = window("2025-10-28", "2025-10-28", None);
    let (people, csv) = list(&shop, &window).await;
    assert_eq!(u64::try_from(people.len()).unwrap(), count);
    assert!(people.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert_eq!(csv.matches("customer,name").count(), 1);
    assert_eq!(u64::try_from(csv.lines().count()).unwrap(), count + 1);
    let trail = shop.trail().await;
    let listed = trail
        .iter()
        .filter(|(action, ..)| action == "people.affected_listed");
    let facts: Vec<_> = listed.map(|(_, _, facts)| facts).collect();
    assert_eq!(facts.len(), 2);
    let sum: u64 = facts.iter().map(|facts| facts["people"].as_u64().unwrap()).sum();
    assert_eq!(sum, count);
    assert!(facts.iter().all(|facts| facts["from"] == json!("2025-10-28")));
    let refused = shop.people.affected(&window, Some("*"), ACTOR, NOW_MS).await;
    assert!(matches!(refused, Err(PeopleError::NoPlace)), "{refused:?}");
    shop.world.stop().await;
}
