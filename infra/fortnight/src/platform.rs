//! Lambda and its triggers: schedules, the bucket's announcements, the tables' streams.
//!
//! A run that fails or dies gets the same event again; what a stream or the bucket tells comes at least once. Time
//! passes between runs only.

use std::collections::BTreeSet;

use aws::feedback::Feedback;
use aws::nights::Nights;
use aws::outbox::Outbox;
use domain::feedback::{Answer, Said};
use domain::night::Phase;
use domain::receipt_id::ReceiptId;
use domain::when::BusinessDate;
use serde_json::{Value, json};
use sims::ALWAYS;
use sims::central::{Fault, Route};
use sims::transport::Transport;
use testkit::faults::Plan;

use crate::clock::{HOUR_MS, MINUTE_MS};
use crate::shop::Shop;
use crate::story::{BY_API, DAYS, Deed, Story, day, due_ms};
use crate::streams::{Batch, Streams};
use crate::unrest::Unrest;

/// How often an event comes before it is given up: then something is wrong with more than the weather.
const TRIES_MAX: u32 = 6;
/// How many minutes a night may take.
const NIGHT_MINUTES: u32 = 240;

/// An event on its way to a function.
#[derive(Clone, Debug)]
struct Trigger {
    function: String,
    event: Value,
    tries: u32,
}

impl Trigger {
    fn new(function: &str, event: Value) -> Self {
        Self {
            function: function.to_owned(),
            event,
            tries: 0,
        }
    }
}

/// The platform, and the shop that runs on it.
#[derive(Debug)]
pub struct Platform {
    /// The shop.
    pub shop: Shop,
    /// What goes wrong.
    pub unrest: Unrest,
    streams: Streams,
    /// Keys of objects that were announced.
    announced: BTreeSet<String>,
    /// Whether somebody may have put objects since it was last looked.
    look_at_bucket: bool,
    waiting: Vec<Trigger>,
}

impl Platform {
    /// A platform for a shop.
    pub async fn start(shop: Shop, unrest: Unrest) -> Self {
        Self {
            streams: Streams::open(&shop.world.url).await,
            shop,
            unrest,
            announced: BTreeSet::new(),
            look_at_bucket: false,
            waiting: Vec::new(),
        }
    }

    /// Lives through a story, day by day and night by night.
    pub async fn live(&mut self, mut story: Story) {
        for number in 1..=DAYS {
            let due_ms = due_ms(day(number));
            for (at_ms, deed) in story.until(due_ms) {
                self.shop.clock.set(at_ms);
                let starts_something = matches!(deed, Deed::Push(..) | Deed::Said(..));
                self.happen(deed).await;
                if starts_something {
                    self.settle().await;
                }
            }
            self.shop.clock.set(due_ms);
            self.night(day(number)).await;
        }
    }

    async fn happen(&mut self, deed: Deed) {
        let shop = &self.shop;
        match deed {
            Deed::Push(key, bytes) => {
                let message = shop.world.put_and_announce(&key, bytes).await;
                self.announced.insert(key);
                self.announce(message);
            }
            Deed::File(date, name, outlet, bytes) => shop.central.put(date, &name, outlet, bytes),
            Deed::CentralDies => {
                shop.central
                    .fault(Route::Day, Fault::Transport(Transport::Status(503)), ALWAYS)
            }
            Deed::CentralRises => shop.central.heal(),
            Deed::TokenExpires => shop.moka.expire_access(),
            Deed::Paid(payments) => shop.moka.add("1", payments),
            Deed::Said(date, native, stars) => self.say(date, native, stars).await,
        }
    }

    /// A guest answers, as their page stores it.
    async fn say(&self, date: BusinessDate, native: String, stars: u8) {
        let now_ms = self.shop.clock.now();
        let place = ReceiptId {
            outlet: BY_API.to_owned(),
            date,
            native,
        };
        let said = Said {
            at_ms: now_ms,
            told_ms: now_ms,
            overall: Some(stars),
            ..Said::default()
        };
        let answer = Answer::new(place, None, now_ms).with_guest(said).unwrap();
        Feedback::new(&self.shop.world.clients)
            .put(&answer, 0)
            .await
            .unwrap();
    }

    /// A night, until it is over and everything has settled.
    async fn night(&mut self, date: BusinessDate) {
        self.schedule("sync-nightly", json!({ "task": "sync", "at": at(due_ms(date)) }))
            .await;
        self.settle().await;
        for _ in 0..NIGHT_MINUTES {
            if self.is_over(date).await {
                // The watch of half past eleven, and the late look for guests who came back.
                self.shop.clock.set(due_ms(date) + HOUR_MS / 2);
                self.schedule("sync-nightly", json!({ "task": "watch-recoveries" }))
                    .await;
                return self.settle().await;
            }
            self.shop.clock.pass(MINUTE_MS);
            self.schedule(
                "sync-nightly",
                json!({ "task": "go-on", "at": at(self.shop.clock.now()) }),
            )
            .await;
            self.schedule("send-mail", json!({ "task": "sweep" })).await;
            self.settle().await;
        }
        panic!("the night of {date} does not end");
    }

    async fn is_over(&self, date: BusinessDate) -> bool {
        let clients = &self.shop.world.clients;
        let night = Nights::new(clients).get(date).await.unwrap();
        let mails = Outbox::new(clients).due(self.shop.clock.now()).await.unwrap();
        night.is_some_and(|night| night.phase == Phase::Over) && mails.is_empty()
    }

    /// Starts what a schedule wants.
    async fn schedule(&mut self, function: &str, event: Value) {
        let trigger = Trigger::new(function, event);
        if self.unrest.at_once() {
            let clients = &self.shop.world.clients;
            let run = || self.shop.run(function, trigger.event.clone(), clients);
            let (one, other) = tokio::join!(run(), run());
            self.look_at_bucket = true;
            assert!(one && other, "{trigger:?}");
        } else {
            self.waiting.push(trigger);
        }
    }

    /// Hands out triggers until there are none.
    async fn settle(&mut self) {
        loop {
            self.gather().await;
            let mut triggers = std::mem::take(&mut self.waiting);
            if triggers.is_empty() {
                return;
            }
            self.unrest.order(&mut triggers);
            for trigger in triggers {
                for _ in 0..self.unrest.times() {
                    self.hand_out(trigger.clone()).await;
                }
            }
        }
    }

    /// Gathers what streams and bucket have to tell.
    async fn gather(&mut self) {
        for Batch { function, records } in self.streams.news().await {
            self.waiting
                .push(Trigger::new(&function, json!({ "Records": records })));
        }
        if std::mem::take(&mut self.look_at_bucket) {
            self.announce_fetched().await;
        }
    }

    /// Announces what the night has fetched. The keys of that tell its content, so each is announced once.
    async fn announce_fetched(&mut self) {
        let client = aws_sdk_s3::Client::new(self.shop.world.clients.config());
        let mut next = None;
        loop {
            let listing = client.list_objects_v2().bucket("exports").prefix("incoming/");
            let listing = listing.set_continuation_token(next).send().await.unwrap();
            for key in listing.contents().iter().filter_map(|object| object.key()) {
                if !self.announced.insert(key.to_owned()) {
                    continue;
                }
                let head = client
                    .head_object()
                    .bucket("exports")
                    .key(key)
                    .send()
                    .await
                    .unwrap();
                let etag = head.e_tag().unwrap().trim_matches('"');
                let size = usize::try_from(head.content_length().unwrap()).unwrap();
                self.announce(testkit::world::message(key, etag, size));
            }
            next = listing.next_continuation_token().map(str::to_owned);
            if next.is_none() {
                return;
            }
        }
    }

    fn announce(&mut self, message: Value) {
        self.waiting.push(Trigger::new("ingest-sales", message));
    }

    /// Runs a function for a trigger, which comes again if that fails.
    async fn hand_out(&mut self, trigger: Trigger) {
        self.look_at_bucket |= trigger.function == "sync-nightly";
        let task = trigger.event["task"].as_str().unwrap_or("records");
        let kind = format!("{} {task}", trigger.function);
        let world = &self.shop.world;
        // A mail that was claimed and not settled is never sent again by itself: that is not this fortnight's subject.
        let death = if trigger.function == "send-mail" {
            None
        } else {
            self.unrest.death(&kind)
        };
        let done = match death {
            None => {
                self.shop
                    .run(&trigger.function, trigger.event.clone(), &world.clients)
                    .await
            }
            Some(call) => {
                world.faults.set(Plan::CrashBefore(call));
                let done = self
                    .shop
                    .run(&trigger.function, trigger.event.clone(), &world.faulty)
                    .await;
                let died = world.faults.calls() > call;
                world.faults.set(Plan::None);
                self.unrest.note(&kind, died);
                done && !died
            }
        };
        if !done {
            assert!(trigger.tries < TRIES_MAX, "given up: {trigger:?}");
            self.waiting.push(Trigger {
                tries: trigger.tries + 1,
                ..trigger
            });
        }
    }
}

/// A moment as schedules write it.
fn at(at_ms: i64) -> String {
    domain::when::format_utc(at_ms)
}
