//! Tables that are made anew mean what they meant.

use crate::support::Shop;
use crate::support::files::{DATE, bought_by, page, payment};
use aws::whole::Kind;
use domain::fingerprint::of_table;
use rebuild::Comparison;
use testkit::faults::Plan;

#[tokio::test(flavor = "multi_thread")]
async fn tables_made_anew_mean_the_same_and_nothing_else_is_written_but_one_record() {
    let shop = Shop::open().await;
    shop.tell_its_story().await;
    let before = shop.fingerprint().await;
    for kind in [
        "sales.pages",
        "sales.summaries",
        "customers",
        "feedback.answers",
        "feedback.figures",
    ] {
        assert!(before.0[kind].count >= 3, "{kind}: {before:?}");
    }
    for (kind, count) in [
        ("operations.exports", 8),
        ("operations.refused", 5),
        ("customers.habits", 1),
        ("customers.books", 1),
        ("customers.corrections", 1),
        ("operations.api-keys", 1),
        ("feedback.cases", 1),
        ("feedback.case-places", 1),
        ("duties.nights", 1),
        ("duties.parts", 1),
        ("duties.findings", 1),
        ("duties.requests", 1),
        ("unknown", 0),
    ] {
        assert_eq!(before.0[kind].count, count, "{kind}: {before:?}");
    }
    let mut kinds: Vec<&str> = Kind::all().map(Kind::name).collect();
    kinds.sort_unstable();
    assert_eq!(before.0.keys().collect::<Vec<_>>(), kinds, "every kind is told");
    let (audited, mails) = (shop.audited().await, shop.mails().await);
    shop.rebuild_the_same().await;
    assert_eq!(shop.changed_since(&before).await, ["operations.audit"]);
    assert_eq!((shop.audited().await, shop.rebuilds().await), (audited + 1, 1));
    assert_eq!(shop.mails().await, mails);
    // And once more: the first one has left nothing behind that a second one falls over.
    shop.rebuild_the_same().await;
    assert_eq!(shop.changed_since(&before).await, ["operations.audit"]);
    assert_eq!(shop.rebuilds().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sample_comes_out_the_same() {
    let shop = Shop::open().await;
    let folder = testkit::world::repository().join("samples");
    let mut files = 0;
    for file in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = file.file_name().into_string().unwrap();
        if name.contains(".json") || name.contains(".ndjson") {
            shop.take(
                &format!("incoming/samples/{name}"),
                std::fs::read(file.path()).unwrap(),
            )
            .await;
            files += 1;
        }
    }
    assert!(files >= 10);
    shop.score().await;
    shop.score().await;
    let before = shop.fingerprint().await;
    shop.rebuild_the_same().await;
    assert_eq!(shop.changed_since(&before).await, ["operations.audit"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_asked_for_stands_against_every_export() {
    let shop = Shop::open().await;
    shop.tell_its_story().await;
    shop.rebuild_the_same().await;
    let person = |id: &'static str| async { shop.ingest.customers.find(id).await.unwrap().unwrap() };
    let erased = person("OYAKO_MOKA_1").await;
    assert!(erased.profile.is_empty() && erased.rights.erased_ms.is_some());
    assert_eq!(
        (erased.visits(), erased.total().unwrap().to_string()),
        (1, "12000".to_owned())
    );
    let corrected = person("OYAKO_MOKA_2").await;
    assert_eq!(corrected.profile.name.unwrap().value, "Tamu Dua");
    assert!(
        corrected.profile.phone.is_some(),
        "what was not corrected is told again"
    );
    assert!(person("OYAKO_MOKA_3").await.rights.restricted_ms.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_tables_are_mended_and_the_difference_is_told() {
    let shop = Shop::open().await;
    shop.tell_its_story().await;
    let whole = shop.fingerprint().await;
    // A receipt is lost, a summary and a name are wrong.
    let day = ("moka-1".to_owned(), DATE.parse().unwrap());
    let mut page = shop.tools.sales.read_page(&day).await.unwrap().unwrap();
    page.receipts.pop_first().unwrap();
    shop.tools.sales.write_page(&day, &page).await.unwrap();
    shop.tools.sales.forget_summary(&day).await.unwrap();
    shop.change("OYAKO_MOKA_3", |person| {
        person.profile.name.as_mut().unwrap().value.push('!')
    })
    .await;
    let report = shop.rebuild(&shop.tools).await.unwrap();
    let damaged = ["customers", "sales.pages", "sales.summaries"]
        .map(str::to_owned)
        .to_vec();
    assert_eq!(report.comparison, Comparison::Different(damaged));
    assert_eq!(shop.changed_since(&whole).await, ["operations.audit"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_half_way_is_taken_and_stays() {
    let shop = Shop::open().await;
    shop.tell_its_story().await;
    // The call with which the first export is told again finds everything empty.
    let empty = of_table([]);
    let mut call = 0;
    loop {
        shop.world.faults.set(Plan::CrashBefore(call));
        assert!(
            shop.rebuild(&shop.faulty).await.is_err(),
            "nothing is empty before the end"
        );
        if shop.fingerprint().await.0["sales.pages"].hash == empty {
            break;
        }
        call += 1;
    }
    let key = "incoming/moka-1/late.json";
    shop.take(key, page(&[bought_by(payment(20, 7_000), 8)])).await;
    let report = shop.rebuild(&shop.tools).await.unwrap();
    assert!(
        matches!(report.comparison, Comparison::Different(_)),
        "it was received before the clock of this test"
    );
    let late = shop.ingest.customers.find("OYAKO_MOKA_8").await.unwrap().unwrap();
    assert_eq!(
        (late.visits(), late.total().unwrap().to_string()),
        (1, "7000".to_owned())
    );
    // With it, the tables are whole again.
    shop.rebuild_the_same().await;
}
