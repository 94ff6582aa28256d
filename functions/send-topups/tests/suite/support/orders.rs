//! Orders without the front: stored by the test itself, or made by hand with the supplier.

use std::time::Duration;

use aws::topups::{KeyUse, Taken};
use domain::topup::intake::{Wish, taken};
use domain::topup::number::Prefixes;
use domain::topup::order::Order;
use domain::topup::partner::{CutoffChoice, Partner};
use domain::topup::refid;
use domain::topup::rupiah::Rupiah;
use lambda_edge::redact::Secret;
use partners::kios::{Credentials, Kios, Sent, Sign, Times};

use super::{PARTNER, PASSWORD, PIN, Shop, partner};

impl Shop {
    /// Stores an order as the front does, whatever stands against it.
    pub(crate) async fn order_of(&self, product: &str, dest: &str) -> Order {
        self.order_for(&partner(), product, dest).await
    }

    /// An order for a pulsa, of a partner that wants none to wait until the supplier opens.
    pub(crate) async fn hurried_order(&self, ending: &str) -> Order {
        let hurried = Partner {
            cutoff: CutoffChoice::Refuse,
            ..partner()
        };
        self.order_for(&hurried, "S10", &self.dest(ending)).await
    }

    async fn order_for(&self, partner: &Partner, product: &str, dest: &str) -> Order {
        let product = self.product(product).await;
        let destination = self.topups.destination(dest).await.unwrap();
        let books = self.topups.books().await.unwrap();
        let prefixes = Prefixes::built_in();
        let wish = Wish {
            partner,
            product: &product,
            destination: &destination,
            dest: dest.to_owned(),
            books: &books,
            waiting: 0,
            used_today: 0,
            prefixes: &prefixes,
            force_operator: false,
            max_price: None,
            deposit_min: Rupiah::ZERO,
            now_ms: self.now(),
        };
        let id = refid(self.now(), lambda_edge::clock::random().unwrap());
        let change = taken(&wish, id.clone(), None, Some(format!("cor-{id}")));
        let used = KeyUse {
            partner: PARTNER,
            key_hash: &id,
            body_hash: "body",
        };
        let outcome = self.topups.take(&change, &used, i64::MAX / 4).await.unwrap();
        assert_eq!(outcome, Taken::New);
        // Orders have their turns in the order in which they came.
        self.pass(1);
        change.order
    }

    /// An order that somebody makes with the supplier past this shop, or what the operator does later under an order's
    /// id; the text that answers it.
    pub(crate) async fn by_hand(&self, product: &str, dest: &str, refid: &str) -> String {
        let credentials = Credentials {
            member: "OYAKO01".to_owned(),
            pin: Secret::new(PIN.to_owned()),
            password: Secret::new(PASSWORD.to_owned()),
        };
        let times = Times {
            connect: Duration::from_secs(5),
            whole: Duration::from_secs(10),
        };
        let kios = Kios::with_times(self.kios_at.base_url(), credentials, Sign::None, None, times).unwrap();
        match kios.buy(product, dest, refid).await {
            Sent::Answer(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
            other => panic!("no answer: {other:?}"),
        }
    }
}
