//! What the partner asks for in a storm, each thing under a key of its own and until it is answered, and what it is
//! answered: whatever became of the requests before, one key is one order, and what was taken is never refused.

use std::collections::BTreeMap;
use std::pin::pin;

use super::Storm;
use super::weather::plan;
use crate::support::front::{Answer, request, send};
use crate::support::{PARTNER, SECOND_MS, Shop};
use axum::Router;
use axum::extract::Request;
use domain::api_key::Scope;
use rand::Rng;
use serde_json::{Value, json};
use testkit::faults::Plan;

const TOPUPS: &str = "/v1/topups";
/// How often a request goes wrong in a row, at most.
const WRONG_MAX: u32 = 3;
/// How often the partner asks until it is answered, at most.
const TRIES_MAX: u32 = 8;
/// More calls than a request makes.
const CALLS: u64 = 18;
/// What may stand against an order in a storm.
const REFUSALS: [&str; 8] = [
    "TOPUP_ALREADY_OPEN",
    "TOPUP_COOLING",
    "TOPUP_DESTINATION_BLOCKED",
    "TOPUP_DESTINATION_FAILING",
    "TOPUP_PAUSED",
    "TOPUP_PRODUCT_DOWN",
    "TOPUP_PRODUCT_OFF",
    "TOPUP_PRODUCT_PRICE_DIFFERS",
];

/// Something that the partner wants.
pub(super) struct Wanted {
    key: String,
    product: &'static str,
    pub(super) dest: String,
    /// Its order, once there is one.
    refid: Option<String>,
}

/// The front, and who asks there.
pub(super) struct Front {
    /// What the partner is known by.
    pub(super) api_key: String,
    pub(super) wanted: Vec<Wanted>,
    /// How often it was refused, by code, and how often it was not answered.
    pub(super) refusals: BTreeMap<String, usize>,
    pub(super) unanswered: usize,
    /// How many orders wait for the supplier to open.
    pub(super) held: usize,
    /// A process that may die, and one that does not.
    process: Router,
    other: Router,
}

impl Front {
    pub(super) async fn open(shop: &Shop) -> Self {
        Self {
            api_key: shop.api_key(Scope::Topups, Some(PARTNER), 1).await,
            wanted: Vec::new(),
            refusals: BTreeMap::new(),
            unanswered: 0,
            held: 0,
            process: shop.front(&shop.world.faulty),
            other: shop.front(&shop.world.clients),
        }
    }
}

impl Storm {
    /// The partner wants something more.
    pub(super) async fn wants(&mut self, product: &'static str, dest: &str) {
        let number = self.front.wanted.len();
        self.front.wanted.push(Wanted {
            key: format!("pesanan-{number:04}"),
            product,
            dest: dest.to_owned(),
            refid: None,
        });
        self.asks(number).await;
    }

    /// The partner asks once more for something: for an order that there is, or for what was refused. Sometimes it
    /// takes an old key for something new.
    pub(super) async fn asks_again(&mut self) {
        if self.front.wanted.is_empty() {
            return;
        }
        let number = self.chance.random_range(0..self.front.wanted.len());
        let wanted = &self.front.wanted[number];
        if wanted.refid.is_some() && self.chance.random_ratio(1, 4) {
            let body = json!({ "product": wanted.product, "destination": wanted.dest, "reference": "lain" });
            let other = request("POST", TOPUPS, &self.front.api_key, Some((&wanted.key, &body)));
            let answer = send(&self.front.other, other).await;
            assert_eq!(
                (answer.status, answer.text("code")),
                (409, "IDEMPOTENCY_KEY_REUSED")
            );
        } else {
            self.asks(number).await;
        }
    }

    /// The partner asks under one key until it is answered.
    async fn asks(&mut self, number: usize) {
        let mut tries = 0;
        while !self.is_answered(number, tries < WRONG_MAX).await {
            tries += 1;
            assert!(tries < TRIES_MAX, "{}", self.front.wanted[number].key);
            self.shop.pass(SECOND_MS);
        }
        // Orders have their turns in the order in which they came.
        self.shop.pass(1);
    }

    /// Whether the partner was answered.
    async fn is_answered(&mut self, number: usize, goes_wrong: bool) -> bool {
        let goes_wrong = self.storms && goes_wrong;
        let answers = match self.chance.random_range(0..4) {
            0 if goes_wrong => vec![self.is_cut_off(number).await],
            1 if goes_wrong => self.is_overtaken(number).await,
            _ => vec![send(&self.front.process, self.request(number)).await],
        };
        // Some answers get lost on their way.
        self.hears(number, &answers) && !(goes_wrong && self.chance.random_ratio(1, 8))
    }

    /// A request whose process dies, or loses its stores. Another process takes its place.
    async fn is_cut_off(&mut self, number: usize) -> Answer {
        let faults = &self.shop.world.faults;
        faults.set(plan(CALLS, &mut self.chance));
        let answer = send(&self.front.process, self.request(number)).await;
        faults.set(Plan::None);
        self.front.process = self.shop.front(&self.shop.world.faulty);
        answer
    }

    /// The same request twice: the first one stands still before one of its calls, until the second one is answered.
    async fn is_overtaken(&mut self, number: usize) -> Vec<Answer> {
        let faults = &self.shop.world.faults;
        let second = send(&self.front.other, self.request(number));
        faults.set(Plan::Hold(self.chance.random_range(0..CALLS)));
        let mut first = pin!(send(&self.front.process, self.request(number)));
        let answers = tokio::select! {
            first = &mut first => [first, second.await],
            () = faults.held() => {
                let second = second.await;
                faults.release();
                [second, first.await]
            }
        };
        faults.set(Plan::None);
        answers.into()
    }

    fn request(&self, number: usize) -> Request {
        let wanted = &self.front.wanted[number];
        let body = json!({ "product": wanted.product, "destination": wanted.dest });
        request("POST", TOPUPS, &self.front.api_key, Some((&wanted.key, &body)))
    }

    /// Notes what was said; whether anything was.
    fn hears(&mut self, number: usize, answers: &[Answer]) -> bool {
        let wanted = &mut self.front.wanted[number];
        let (mut is_taken, mut is_refused) = (false, false);
        for answer in answers {
            match answer.status {
                200 | 202 => {
                    is_taken = true;
                    let of = (answer.text("product"), answer.text("destination"));
                    assert_eq!(of, (wanted.product, wanted.dest.as_str()), "{}", wanted.key);
                    let refid = answer.text("refid");
                    if wanted.refid.is_none() {
                        wanted.refid = Some(refid.to_owned());
                        self.orders.push(refid.to_owned());
                        self.front.held += usize::from(answer.json["sends_at"].is_string());
                    }
                    assert_eq!(wanted.refid.as_deref(), Some(refid), "{}", wanted.key);
                }
                // Nobody knows what became of the request.
                500.. => self.front.unanswered += 1,
                _ => {
                    is_refused = true;
                    let code = answer.text("code");
                    assert!(REFUSALS.contains(&code), "{answer:?}");
                    *self.front.refusals.entry(code.to_owned()).or_default() += 1;
                }
            }
        }
        // A partner that is refused gives its customer the money back.
        let key = &wanted.key;
        assert!(
            !is_refused || wanted.refid.is_none(),
            "{key} was taken: {answers:?}"
        );
        is_taken || is_refused
    }

    /// What the partner is shown.
    pub(super) async fn shows(&self, path: &str) -> Value {
        let asked = request("GET", path, &self.front.api_key, None);
        let answer = send(&self.front.other, asked).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json
    }
}
