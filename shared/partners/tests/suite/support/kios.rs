//! A supplier with one product, and a client of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::topup::reply::{self, Reply};
use lambda_edge::redact::Secret;
use partners::kios::{Credentials, Kios, Sent, Sign, Times};
use sims::kios::{Account, Kios as Server, Serial, Signing, router};
use sims::serve::{Served, serve};

pub(crate) const MEMBER: &str = "OYAKO1";
pub(crate) const PIN: &str = "83+5/71&=";
pub(crate) const PASSWORD: &str = "r4h4sia sekali#é";
pub(crate) const PRODUCT: &str = "S10";
pub(crate) const PRICE: i64 = 10_450;
pub(crate) const DEST: &str = "081299990000";
pub(crate) const REFID: &str = "01KAZW7Q3M5T8N2B4D6F";
/// Noon of a day in Jakarta.
pub(crate) const NOON_MS: i64 = 1_795_237_200_000;

pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) served: Served,
    pub(crate) kios: Kios,
    pub(crate) now: Arc<AtomicI64>,
}

pub(crate) fn credentials() -> Credentials {
    Credentials {
        member: MEMBER.to_owned(),
        pin: Secret::new(PIN.to_owned()),
        password: Secret::new(PASSWORD.to_owned()),
    }
}

/// Times that are over soon, for faults that never end, and long enough for what has to succeed on a busy machine.
pub(crate) fn soon() -> Times {
    Times {
        connect: Duration::from_secs(2),
        whole: Duration::from_secs(3),
    }
}

pub(crate) async fn world_signed(sign: Sign, signing: Option<Signing>) -> World {
    let now = Arc::new(AtomicI64::new(NOON_MS));
    let clock = Arc::clone(&now);
    let account = Account {
        member: MEMBER.to_owned(),
        pin: PIN.to_owned(),
        password: PASSWORD.to_owned(),
        sign: signing,
    };
    let server = Server::new(account, move || clock.load(Ordering::SeqCst));
    server.product(PRODUCT, PRICE, Serial::Pulsa);
    server.deposit(1_000_000);
    let served = serve(router(server.clone())).await.unwrap();
    let kios = Kios::with_times(served.base_url(), credentials(), sign, None, soon()).unwrap();
    World {
        server,
        served,
        kios,
        now,
    }
}

pub(crate) async fn world() -> World {
    world_signed(Sign::None, None).await
}

/// A client of another server.
pub(crate) fn client_of(url: &str) -> Kios {
    Kios::with_times(url, credentials(), Sign::None, None, soon()).unwrap()
}

impl World {
    pub(crate) async fn buy(&self) -> Sent {
        self.kios.buy(PRODUCT, DEST, REFID).await
    }
}

/// The reply in an answer.
pub(crate) fn reply_of(sent: &Sent) -> Reply {
    match sent {
        Sent::Answer(body) => reply::read(body).unwrap(),
        other => panic!("no answer: {other:?}"),
    }
}
