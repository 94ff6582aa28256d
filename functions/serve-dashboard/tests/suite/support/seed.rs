//! A small shop of two outlets: eight days of figures, answers, cases, files and refused records.

use aws::cases::Cases;
use aws::feedback::Feedback;
use aws::insights::Insights;
use aws::ledger::Ledger;
use aws::outlets::Outlets;
use aws::quarantine::Quarantine;
use aws::sales::{Arrival, Sales};
use domain::case::Case;
use domain::export::{Control, Counts, Export, ExportState, export_id};
use domain::feedback::{Answer as GuestAnswer, DishKey, Said};
use domain::insight::{Insight, MenuInsight, VariantInsight};
use domain::mail::{Mail, MailCause, MailState};
use domain::money::Money;
use domain::quantity::Quantity;
use domain::quarantine::Quarantined;
use domain::receipt_id::ReceiptId;
use domain::satisfaction::{Recommend, Stars};
use domain::summary::DaySummary;
use domain::when::BusinessDate;

use super::{NOON_MS, Shop};

/// A name that would be markup if it were not escaped.
pub const HOSTILE: &str = "<script>alert(1)</script>";
/// A comment that would be markup and a formula.
pub const HOSTILE_WORDS: &str = "=HYPERLINK(\"http://x\")<img src=x onerror=alert(1)>";
const DAY_MS: i64 = 86_400_000;

pub fn rupiah(amount: i64) -> Money {
    Money::from_rupiah(amount).unwrap()
}

pub fn date(text: &str) -> BusinessDate {
    text.parse().unwrap()
}

fn menu(category: &str, sold: i64, net: i64, counts: [u64; 5]) -> MenuInsight {
    let stars = Stars { counts };
    let variant = VariantInsight {
        qty: Quantity::from_pieces(sold).unwrap(),
        net: rupiah(net),
        stars,
    };
    MenuInsight {
        category: Some(category.to_owned()),
        receipts: sold.unsigned_abs(),
        qty: variant.qty,
        refunded_qty: Quantity::ZERO,
        net: variant.net,
        stars,
        variants: [("Pedas".to_owned(), variant)].into(),
    }
}

/// A day with these overall stars.
pub fn insight(overall: [u64; 5]) -> Insight {
    let answered = overall.iter().sum();
    Insight {
        receipts: 40,
        answerable: 40,
        opened: answered,
        answered,
        by_guest: answered,
        net: rupiah(1_250_000),
        overall: Stars { counts: overall },
        recommend: Recommend {
            promoters: 3,
            passives: 2,
            detractors: 1,
        },
        comments: 1,
        menus: [
            ("Ramen Ayam".to_owned(), menu("Mie", 20, 760_000, [0, 0, 0, 2, 5])),
            (
                "Es Teh/Manis".to_owned(),
                menu("Minuman", 30, 240_000, [1, 0, 1, 0, 0]),
            ),
            (HOSTILE.to_owned(), menu(HOSTILE, 1, 12_500, [0, 0, 0, 0, 0])),
        ]
        .into(),
        ..Insight::default()
    }
}

/// Stores a day's figures and what follows from them.
pub async fn figures(shop: &Shop, outlet: &str, on: &str, insight: &Insight) {
    let day = (outlet.to_owned(), date(on));
    let insights = Insights::new(&shop.world.clients);
    insights.write_day(&day, 1, insight).await.unwrap();
    insights.roll_up(&[day]).await.unwrap();
}

pub async fn outlet(shop: &Shop, id: &str, name: &str) {
    Outlets::new(&shop.world.clients)
        .get_or_register(id, Some(name), None)
        .await
        .unwrap();
}

/// An answer to a receipt of an outlet, given an hour after the meal.
pub async fn answer(shop: &Shop, outlet: &str, native: &str, stars: u8, words: Option<&str>) -> GuestAnswer {
    let place = ReceiptId {
        outlet: outlet.to_owned(),
        date: date("2025-10-27"),
        native: native.to_owned(),
    };
    let ordered = NOON_MS - DAY_MS;
    let said = Said {
        at_ms: ordered + 3_600_000,
        told_ms: ordered + 3_600_000,
        overall: Some(stars),
        dishes: [(
            DishKey {
                menu: "Ramen Ayam".to_owned(),
                variant: "Pedas".to_owned(),
            },
            stars,
        )]
        .into(),
        recommend: None,
        comment: words.map(str::to_owned),
        consent: None,
        language: Some("id".to_owned()),
        suspect: words.is_some_and(|words| words.contains("menang")),
    };
    let mut answer = GuestAnswer::new(place, None, ordered).with_guest(said).unwrap();
    answer.version = 1;
    Feedback::new(&shop.world.clients).put(&answer, 0).await.unwrap();
    answer
}

/// The case of a low answer.
pub async fn case(shop: &Shop, answer: &GuestAnswer) -> Case {
    let case = Case::open(answer, 2, NOON_MS).unwrap();
    let mail = Mail {
        id: case.mail_id(),
        cause: MailCause::LowScore {
            outlet: case.outlet.clone(),
            outlet_name: None,
            receipt: case.receipt.to_string(),
            case: case.id.clone(),
            revision: 1,
        },
        state: MailState::Queued,
        attempts: 0,
        due_ms: NOON_MS,
        created_ms: NOON_MS,
        correlation: None,
        outcome: None,
    };
    Cases::new(&shop.world.clients)
        .open_with_mail(&case, &mail)
        .await
        .unwrap();
    case
}

/// An export that was read to its end in three seconds, with control totals.
pub async fn export(shop: &Shop, name: &str, matches: &str) -> Export {
    let key = format!("incoming/{name}.json");
    let export = Export {
        id: export_id("exports", &key),
        bucket: "exports".to_owned(),
        key,
        etag: "e1".to_owned(),
        state: ExportState::Done,
        counts: Counts {
            received: 41,
            stored: 40,
            quarantined: 1,
            ..Counts::default()
        },
        control: Some(Control {
            count: Some(41),
            sum: Some(rupiah(1_250_000)),
            matches: matches.to_owned(),
        }),
        received_ms: NOON_MS - DAY_MS,
        finished_ms: Some(NOON_MS - DAY_MS + 3_000),
        runs: 1,
        ..Export::default()
    };
    Ledger::new(&shop.world.clients)
        .finish(&export, "ingest-sales", None)
        .await
        .unwrap()
}

/// Sales of a day that came with an export at a moment.
pub async fn arrival(shop: &Shop, outlet: &str, on: &str, received_ms: i64, export: &Export) {
    let mut summary = DaySummary {
        receipts: 40,
        voided: 1,
        ..DaySummary::default()
    };
    summary.figures.total = rupiah(1_387_500);
    let arrival = Arrival {
        received_ms,
        export_id: export.id.clone(),
        etag: export.etag.clone(),
    };
    Sales::new(&shop.world.clients)
        .write_summary(&(outlet.to_owned(), date(on)), 1, &summary, &arrival)
        .await
        .unwrap();
}

/// An open piece of an export.
pub async fn refused(shop: &Shop, export: &Export, byte_start: u64, code: &str) -> Quarantined {
    refused_at(shop, export, byte_start, code, None).await
}

/// An open piece of an export that is of an outlet.
pub async fn refused_at(
    shop: &Shop,
    export: &Export,
    byte_start: u64,
    code: &str,
    outlet: Option<&str>,
) -> Quarantined {
    let piece = Quarantined {
        outlet: outlet.map(str::to_owned),
        byte_start,
        byte_len: 42,
        pointer: format!("/data/{byte_start}"),
        ordinal: Some(byte_start),
        code: code.to_owned(),
        detail: "not an amount of money".to_owned(),
        preview: format!("{{\"total\":\"{HOSTILE}\"}}"),
        context: "{}".to_owned(),
        ..Quarantined::of(export, NOON_MS)
    };
    Quarantine::new(&shop.world.clients)
        .list(std::slice::from_ref(&piece))
        .await
        .unwrap();
    piece
}

/// What a seeded shop holds, for tests that go on from it.
pub struct Seeded {
    pub case: Case,
    pub export: Export,
    pub piece: Quarantined,
}

/// The small shop.
pub async fn all(shop: &Shop) -> Seeded {
    outlet(shop, "moka-7", "Oyako Kemang").await;
    outlet(shop, "pos-9", HOSTILE).await;
    for day in 20..28 {
        figures(
            shop,
            "moka-7",
            &format!("2025-10-{day}"),
            &insight([0, 0, 1, 2, 3]),
        )
        .await;
        figures(
            shop,
            "moka-7",
            &format!("2025-09-{day}"),
            &insight([2, 1, 1, 1, 1]),
        )
        .await;
    }
    figures(shop, "pos-9", "2025-10-27", &insight([0, 0, 0, 1, 1])).await;
    answer(shop, "moka-7", "A1", 5, Some("Enak sekali, kuahnya gurih")).await;
    answer(shop, "pos-9", "B1", 4, Some(HOSTILE_WORDS)).await;
    answer(shop, "moka-7", "A3", 5, Some("menang hadiah di situs kami")).await;
    let low = answer(shop, "moka-7", "A2", 1, Some("Terlalu asin")).await;
    let case = case(shop, &low).await;
    let export = export(shop, "moka-7", "sold").await;
    arrival(shop, "moka-7", "2025-10-27", NOON_MS - DAY_MS, &export).await;
    let piece = refused(shop, &export, 7, "MONEY_INVALID").await;
    Seeded { case, export, piece }
}
