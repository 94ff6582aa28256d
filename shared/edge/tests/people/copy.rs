//! A person's copy.

use domain::customer::OutletDay;
use domain::feedback::consent;
use domain::rights::{Kind, Request};
use domain::when::BusinessDate;
use edge::people::{Copy, CopyDay, PeopleError};
use serde_json::{Value, json};

use crate::shop::{ACTOR, NOW_MS, Shop, day, place, receipt, said};

const ID: &str = "OYAKO_A";

/// Every part of the copy.
async fn copies(shop: &Shop, ids: &[&str]) -> Vec<Copy> {
    let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    let (mut parts, mut after) = (Vec::new(), None::<String>);
    loop {
        let part = shop.people.copy(&ids, after.as_deref(), ACTOR, NOW_MS).await;
        let part = part.unwrap();
        after = part.next.clone();
        parts.push(part);
        if after.is_none() {
            return parts;
        }
    }
}

fn days(parts: &[Copy]) -> Vec<&CopyDay> {
    parts.iter().flat_map(|part| &part.days).collect()
}

/// A guest who bought twice, said something of one receipt and revised it, and asked for something.
async fn shop() -> (Shop, OutletDay) {
    let shop = Shop::open().await;
    let today = day("moka-1", "2025-10-28");
    let visited = [today.clone(), day("moka-2", "2025-10-27")];
    shop.customer(ID, ("Rina", "+6281298765432"), &visited).await;
    let mine = receipt(ID, "N1", "Soto", 2);
    let other = receipt("OYAKO_B", "N2", "Rawon", 1);
    shop.sell(&today, &[("a", mine), ("b", other)]).await;
    let mut told = said(NOW_MS - 3_600_000, 2, Some("=HYPERLINK(\"x\")"));
    told.consent = Some(consent::given("id"));
    shop.say(&place(&today, "a"), None, told).await;
    shop.say(&place(&today, "a"), None, said(NOW_MS - 1_000, 3, None))
        .await;
    shop.say(
        &place(&today, "b"),
        Some("OYAKO_B"),
        said(1_000, 5, Some("Bukan saya")),
    )
    .await;
    // A correction took its receipt away; what the guest said stays theirs.
    shop.say(&place(&today, "gone"), Some(ID), said(2_000, 4, Some("Enak")))
        .await;
    let id = "req_x".to_owned();
    let request = Request::receive(id, Kind::Access, [ID.to_owned()], None, (ACTOR, NOW_MS - 1));
    let requests = aws::requests::Requests::new(&shop.world.clients);
    requests.receive(&request.unwrap(), None, ACTOR).await.unwrap();
    (shop, today)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_holds_all_that_is_known_of_a_person_and_nothing_of_others() {
    let (shop, _) = shop().await;
    let parts = copies(&shop, &[ID]).await;
    let document = serde_json::to_value(&parts[0]).unwrap();
    assert_eq!((parts.len(), &document["next"]), (1, &Value::Null));
    assert_eq!(document["schema"], "sikp.person.copy/1");
    let about = &document["about"];
    assert_eq!(about["customers"][0]["phone"]["value"], "+6281298765432");
    assert_eq!(
        about["customers"][0]["phone"]["told_at"],
        "1970-01-01T00:00:01.000Z"
    );
    assert_eq!(about["portrait"]["visits"], 2);
    assert_eq!(about["requests"][0]["id"], "req_x");
    assert_eq!(about["requests"][0]["due_at"], "2026-11-26T04:59:59.999Z");
    let dates: Vec<_> = days(&parts).iter().map(|day| day.date.clone()).collect();
    assert_eq!(dates, ["2025-10-27", "2025-10-28"]);
    let day = &document["days"][1];
    assert_eq!(day["receipts"].as_array().unwrap().len(), 1);
    let dishes = json!({
        "name": "Soto", "variant": "Pedas", "modifiers": [], "quantity": "1", "net": "10000", "voided": false,
    });
    assert_eq!(day["receipts"][0]["dishes"], json!([dishes, dishes]));
    assert_eq!(day["receipts"][0]["method"], "QRIS");
    let tellings = &day["answers"][0]["tellings"];
    assert_eq!(tellings.as_array().unwrap().len(), 2);
    assert_eq!(tellings[0]["comment"], "=HYPERLINK(\"x\")");
    let given = consent::given("id");
    assert_eq!(tellings[0]["consent"]["wording"], json!(given.wording));
    assert_eq!(tellings[0]["consent"]["given"], true);
    assert_eq!(tellings[1]["overall"], 3);
    assert_eq!(day["answers"][1]["tellings"][0]["comment"], "Enak");
    let text = document.to_string();
    for others in ["OYAKO_B", "Bukan saya", "Rawon"] {
        assert!(!text.contains(others), "{others}");
    }
    let copied = (
        "person.copied".to_owned(),
        ID.to_owned(),
        json!({ "customers": [ID], "first": true, "last": true, "from": "2025-10-27", "to": "2025-10-28" }),
    );
    assert!(shop.trail().await.contains(&copied));
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_holds_the_same_facts_and_no_formula() {
    let (shop, _) = shop().await;
    let parts = copies(&shop, &[ID]).await;
    let table = String::from_utf8(parts[0].csv().unwrap()).unwrap();
    let mut lines = table.lines();
    assert_eq!(
        lines.next(),
        Some("\u{feff}what,customer,outlet,date,at,about,name,quantity,value")
    );
    let table: Vec<&str> = lines.collect();
    let wanted = [
        "profile,OYAKO_A,,,1970-01-01T00:00:01.000Z,,phone,,'+6281298765432",
        "portrait,,,,,,visits,,2",
        "request,,,,2026-11-23T04:59:59.999Z,req_x,access,,received",
        "visit,OYAKO_A,moka-2,2025-10-27,,,,1,10000",
        "dish,OYAKO_A,moka-1,2025-10-28,2025-10-28T05:00:00.000Z,moka-1_20251028_a,Soto / Pedas,1,10000",
        "comment,OYAKO_A,moka-1,2025-10-28,2026-11-23T04:00:00.000Z,moka-1_20251028_a,guest,,\"'=HYPERLINK(\"\"x\"\")\"",
        "rating,OYAKO_A,moka-1,2025-10-28,2026-11-23T04:59:59.000Z,moka-1_20251028_a,overall,,3",
    ];
    for line in wanted {
        assert!(table.contains(&line), "{line}\n{table:#?}");
    }
    let consents = table.iter().filter(|line| line.starts_with("consent,"));
    let wording = consent::wording("id").split(',').next().unwrap();
    assert!(consents.clone().count() == 1 && consents.clone().all(|line| line.contains(wording)));
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_came_two_thousand_times_gets_every_day_once() {
    let shop = Shop::open().await;
    let first = BusinessDate::from_days(18_000).unwrap();
    let visited: Vec<OutletDay> = (0..2_000)
        .map(|number| ("moka-1".to_owned(), first.add_days(number).unwrap()))
        .collect();
    shop.customer(ID, ("Rina", ""), &visited).await;
    shop.customer("OYAKO_B", ("Rina", ""), &visited[1_999..]).await;
    shop.sell(&visited[777], &[("a", receipt(ID, "N1", "Soto", 1))])
        .await;
    let parts = copies(&shop, &[ID, "OYAKO_B"]).await;
    let sizes: Vec<usize> = parts.iter().map(|part| part.days.len()).collect();
    assert_eq!(sizes, [366, 366, 366, 366, 366, 171]);
    let days = days(&parts);
    let mut dates: Vec<String> = visited.iter().map(|(_, date)| date.to_string()).collect();
    dates.push(dates[1_999].clone());
    let copied: Vec<String> = days.iter().map(|day| day.date.clone()).collect();
    assert_eq!(copied, dates);
    let with_receipts: Vec<_> = days.iter().filter(|day| !day.receipts.is_empty()).collect();
    assert_eq!(with_receipts.len(), 1);
    assert_eq!(with_receipts[0].date, dates[777]);
    let told: Vec<bool> = parts.iter().map(|part| part.about.is_some()).collect();
    assert_eq!(told, [true, false, false, false, false, false]);
    // Each part is on record, with which one it was.
    let mut records: Vec<Value> = shop.trail().await.into_iter().map(|(.., facts)| facts).collect();
    records.sort_by_key(|facts| facts["from"].to_string());
    let part = |facts: &Value| (facts["first"] == true, facts["last"] == true);
    let told: Vec<(bool, bool)> = records.iter().map(part).collect();
    let between = (false, false);
    assert_eq!(
        told,
        [(true, false), between, between, between, between, (false, true)]
    );
    assert_eq!(records[1]["from"], dates[366]);
    assert_eq!(records[1]["to"], dates[731]);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_is_asked_for_alone_is_on_record_like_any_other() {
    let (shop, _) = shop().await;
    // A place that no part named, but of the right form.
    let before_all = edge::cursor::encode("[\"2000-01-01\",\"\",\"\"]");
    let part = shop
        .people
        .copy(&[ID.to_owned()], Some(&before_all), ACTOR, NOW_MS)
        .await
        .unwrap();
    assert!(part.about.is_none() && part.days.len() == 2);
    let copied = (
        "person.copied".to_owned(),
        ID.to_owned(),
        json!({ "customers": [ID], "first": false, "last": true, "from": "2025-10-27", "to": "2025-10-28" }),
    );
    assert!(shop.trail().await.contains(&copied));
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_ends_before_it_is_too_large_for_an_answer() {
    let shop = Shop::open().await;
    let visited: Vec<OutletDay> = (10..20)
        .map(|date| day("moka-1", &format!("2025-10-{date}")))
        .collect();
    shop.customer(ID, ("Rina", ""), &visited).await;
    for day in &visited {
        shop.sell(day, &[("a", receipt(ID, "N1", &"Soto ".repeat(20), 2_000))])
            .await;
    }
    let parts = copies(&shop, &[ID]).await;
    assert!(parts.len() > 1);
    for part in &parts {
        let size = serde_json::to_vec(part).unwrap().len();
        assert!(size < 4 << 20, "{size}");
    }
    let copied: Vec<String> = days(&parts).iter().map(|day| day.date.clone()).collect();
    let wanted: Vec<String> = visited.iter().map(|(_, date)| date.to_string()).collect();
    assert_eq!(copied, wanted);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_no_part_named_is_refused() {
    let shop = Shop::open().await;
    shop.customer(ID, ("Rina", ""), &[]).await;
    let refused = shop.people.copy(&[ID.to_owned()], Some("x"), ACTOR, NOW_MS).await;
    assert!(matches!(refused, Err(PeopleError::NoPlace)), "{refused:?}");
    shop.world.stop().await;
}
