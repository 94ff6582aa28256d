//! Guests whose traces are everywhere.

use aws::customers::StoredCustomer;
use domain::case::{Case, CaseState};
use domain::customer::{Fact, OutletDay, Profile, id_from_phone};
use domain::feedback::Said;
use domain::kin::{Evidence, Joining};
use domain::mail::{Mail, MailCause, MailState};
use domain::money::Money;
use domain::quantity::Quantity;
use domain::receipt::{Head, Item, Line, Lines, OrderType, Rank, Ranked, Receipt, Status};
use domain::receipt_id::ReceiptId;
use domain::when::TimeQuality;

use super::{DAY_MS, NOW_MS, STAFF, Shop, day, place, said, visit};

/// A guest with two ids under one number: one of the point of sale's own, one made of the number.
pub(crate) struct Guest {
    pub(crate) native: String,
    pub(crate) by_phone: String,
    pub(crate) phone: String,
    pub(crate) hash: String,
    pub(crate) day: OutletDay,
    /// Receipts of either id: `a` with a low rating, a case and two tellings, `b` rated without a word.
    pub(crate) rated: ReceiptId,
    pub(crate) wordless: ReceiptId,
    pub(crate) other: ReceiptId,
}

impl Guest {
    pub(crate) fn ids(&self) -> [&str; 2] {
        [&self.native, &self.by_phone]
    }
}

impl Shop {
    /// A guest who bought three times yesterday, of whom everything is known that can be: told apart by `number`.
    pub(crate) async fn guest(&self, number: u32) -> Guest {
        let key = self.deps.customers.phone_key([7; 32]).await.unwrap();
        let phone = format!("+62812{number:08}");
        let today = day(&format!("moka-{number}"), "2026-11-22");
        let guest = Guest {
            native: format!("OYAKO_MOKA_{number}"),
            by_phone: id_from_phone(None, &phone, &key),
            hash: key.short_hash(&phone),
            rated: place(&today, "a"),
            wordless: place(&today, "b"),
            other: place(&today, "c"),
            day: today,
            phone,
        };
        let buyers = [("a", &guest.native), ("b", &guest.native), ("c", &guest.by_phone)];
        let receipts = buyers.map(|(native, buyer)| (native.to_owned(), receipt(Some(buyer), "Soto")));
        self.sell(&guest.day, receipts.into()).await;
        for id in guest.ids() {
            self.customer(id, &guest).await;
            self.like(id, &guest.day, "Soto").await;
        }
        self.join_kin(&guest).await;
        let yesterday_ms = NOW_MS - DAY_MS;
        for (minute, words) in ["Asin, kata Rahmawati", "Terlalu asin"].into_iter().enumerate() {
            let at_ms = yesterday_ms + i64::try_from(minute).unwrap() * 60_000;
            self.say(&guest.rated, Some(&guest.native), said(at_ms, 1, words))
                .await;
        }
        let wordless = Said {
            comment: None,
            consent: None,
            ..said(yesterday_ms, 5, "")
        };
        self.say(&guest.wordless, Some(&guest.native), wordless).await;
        // Its receipt alone tells whose it is.
        self.say(&guest.other, None, said(yesterday_ms, 4, "Enak")).await;
        self.low_score(&guest.rated, "Sudah telepon Rahmawati").await;
        guest
    }

    async fn customer(&self, id: &str, guest: &Guest) {
        let fact = |value: &str| {
            Some(Fact {
                told_ms: NOW_MS - DAY_MS,
                value: value.to_owned(),
            })
        };
        let mut stored = StoredCustomer::default();
        stored.customer.profile = Profile {
            name: fact("Rahmawati Kusumaningrum"),
            phone: fact(&guest.phone),
            email: fact("rahma.k@example.test"),
            phone_problem: None,
        };
        stored.customer.set_day(&guest.day, visit());
        let lost = self
            .deps
            .customers
            .write(&[(id.to_owned(), stored)])
            .await
            .unwrap();
        assert!(lost.is_empty());
    }

    async fn join_kin(&self, guest: &Guest) {
        let mut book = self.kin.read(&guest.hash).await.unwrap();
        for id in guest.ids() {
            assert!(book.meet(id));
        }
        let joining = Joining {
            with: guest.ids().into_iter().min().unwrap().to_owned(),
            customer: guest.ids().into_iter().max().unwrap().to_owned(),
            evidence: Evidence::SameEmail,
        };
        let joinings = [joining];
        book.join(&joinings, NOW_MS - DAY_MS);
        let joined = self
            .kin
            .join(&guest.hash, &book, &joinings, "sync-nightly", NOW_MS - DAY_MS);
        joined.await.unwrap();
    }

    /// Opens the case of an answer, with a note of the staff.
    pub(crate) async fn low_score(&self, rated: &ReceiptId, note: &str) -> Case {
        let answer = self.answer(rated).await;
        let case = Case::open(&answer, 2, NOW_MS - DAY_MS).unwrap();
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
            due_ms: NOW_MS,
            created_ms: NOW_MS,
            correlation: None,
            outcome: None,
        };
        assert!(self.deps.cases.open_with_mail(&case, &mail).await.unwrap());
        let opened = self.case(rated).await;
        let noted = opened.move_to(CaseState::Contacted, STAFF, note, NOW_MS - DAY_MS);
        let noted = noted.unwrap();
        let changed = self.deps.cases.change(&opened, &noted, STAFF, NOW_MS - DAY_MS);
        changed.await.unwrap();
        self.case(rated).await
    }

    pub(crate) async fn case(&self, rated: &ReceiptId) -> Case {
        let case = self.deps.cases.get(&rated.outlet, &Case::id_of(rated)).await;
        case.unwrap().unwrap()
    }
}

/// A paid receipt of one dish for ten thousand rupiah.
pub(crate) fn receipt(customer: Option<&str>, dish: &str) -> Receipt {
    let price = Money::from_rupiah(10_000).unwrap();
    let line = Line {
        item: Item {
            name: dish.to_owned(),
            category: Some("Makanan".to_owned()),
            rateable: true,
            ..Item::default()
        },
        qty: Quantity::from_pieces(1).unwrap(),
        refunded_qty: Quantity::ZERO,
        gross: price,
        net: price,
        voided: false,
        rating: None,
        modifiers: Vec::new(),
    };
    let head = Head {
        number: Some("N1".to_owned()),
        at_ms: NOW_MS - DAY_MS,
        quality: TimeQuality::Offset,
        status: Status::Paid,
        order_type: OrderType::DineIn,
        customer: customer.map(str::to_owned),
        table: None,
        method: None,
        gross: Some(price),
        net: Some(price),
        service: None,
        tax: None,
        rounding: None,
        total: Some(price),
        refunded: Money::ZERO,
    };
    Receipt {
        head: Some(Ranked {
            rank: Rank::default(),
            value: head,
        }),
        lines: Lines::Whole(Ranked {
            rank: Rank::default(),
            value: vec![line],
        }),
        ..Receipt::default()
    }
}
