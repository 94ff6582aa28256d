//! The tables on a real engine, behind a wire that can be cut.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;

use super::wire::{Message, serve};

/// The operations table's name.
pub(crate) const TABLE: &str = "operations";
/// The duties table's name.
pub(crate) const DUTIES: &str = "duties";
/// The feedback table's name.
pub(crate) const FEEDBACK: &str = "feedback";

/// The wire between the function and the engine.
pub(crate) struct Wire {
    /// Where the function reaches the engine.
    pub(crate) address: SocketAddr,
    faults: Arc<Faults>,
}

struct Faults {
    /// Answers to writes that get lost after the write was done: from which write on, and how many.
    writes_before_loss: AtomicUsize,
    writes_lost: AtomicUsize,
    /// Readers that wait for each other.
    meeting: AtomicUsize,
    barrier: Barrier,
    down: AtomicBool,
}

impl Wire {
    /// Starts an engine with an empty table, and the wire to it.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let engine = listener.local_addr().unwrap();
        let database = dynoxide::Database::memory().unwrap();
        tokio::spawn(dynoxide::server::serve_with_shutdown(
            listener,
            database,
            std::future::pending(),
        ));
        let faults = Arc::new(Faults {
            writes_before_loss: AtomicUsize::new(0),
            writes_lost: AtomicUsize::new(0),
            meeting: AtomicUsize::new(0),
            barrier: Barrier::new(2),
            down: AtomicBool::new(false),
        });
        let shared = Arc::clone(&faults);
        let address = serve(move |stream| connection(stream, engine, Arc::clone(&shared))).await;
        Self { address, faults }
    }

    /// Loses the answer to one write, after so many others; the write itself is done.
    pub(crate) fn lose_answer_to_write(&self, after: usize) {
        self.faults.writes_before_loss.store(after, Ordering::SeqCst);
        self.faults.writes_lost.store(1, Ordering::SeqCst);
    }

    /// Lets the next two reads of an item be answered only when both have come.
    pub(crate) fn let_two_readers_meet(&self) {
        self.faults.meeting.store(2, Ordering::SeqCst);
    }

    /// Takes the engine off the wire, or puts it back.
    pub(crate) fn set_down(&self, down: bool) {
        self.faults.down.store(down, Ordering::SeqCst);
    }
}

fn take_one(counter: &AtomicUsize) -> bool {
    counter
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
        .is_ok()
}

async fn connection(mut stream: TcpStream, engine: SocketAddr, faults: Arc<Faults>) {
    let mut upstream = TcpStream::connect(engine).await.unwrap();
    while let Some(request) = Message::read(&mut stream).await {
        if faults.down.load(Ordering::SeqCst) {
            return;
        }
        request.write(&mut upstream).await.unwrap();
        let response = Message::read(&mut upstream).await.unwrap();
        let target = request.header("x-amz-target").unwrap_or_default();
        if target.ends_with(".GetItem") && take_one(&faults.meeting) {
            faults.barrier.wait().await;
        }
        let write = target.ends_with(".PutItem");
        if write && !take_one(&faults.writes_before_loss) && take_one(&faults.writes_lost) {
            return;
        }
        if response.write(&mut stream).await.is_err() {
            return;
        }
    }
}

/// Creates the tables with the keys and the index that the template gives each.
pub(crate) async fn create_tables(client: &Client) {
    create_table(client, TABLE, ("by_work", ["work", "work_at"])).await;
    create_table(client, DUTIES, ("by_work", ["work", "work_at"])).await;
    create_table(client, FEEDBACK, ("by_list", ["list", "list_at"])).await;
}

async fn create_table(client: &Client, name: &str, (index, [hash, range]): (&str, [&str; 2])) {
    let attribute = |name: &str| {
        let definition = AttributeDefinition::builder().attribute_name(name);
        definition.attribute_type(ScalarAttributeType::S).build().unwrap()
    };
    let part = |name: &str, kind| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
            .unwrap()
    };
    let index = GlobalSecondaryIndex::builder()
        .index_name(index)
        .key_schema(part(hash, KeyType::Hash))
        .key_schema(part(range, KeyType::Range))
        .projection(Projection::builder().projection_type(ProjectionType::All).build());
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(["pk", "sk", hash, range].map(attribute).to_vec()))
        .key_schema(part("pk", KeyType::Hash))
        .key_schema(part("sk", KeyType::Range))
        .global_secondary_indexes(index.build().unwrap())
        .send()
        .await
        .unwrap();
}
