//! The world of the function's tests: a real engine, a mail service, a clock that stands still.

pub(crate) mod ses;
pub(crate) mod store;
pub(crate) mod wire;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use aws::cases::Cases;
use aws::feedback::Feedback;
use aws::findings::Findings;
use aws::insights::Insights;
use aws::mailer::Mailer;
use aws::nights::Nights;
use aws::outbox::Outbox;
use aws::outlets::Outlets;
use aws::requests::Requests;
use aws::{Clients, Names};
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{
    AsyncSleep, BehaviorVersion, Credentials, Region, SharedAsyncSleep, SharedCredentialsProvider, Sleep,
};
use aws_types::SdkConfig;
use domain::export::{Counts, Export, ExportState};
use domain::feedback::Answer;
use domain::mail::{DigestReason, Mail, MailCause, MailState};
use domain::receipt_id::ReceiptId;
use lambda_runtime::{Context, LambdaEvent};
use send_mail::letter::Addresses;
use send_mail::{Deps, Failure, handle};
use serde_json::{Value, json};
use tokio::sync::watch;

use ses::Ses;
use store::Wire;

/// When the tests begin, Unix milliseconds.
pub(crate) const START_MS: i64 = 1_761_667_000_000;
/// A minute in milliseconds.
pub(crate) const MINUTE_MS: i64 = 60_000;
/// Addresses that must not be found in a log.
pub(crate) const ADDRESSES: [&str; 2] = ["pengelola@warung.example", "kasir@warung.example"];

/// Everything the function touches.
pub(crate) struct World {
    /// What the function works with.
    pub(crate) deps: Arc<Deps>,
    /// The mail service.
    pub(crate) ses: Ses,
    /// The wire to the store.
    pub(crate) wire: Wire,
    clock: Arc<AtomicI64>,
    patience: watch::Sender<bool>,
}

impl World {
    /// A world with an empty outbox and a mail service that takes everything.
    pub(crate) async fn start() -> Self {
        let (wire, ses) = (Wire::start().await, Ses::start().await);
        let address = ses.address;
        Self::with_mail_service(wire, ses, address).await
    }

    /// A world in which nobody listens where the mail service should be.
    pub(crate) async fn without_mail_service() -> Self {
        let (wire, ses) = (Wire::start().await, Ses::start().await);
        let closed = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap();
        Self::with_mail_service(wire, ses, closed).await
    }

    async fn with_mail_service(wire: Wire, ses: Ses, mail_service: SocketAddr) -> Self {
        let config = sdk(wire.address, None);
        store::create_tables(&aws_sdk_dynamodb::Client::new(&config)).await;
        let names = Names {
            operations: store::TABLE.to_owned(),
            duties: store::DUTIES.to_owned(),
            feedback: store::FEEDBACK.to_owned(),
            ..Names::default()
        };
        let clients = Clients::with_config(config, names);
        let patience = watch::Sender::new(false);
        let mail = sdk(mail_service, Some(WhilePatient(patience.subscribe())));
        let mailer = Mailer::new(&Clients::with_config(mail, Names::default()));
        let clock = Arc::new(AtomicI64::new(START_MS));
        let shown = Arc::clone(&clock);
        let now_ms = Box::new(move || shown.load(Ordering::SeqCst));
        let deps = Arc::new(Deps {
            outbox: Outbox::new(&clients),
            feedback: Feedback::new(&clients),
            outlets: Outlets::new(&clients),
            nights: Nights::new(&clients),
            findings: Findings::new(&clients),
            insights: Insights::new(&clients),
            cases: Cases::new(&clients),
            requests: Requests::new(&clients),
            mailer,
            addresses: addresses(),
            now_ms,
            metrics: lambda_edge::metrics::Metrics::new("Test", [("function", "send-mail")])
                .unwrap()
                .with_output(lambda_edge::output::Output::memory()),
        });
        Self {
            deps,
            ses,
            wire,
            clock,
            patience,
        }
    }

    /// Lets time pass.
    pub(crate) fn wait_ms(&self, ms: i64) {
        self.clock.fetch_add(ms, Ordering::SeqCst);
    }

    /// Ends the mail service's timeout.
    pub(crate) fn lose_patience(&self) {
        self.patience.send_replace(true);
    }

    /// Puts a mail into the outbox.
    pub(crate) async fn queue(&self, number: u32) -> Mail {
        let mail = mail(number);
        assert!(self.deps.outbox.put(&mail).await.unwrap());
        mail
    }

    /// Puts a mail about a low score into the outbox, and the answer that it is about into the store.
    pub(crate) async fn queue_low_score(
        &self,
        answer: Option<&Answer>,
        receipt: &ReceiptId,
        outlet_name: Option<&str>,
    ) -> Mail {
        if let Some(answer) = answer {
            self.deps.feedback.put(answer, 0).await.unwrap();
        }
        let cause = MailCause::LowScore {
            outlet: receipt.outlet.clone(),
            outlet_name: outlet_name.map(str::to_owned),
            receipt: receipt.to_string(),
            case: "case_abc".to_owned(),
            revision: 1,
        };
        self.queue_for(9, cause).await
    }

    /// Puts a mail of any cause into the outbox.
    pub(crate) async fn queue_for(&self, number: u32, cause: MailCause) -> Mail {
        let mail = Mail {
            cause,
            ..mail(number)
        };
        assert!(self.deps.outbox.put(&mail).await.unwrap());
        mail
    }

    /// The mail as the outbox has it.
    pub(crate) async fn stored(&self, mail: &Mail) -> Mail {
        self.deps.outbox.get(&mail.id).await.unwrap().unwrap()
    }

    /// Runs the function with a minute to go.
    pub(crate) async fn run(&self, payload: Value) -> Result<Value, Failure> {
        handle(self.event(payload, MINUTE_MS), &self.deps).await
    }

    /// Runs the minute.
    pub(crate) async fn sweep(&self) -> Result<Value, Failure> {
        self.run(json!({"source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": "{}"}))
            .await
    }

    /// An invocation with that much time left.
    pub(crate) fn event(&self, payload: Value, left_ms: i64) -> LambdaEvent<Value> {
        let mut context = Context::default();
        context.deadline = u64::try_from(self.clock.load(Ordering::SeqCst) + left_ms).unwrap();
        LambdaEvent::new(payload, context)
    }
}

/// Ends no timeout before the test says so.
#[derive(Clone, Debug)]
struct WhilePatient(watch::Receiver<bool>);

impl AsyncSleep for WhilePatient {
    fn sleep(&self, _: Duration) -> Sleep {
        let mut impatient = self.0.clone();
        Sleep::new(async move {
            impatient.wait_for(|impatient| *impatient).await.unwrap();
        })
    }
}

fn sdk(address: SocketAddr, sleep: Option<WhilePatient>) -> SdkConfig {
    let credentials = Credentials::new("test", "test", None, None, "test");
    let retry = RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(Duration::from_millis(1));
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("ap-southeast-3"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(format!("http://{address}"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(retry);
    config.set_sleep_impl(sleep.map(SharedAsyncSleep::new));
    config.build()
}

/// From whom and to whom.
pub(crate) fn addresses() -> Addresses {
    let [to, from] = ADDRESSES.map(str::to_owned);
    Addresses {
        from,
        to,
        public_url: "https://oyako.example".to_owned(),
    }
}

/// A queued mail about an export with one rejection.
pub(crate) fn mail(number: u32) -> Mail {
    let export = Export {
        id: format!("exp_{number}"),
        key: format!("incoming/moka/{number}.json"),
        state: ExportState::Done,
        counts: Counts {
            received: 3,
            stored: 2,
            quarantined: 1,
            ..Counts::default()
        },
        rejected: [("DATE_INVALID".to_owned(), 1)].into(),
        received_ms: START_MS,
        ..Export::default()
    };
    let reason = DigestReason {
        code: "DATE_INVALID".to_owned(),
        pointer: "/data/payments/1/created_at".to_owned(),
        byte_start: 4096,
        detail: "not a date or time".to_owned(),
    };
    Mail {
        id: format!("mail_{number}"),
        cause: MailCause::ExportTrouble {
            export: Box::new(export),
            reasons: vec![reason],
        },
        state: MailState::Queued,
        attempts: 0,
        due_ms: START_MS,
        created_ms: START_MS,
        correlation: None,
        outcome: None,
    }
}

/// A stream record with the mail as its new image.
pub(crate) fn record(mail: &Mail) -> Value {
    image(
        &mail.id,
        "mail",
        mail.state.as_str(),
        &serde_json::to_string(mail).unwrap(),
    )
}

/// A stream record with any new image.
pub(crate) fn image(sequence: &str, kind: &str, state: &str, doc: &str) -> Value {
    json!({
        "eventID": sequence, "eventName": "MODIFY", "eventSource": "aws:dynamodb", "awsRegion": "ap-southeast-3",
        "dynamodb": {
            "SequenceNumber": sequence, "StreamViewType": "NEW_IMAGE",
            "NewImage": {"kind": {"S": kind}, "state": {"S": state}, "doc": {"S": doc}},
        },
    })
}

/// A batch of stream records.
pub(crate) fn batch(records: impl IntoIterator<Item = Value>) -> Value {
    json!({"Records": records.into_iter().collect::<Vec<_>>()})
}

/// What a batch is answered with when nothing has to come again.
pub(crate) fn all_done() -> Value {
    json!({"batchItemFailures": []})
}
