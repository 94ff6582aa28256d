//! One case for a receipt, one mail for each new or changed low rating.

use crate::support;
use crate::support::{DATE, NOON_MS, Shop, day, place, receipt, refunded, said};
use domain::case::CaseState;
use domain::feedback::Said;
use domain::mail::MailCause;
use domain::outlet::Outlet;
use domain::receipt_id::ReceiptId;
use serde_json::Value;

/// A shop with one receipt of a known guest.
async fn shop() -> (Shop, ReceiptId) {
    let shop = Shop::open().await;
    let today = day("moka-1", DATE);
    let sold = receipt(Some("OYAKO_MOKA_7"), &["Soto/Pedas", "Es Teh"]);
    let sale = shop.sell(&today, &[("a", sold)]).await;
    shop.deliver(&[sale]).await;
    (shop, place(&today, "a"))
}

async fn tell(shop: &Shop, place: &ReceiptId, said: &Said) -> Value {
    let record = shop.rate(place, said).await;
    shop.deliver(std::slice::from_ref(&record)).await;
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn a_low_rating_opens_a_case_and_one_mail_that_holds_no_words() {
    let (shop, place) = shop().await;
    let record = tell(
        &shop,
        &place,
        &said(1, 4, &[("Soto/Pedas", 2)], Some("asin sekali")),
    )
    .await;
    shop.deliver(&[record.clone(), record]).await;
    let case = shop.case(&place).await.unwrap();
    assert_eq!(
        (
            case.state,
            case.revision,
            case.customer.as_deref(),
            case.opened_ms
        ),
        (CaseState::Open, 1, Some("OYAKO_MOKA_7"), NOON_MS + 60_000)
    );
    assert_eq!(case.low, [(Some(support::key("Soto/Pedas")), 2)]);
    let mails = shop.mails(&place).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].id, case.mail_id());
    assert_eq!(mails[0].correlation.as_deref(), Some(case.id.as_str()));
    let stored = serde_json::to_string(&mails[0]).unwrap();
    assert!(
        !stored.contains("asin") && !stored.contains("OYAKO_MOKA_7"),
        "{stored}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_changed_low_rating_is_mailed_and_nothing_else_is() {
    let (shop, place) = shop().await;
    let steps = [
        (said(1, 3, &[], None), 0, "nothing is low"),
        (said(2, 2, &[], None), 1, "a low rating"),
        (said(3, 2, &[("Es Teh", 5)], None), 1, "something else was added"),
        (said(4, 1, &[], None), 2, "it became lower"),
        (said(5, 1, &[], Some("asin")), 3, "it was explained"),
        (said(6, 1, &[], None), 3, "the words were taken back"),
        (said(7, 5, &[], None), 3, "it is not low any more"),
        (said(8, 2, &[("Soto/Pedas", 1)], None), 4, "it is low again"),
    ];
    for (said, mails, what) in steps {
        tell(&shop, &place, &said).await;
        assert_eq!(shop.mails(&place).await.len(), mails, "{what}");
    }
    let mut revisions: Vec<u32> = Vec::new();
    for mail in shop.mails(&place).await {
        let MailCause::LowScore { revision, .. } = mail.cause else {
            panic!("a mail about something else")
        };
        revisions.push(revision);
    }
    revisions.sort_unstable();
    assert_eq!(revisions, [1, 2, 3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn erased_words_are_no_news() {
    let (shop, place) = shop().await;
    tell(&shop, &place, &said(1, 1, &[], Some("asin"))).await;
    let erased = shop.say(domain::feedback::Answer::without_words, &place).await;
    shop.deliver(&[erased]).await;
    assert_eq!(shop.mails(&place).await.len(), 1);
    assert_eq!(shop.day(&(place.outlet.clone(), place.date)).await.overall.n(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_low_rating_opens_a_resolved_case_again_and_keeps_its_notes() {
    let (shop, place) = shop().await;
    tell(&shop, &place, &said(1, 2, &[], None)).await;
    let case = shop.case(&place).await.unwrap();
    let resolved = case
        .move_to(CaseState::Resolved, "staff:sari", "sudah ditelepon", NOON_MS)
        .unwrap();
    let changed = shop.deps.cases.change(&case, &resolved, "staff:sari", NOON_MS);
    changed.await.unwrap();
    let again = shop.rate(&place, &said(2, 1, &[], None)).await;
    shop.deliver(&[again]).await;
    let renewed = shop.case(&place).await.unwrap();
    assert_eq!((renewed.state, renewed.revision), (CaseState::Open, 2));
    assert_eq!(renewed.notes, resolved.notes);
    assert_eq!(renewed.opened_ms, case.opened_ms);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_outlet_says_what_is_low() {
    let shop = Shop::open().await;
    // The outlet's threshold, a rating, and whether it is low.
    let table = [
        (None, 2, true),
        (None, 3, false),
        (Some(3), 3, true),
        (Some(1), 2, false),
        (Some(0), 1, false),
    ];
    for (number, (threshold, stars, is_low)) in (1..).zip(table) {
        let today = day(&format!("moka-{number}"), DATE);
        if threshold.is_some() {
            let outlet = Outlet {
                low_score: threshold,
                ..Outlet::undescribed(&today.0, Some("Pusat"), None)
            };
            shop.deps
                .outlets
                .describe(&outlet, NOON_MS, "key:test")
                .await
                .unwrap();
        }
        let place = place(&today, "a");
        shop.sell(&today, &[("a", receipt(None, &["Soto"]))]).await;
        tell(&shop, &place, &said(1, 5, &[("Soto", stars)], None)).await;
        assert_eq!(shop.case(&place).await.is_some(), is_low, "{threshold:?} {stars}");
        assert_eq!(shop.mails(&place).await.len(), usize::from(is_low));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rating_out_of_the_export_opens_a_case_as_well() {
    let (shop, place) = shop().await;
    let told = said(0, 5, &[("Es Teh", 1)], Some("basi"));
    let rated = shop.say(|known| known.with_pos(told.clone()), &place).await;
    shop.deliver(&[rated]).await;
    assert_eq!(shop.mails(&place).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rating_that_came_before_its_sale_opens_its_case_when_the_sale_is_there() {
    let shop = Shop::open().await;
    let today = day("moka-1", DATE);
    let place = place(&today, "a");
    let told = said(0, 1, &[("Soto", 1)], None);
    let early = shop.say(|known| known.with_pos(told.clone()), &place).await;
    shop.deliver(&[early]).await;
    assert_eq!(shop.case(&place).await, None);
    let sale = shop.sell(&today, &[("a", receipt(None, &["Soto"]))]).await;
    shop.deliver(&[sale]).await;
    // The mark that is taken off the answer is a change, which the stream tells.
    shop.deliver(&[support::answer_record(&shop.answer(&place).await)])
        .await;
    assert_eq!(shop.mails(&place).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_ratings_out_of_an_export_count_and_open_no_case_until_the_guest_speaks() {
    let shop = Shop::open().await;
    // It is noon on 28 October.
    for (date, is_case) in [("2025-10-14", true), ("2025-10-13", false), ("2024-10-28", false)] {
        let today = day("moka-1", date);
        let place = place(&today, "a");
        let sale = shop.sell(&today, &[("a", receipt(None, &["Soto"]))]).await;
        let told = said(0, 1, &[("Soto", 1)], Some("basi"));
        let rated = shop.say(|known| known.with_pos(told.clone()), &place).await;
        shop.deliver(&[sale, rated]).await;
        assert_eq!(shop.case(&place).await.is_some(), is_case, "{date}");
        assert_eq!(shop.mails(&place).await.len(), usize::from(is_case), "{date}");
        let found = shop.day(&today).await;
        assert_eq!(
            (found.overall.n(), found.comments, found.low),
            (1, 1, 1),
            "{date}"
        );
        assert_eq!(found.menus["Soto"].stars.n(), 1, "{date}");
    }
    // What the guest says later is news, and so is then what the export said.
    let place = place(&day("moka-1", "2025-10-13"), "a");
    tell(&shop, &place, &said(1, 4, &[], None)).await;
    let case = shop.case(&place).await.unwrap();
    assert_eq!(case.low, [(Some(support::key("Soto")), 1)]);
    assert_eq!(shop.mails(&place).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_that_was_given_back_opens_no_case() {
    let (shop, place) = shop().await;
    let today = (place.outlet.clone(), place.date);
    let back = refunded(receipt(None, &["Soto/Pedas"]));
    let record = shop.sell(&today, &[("a", back)]).await;
    let rated = shop.rate(&place, &said(1, 1, &[], None)).await;
    shop.deliver(&[rated, record]).await;
    assert_eq!(shop.case(&place).await, None);
    assert!(shop.mails(&place).await.is_empty());
}
