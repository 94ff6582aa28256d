//! Settings of a shop put back from what a night wrote down, and a night begun by hand: the whole set, asked as a
//! person asks it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/shop.rs"]
mod shop;

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shop::Shop;

const DATE: &str = "2026-10-05";
const DAY: &str = "s3/exports/config/2026-10-05.json";
const OUTLET: &str = "/v1/outlets/moka-100818";
const LONGEST_NIGHT: Duration = Duration::from_secs(300);

fn described(name: &str) -> Value {
    json!({
        "name": name, "zone": "Asia/Jakarta", "cutoff_hour": 0, "placeholder_phones": [],
        "low_score": 1, "link_days": 60, "moka_id": "100818",
    })
}

/// The mail about the night, if it was sent.
fn report(data: &Path) -> Option<Value> {
    let files = std::fs::read_dir(data.join("mail")).ok()?;
    let mut mails = files.filter_map(|file| {
        let bytes = std::fs::read(file.ok()?.path()).ok()?;
        serde_json::from_slice::<Value>(&bytes).ok()
    });
    mails.find(|mail| {
        let subject = mail["subject"].as_str().unwrap_or_default();
        subject.starts_with("Laporan malam 5 Oktober 2026")
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_by_hand_fetches_reports_and_writes_the_settings_down_which_go_back_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::start(&folder.path().join("data")).await;
    assert_eq!(shop.put(OUTLET, &described("Menteng")).await, 200);
    let sales = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/moka-2025-10-26.json");
    let lies = shop.data.join("central").join(DATE);
    std::fs::create_dir_all(&lies).unwrap();
    std::fs::copy(sales, lies.join("sore.json")).unwrap();

    // Begun again and again it is one night, which goes on where it is.
    let end = Instant::now() + LONGEST_NIGHT;
    let report = loop {
        let (begun, said) = shop.ask(&["night", DATE]);
        assert!(begun && said.contains("2026-10-05T16:00:00Z"), "{said}");
        if let Some(report) = report(&shop.data) {
            break report;
        }
        assert!(
            Instant::now() < end,
            "no mail about the night after five minutes: {said}"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert!(!report["text"].as_str().unwrap().is_empty());
    let (status, day) = shop.get(&format!("{OUTLET}/days/2025-10-26")).await;
    assert_eq!(status, 200, "what lay there was fetched and read: {day}");

    let document: Value = serde_json::from_slice(&std::fs::read(shop.data.join(DAY)).unwrap()).unwrap();
    assert_eq!(document["schema"], "oyako.setup/1");
    assert_eq!(shop.put(OUTLET, &described("Salah Ketik")).await, 200);
    let (done, said) = shop.ask(&["restore-config", DATE]);
    assert!(done, "{said}");
    assert!(said.contains("name: \"Salah Ketik\" -> \"Menteng\""), "{said}");
    assert!(said.contains("API key \"local\""), "{said}");
    let (_, outlet) = shop.get(OUTLET).await;
    assert_eq!(
        (&outlet["name"], &outlet["moka_id"]),
        (&json!("Menteng"), &json!("100818"))
    );
    let (done, said) = shop.ask(&["restore-config", DATE]);
    assert!(done && said.contains("nothing to put back"), "{said}");
    let (done, _) = shop.ask(&["restore-config", "2026-10-04"]);
    assert!(!done, "no night wrote anything down then");
    shop.kill();
}
