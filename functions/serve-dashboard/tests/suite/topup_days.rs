//! A partner's day as the shop sees it: the same figures and orders that the partner gets.

use crate::support::topups::{
    self, MASKED, NUMBER, PARTNER, catalogue, delivered, failed, handed_over, sent,
};
use crate::support::{Answer, Shop};
use domain::topup::partner::Partner;

const DAY: &str = "/dashboard/topups/partners/kios-1";

async fn shop() -> Shop {
    let shop = Shop::start().await;
    topups::open(&shop).await;
    shop
}

#[track_caller]
fn told(answer: &Answer, words: &[&str]) {
    let main = answer.is(200).main();
    for word in words {
        assert!(main.contains(word), "{word}: {main}");
    }
}

/// The ids that a page lists.
fn listed(answer: &Answer, refids: &[&str]) -> Vec<bool> {
    let main = answer.is(200).main();
    refids.iter().map(|refid| main.contains(refid)).collect()
}

#[tokio::test]
async fn a_day_shows_what_the_orders_came_to_and_each_of_them() {
    let shop = shop().await;
    let (done, lost, open) = (
        delivered(&shop, 0).await,
        failed(&shop, 1).await,
        sent(&shop, 2).await,
    );
    let page = shop.get("viewer", DAY).await;
    told(
        &page,
        &[
            "Kios &#60;b&#62;Satu&#60;/b&#62;",
            ">28 Okt 2025<",
            "3 · Rp\u{a0}34.500",
            "1 · Rp\u{a0}11.500",
            "0 · Rp\u{a0}0",
            "Sementara",
            MASKED,
            "nota-0",
        ],
    );
    assert_eq!(listed(&page, &[&done, &lost, &open]), [true; 3]);
    assert!(!page.main().contains(NUMBER));
    told(&shop.get("approver", DAY).await, &[NUMBER]);
    let order = shop.get("viewer", &format!("/dashboard/topups/{done}")).await;
    told(&order, &[&format!("{DAY}?date=2025-10-28")]);
    told(
        &shop.get("viewer", "/dashboard/topups").await,
        &[&format!("href=\"{DAY}\"")],
    );
    let before = shop.get("viewer", &format!("{DAY}?date=2025-10-27")).await;
    told(&before, &["Tidak ada pesanan", "0 · Rp\u{a0}0"]);
    assert!(!before.main().contains("Sementara"));
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
    assert!(row.ends_with(",failed,NOT_PROCESSABLE"), "{row}");
    let json = shop.get("viewer", &format!("{DAY}?format=json")).await;
    let json = &json.is(200).json;
    assert_eq!(
        (&json["date"], &json["partner"]),
        (&"2025-10-28".into(), &PARTNER.into())
    );
    assert_eq!(json["totals"]["failed"]["rupiah"], 11_500);
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
        .put_partner(&other, "test", crate::support::NOON_MS)
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
