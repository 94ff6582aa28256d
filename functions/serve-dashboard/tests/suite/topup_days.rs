//! A partner's day as the shop sees it: the same figures and orders that the partner gets.

use crate::support::topups::{
    MASKED, NUMBER, PARTNER, catalogue, delivered, failed, handed_over, noted, sent, shop, told, waiting,
};
use crate::support::{Answer, NOON_MS};
use domain::topup::partner::Partner;

const DAY: &str = "/dashboard/topups/partners/kios-1";

/// The ids that a page lists.
fn listed(answer: &Answer, refids: &[&str]) -> Vec<bool> {
    let main = answer.is(200).main();
    refids.iter().map(|refid| main.contains(refid)).collect()
}

/// A figure of the day: its label, how many orders, and what they come to.
fn figure(label: &str, orders: u8, rupiah: &str) -> String {
    format!("<dt>{label}</dt><dd>{orders} · Rp\u{a0}{rupiah}</dd>")
}

#[tokio::test]
async fn a_day_shows_what_the_orders_came_to_and_each_of_them() {
    let shop = shop().await;
    let done = delivered(&shop, 0).await;
    let lost = [failed(&shop, 1).await, failed(&shop, 2).await];
    let open = [sent(&shop, 3).await, sent(&shop, 4).await, sent(&shop, 5).await];
    let page = shop.get("viewer", DAY).await;
    told(
        &page,
        &[
            "Kios &#60;b&#62;Satu&#60;/b&#62;",
            ">28 Okt 2025<",
            &figure("Diterima", 6, "69.000"),
            &figure("Berhasil", 1, "11.500"),
            &figure("Gagal", 2, "23.000"),
            &figure("Ternyata gagal", 0, "0"),
            &figure("Belum selesai", 3, "34.500"),
            "Sementara",
            MASKED,
            "nota-0",
        ],
    );
    for refid in [&done].into_iter().chain(&lost).chain(&open) {
        assert_eq!(listed(&page, &[refid]), [true], "{refid}");
    }
    assert!(!page.main().contains(NUMBER));
    told(&shop.get("approver", DAY).await, &[NUMBER]);
    let this_day = format!("{DAY}?date=2025-10-28");
    let order = shop.get("viewer", &format!("/dashboard/topups/{done}")).await;
    told(&order, &[&this_day]);
    let all = shop.get("viewer", "/dashboard/topups").await;
    told(&all, &[&this_day, &figure("Belum selesai", 3, "34.500")]);
    let before = shop.get("viewer", &format!("{DAY}?date=2025-10-27")).await;
    told(&before, &["Tidak ada pesanan", &figure("Diterima", 0, "0")]);
    assert!(!before.main().contains("Sementara"));
}

#[tokio::test]
async fn a_page_begins_where_the_one_before_ended() {
    let shop = shop().await;
    let mut orders = vec![delivered(&shop, 0).await];
    orders.extend(waiting(&shop, 104).await);
    let first = shop.get("viewer", &format!("{DAY}?format=json")).await;
    let next = first.is(200).json["next"].as_str().unwrap().to_owned();
    let rest = shop
        .get("viewer", &format!("{DAY}?format=json&after={next}"))
        .await;
    let items = [&first, &rest].map(|page| page.is(200).json["items"].as_array().unwrap().clone());
    assert_eq!(items.each_ref().map(Vec::len), [100, 5]);
    let mut shown: Vec<String> = items
        .concat()
        .iter()
        .map(|item| item["refid"].as_str().unwrap().to_owned())
        .collect();
    shown.sort();
    orders.sort();
    assert_eq!(shown, orders);
    // A part says so in its name.
    for (query, name) in [
        ("", "isi-ulang-kios-1-2025-10-28-bagian"),
        ("&state=new", "isi-ulang-kios-1-2025-10-28-new-bagian"),
        ("&state=success", "isi-ulang-kios-1-2025-10-28-success"),
    ] {
        let csv = shop.get("viewer", &format!("{DAY}?format=csv{query}")).await;
        let disposition = csv.is(200).headers["content-disposition"].to_str().unwrap();
        assert!(disposition.contains(&format!("\"{name}.csv\"")), "{disposition}");
    }
    // A position of another day shows nothing of it.
    let other = shop
        .get("viewer", &format!("{DAY}?date=2025-10-27&after={next}"))
        .await;
    told(&other, &["Tidak ada pesanan"]);
}

#[tokio::test]
async fn a_number_in_the_partners_reference_is_shown_to_those_who_decide() {
    let shop = shop().await;
    let refid = noted(&shop, &format!("nota 17, {NUMBER}")).await;
    for query in ["", "?format=json", "?format=csv"] {
        let viewer = shop.get("viewer", &format!("{DAY}{query}")).await;
        assert!(viewer.is(200).text.contains(&refid), "{query}");
        assert!(
            viewer.text.contains("nota 17, ****7890") && !viewer.text.contains(NUMBER),
            "{}",
            viewer.text
        );
        let approver = shop.get("approver", &format!("{DAY}{query}")).await;
        assert!(
            approver.is(200).text.contains(&format!("nota 17, {NUMBER}")),
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_state_leaves_out_all_others() {
    let shop = shop().await;
    let (done, waits) = (delivered(&shop, 0).await, handed_over(&shop, 1).await);
    for (state, expected) in [
        ("success", [true, false]),
        ("manual", [false, true]),
        ("failed", [false, false]),
        ("", [true, true]),
    ] {
        let page = shop.get("viewer", &format!("{DAY}?state={state}")).await;
        assert_eq!(listed(&page, &[&done, &waits]), expected, "{state}");
    }
}

#[tokio::test]
async fn a_day_can_be_downloaded() {
    let shop = shop().await;
    let refid = failed(&shop, 0).await;
    let csv = shop.get("viewer", &format!("{DAY}?format=csv")).await;
    let row = csv.is(200).text.lines().nth(1).unwrap().to_owned();
    assert!(row.starts_with(&format!("{refid},nota-0,2025-10-28T")), "{row}");
    assert!(row.contains(MASKED) && row.contains(",11500,"), "{row}");
    assert!(row.ends_with(",gagal,NOT_PROCESSABLE"), "{row}");
    let json = shop.get("viewer", &format!("{DAY}?format=json")).await;
    let json = &json.is(200).json;
    assert_eq!(
        (&json["date"], &json["partner"]),
        (&"2025-10-28".into(), &PARTNER.into())
    );
    assert_eq!(json["failed"]["rupiah"], 11_500);
    assert_eq!(
        (&json["taken"]["orders"], &json["open"]["orders"]),
        (&1.into(), &0.into())
    );
    assert_eq!(json["items"][0]["refid"], *refid);
    assert_eq!(json["items"][0]["destination"], MASKED);
}

#[tokio::test]
async fn what_is_no_partner_no_date_and_no_state_is_refused() {
    let shop = shop().await;
    let other = Partner {
        id: "kios-2".to_owned(),
        version: 0,
        ..catalogue(&shop).partner(PARTNER).await.unwrap().unwrap()
    };
    catalogue(&shop)
        .put_partner(&other, "test", NOON_MS)
        .await
        .unwrap();
    let refid = sent(&shop, 0).await;
    let others = shop.get("viewer", "/dashboard/topups/partners/kios-2").await;
    assert_eq!(listed(&others, &[&refid]), [false]);
    for strange in ["kios-3", "KIOS", "%23", "kios%2F1"] {
        shop.get("viewer", &format!("/dashboard/topups/partners/{strange}"))
            .await
            .refused_kindly(404, "TOPUP_PARTNER_UNKNOWN");
    }
    for query in ["date=kemarin", "state=x", "after=x", "after=eA"] {
        shop.get("viewer", &format!("{DAY}?{query}"))
            .await
            .refused_kindly(400, "PARAMETER_INVALID");
    }
}
