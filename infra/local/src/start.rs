//! Starting everything, and stopping it.

use std::fs::File;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::args::Config;
use crate::aws_endpoint::AwsEndpoint;
use crate::gateway::Gateway;
use crate::http as web;
use crate::invoke::Functions;
use crate::issuer::Issuer;
use crate::mail::MailStore;
use crate::object_events::ObjectEvents;
use crate::pages::{Addresses, Pages};
use crate::partners::{self, Partners};
use crate::process::{self, Surroundings};
use crate::queue::Queues;
use crate::runtime_api::RuntimeApi;
use crate::s3::{self, Store};
use crate::ses::Ses;
use crate::ssm::Parameters;
use crate::state::State;
use crate::stop::{self, Stop, StopSender};
use crate::streams::StreamReader;
use crate::template::{Source, Template};
use crate::web_client::web_client;
use crate::{dynamodb, env_file, queue_source, timer};

/// How long a stop may take before what still runs is dropped.
const STOP_TIME: Duration = Duration::from_millis(1500);

/// How many take from one queue at the same time. Two show what happens when two workers meet, and leave a small
/// machine its breath.
const WORKERS: usize = 2;

/// Everything, running.
#[derive(Debug)]
pub struct Running {
    /// Address of the HTTP API.
    pub base_url: String,
    /// Address of the AWS endpoint.
    pub aws_url: String,
    /// The API key, as `local.env` has it.
    pub api_key: String,
    /// The folder of all state.
    pub data_dir: PathBuf,
    /// The bucket that exports are put into: the first of the template.
    pub bucket: String,
    pub(crate) store: Store,
    pub(crate) gateway: Gateway,
    queues: Queues,
    functions: Functions,
    stop: StopSender,
    tasks: JoinSet<()>,
    // Held until the end: a second run on the same folder is refused.
    _lock: File,
}

/// What the parts share while they are put together.
struct Parts {
    template: Template,
    data_dir: PathBuf,
    state: State,
    queues: Queues,
    store: Store,
    database: Database,
    mail: MailStore,
    stop: Stop,
    tasks: JoinSet<()>,
}

/// Starts everything that `config` says and returns when it answers. `bootstrap` is called at the first start
/// on a data folder, with the AWS endpoint's address, and returns the API key.
///
/// # Errors
/// The template is refused, a port or the data folder is in use, a file cannot be read or written, or
/// `bootstrap` failed.
pub async fn start<B, F>(config: &Config, bootstrap: B) -> anyhow::Result<Running>
where
    B: FnOnce(String) -> F,
    F: Future<Output = anyhow::Result<String>>,
{
    let template = Template::read(&config.template).with_context(|| config.template.display().to_string())?;
    check_programs(&template, &config.functions_dir)?;
    let data_dir = create_private(&config.data_dir)?;
    let lock = lock(&data_dir)?;
    let gateway_port = web::listen(config.port, "PORT").await?;
    let aws_port = web::listen(config.aws_port, "AWS_PORT").await?;
    let base_url = format!("http://{}", gateway_port.local_addr()?);
    let aws_url = format!("http://{}", aws_port.local_addr()?);
    let (sender, stop) = stop::channel();
    let mut parts = open(template, data_dir, stop)?;
    process::end_left_behind(&parts.state).await?;

    let parameters = Parameters::open(&parts.data_dir)?;
    let partners = Partners::open(&parts.data_dir, &base_url, &parts.template.functions, &parameters).await?;
    let dynamodb_url = start_engine(&mut parts).await?;
    let functions = start_functions(&mut parts, config, &base_url, &aws_url, &dynamodb_url).await?;
    let aws = AwsEndpoint {
        dynamodb_url,
        client: web_client()?,
        ses: Ses::new(parts.mail.clone(), parts.data_dir.join("ses.fail")),
        parameters,
        s3: parts.store.service(),
    };
    parts.tasks.spawn(web::serve(
        aws_port,
        move |request| aws.clone().handle(request),
        parts.stop.clone(),
    ));

    let api_key = match env_file::api_key(&parts.data_dir)? {
        Some(key) => key,
        None => bootstrap(aws_url.clone())
            .await
            .context("the API key could not be made")?,
    };
    let mut told = partners::environment(&base_url).to_vec();
    told.push(("CENTRAL_TOKEN", partners.token().to_owned()));
    env_file::write(&parts.data_dir, &api_key, (&base_url, &aws_url), &told)?;

    let loopback = gateway_port.local_addr()?.ip().is_loopback();
    // Some of its people have no password: nobody but this machine may reach it.
    let issuer = loopback
        .then(|| Issuer::open(&parts.data_dir, &base_url))
        .transpose()?;
    let servers = (issuer, partners);
    let (bucket, gateway) = start_gateway(&mut parts, gateway_port, (&aws_url, servers), &functions);
    start_triggers(&mut parts, &functions);

    let Parts {
        data_dir,
        store,
        queues,
        tasks,
        ..
    } = parts;
    Ok(Running {
        base_url,
        aws_url,
        api_key,
        data_dir,
        bucket,
        store,
        gateway,
        queues,
        functions,
        stop: sender,
        tasks,
        _lock: lock,
    })
}

/// Serves the DynamoDB engine on a free port and returns its address.
async fn start_engine(parts: &mut Parts) -> anyhow::Result<String> {
    let engine_port = web::listen(0, "DynamoDB").await?;
    let dynamodb_url = format!("http://{}", engine_port.local_addr()?);
    parts.tasks.spawn(dynamodb::serve(
        engine_port,
        parts.database.clone(),
        parts.stop.clone(),
    ));
    let file = parts.data_dir.join("dynamodb.sqlite");
    parts.tasks.spawn(dynamodb::upkeep(
        parts.database.clone(),
        file,
        parts.state.clone(),
        parts.stop.clone(),
    ));
    Ok(dynamodb_url)
}

/// Serves the Runtime API on a free port and makes the functions ready for it.
async fn start_functions(
    parts: &mut Parts,
    config: &Config,
    base_url: &str,
    aws_url: &str,
    dynamodb_url: &str,
) -> anyhow::Result<Functions> {
    let api = RuntimeApi::default();
    let runtime_port = web::listen(0, "Runtime API").await?;
    let surroundings = Surroundings {
        functions_dir: config.functions_dir.clone(),
        log_dir: parts.data_dir.join("logs"),
        runtime_url: format!("http://{}", runtime_port.local_addr()?),
        aws_url: aws_url.to_owned(),
        dynamodb_url: dynamodb_url.to_owned(),
        public_url: base_url.to_owned(),
    };
    let desk = api.clone();
    let answer_functions = move |request| desk.clone().handle(request);
    parts
        .tasks
        .spawn(web::serve(runtime_port, answer_functions, parts.stop.clone()));
    let definitions = std::mem::take(&mut parts.template.functions);
    Ok(Functions::new(
        definitions,
        surroundings,
        api,
        parts.state.clone(),
        parts.stop.clone(),
    ))
}

/// Serves the HTTP API and the pages. Returns the name of the bucket that exports are put into, and the API.
fn start_gateway(
    parts: &mut Parts,
    port: TcpListener,
    (aws_url, (issuer, partners)): (&str, (Option<Issuer>, Partners)),
    functions: &Functions,
) -> (String, Gateway) {
    let telling = partners.clone().keep_telling(parts.stop.clone());
    parts.tasks.spawn(telling);
    let bucket = parts
        .template
        .buckets
        .first()
        .map(|bucket| bucket.name.clone())
        .unwrap_or_default();
    let addresses = Addresses {
        aws_url: aws_url.to_owned(),
        bucket_folder: parts.data_dir.join("s3").join(&bucket).display().to_string(),
        bucket: bucket.clone(),
        env_file: env_file::path(&parts.data_dir).display().to_string(),
    };
    let pages = Pages::new(
        addresses,
        parts.mail.clone(),
        (parts.queues.clone(), functions.clone()),
    );
    let gateway = Gateway::new(&parts.template.routes, functions.clone(), pages, issuer, partners);
    let answering = gateway.clone();
    parts.tasks.spawn(web::serve(
        port,
        move |request| answering.clone().handle(request),
        parts.stop.clone(),
    ));
    (bucket, gateway)
}

fn open(mut template: Template, data_dir: PathBuf, stop: Stop) -> anyhow::Result<Parts> {
    std::fs::create_dir_all(data_dir.join("logs"))?;
    let state = State::open(&data_dir.join("local.sqlite"))?;
    let queues = Queues::new(state.clone(), std::mem::take(&mut template.queues));
    let rules = std::mem::take(&mut template.rules);
    let events = ObjectEvents::new(queues.clone(), rules, &template.buckets);
    let store = Store::open(&data_dir.join("s3"), &template.buckets, events)?;
    let database = dynamodb::open(&data_dir.join("dynamodb.sqlite"), &template.tables)?;
    let mail = MailStore::open(&data_dir.join("mail"))?;
    Ok(Parts {
        template,
        data_dir,
        state,
        queues,
        store,
        database,
        mail,
        stop,
        tasks: JoinSet::new(),
    })
}

/// Starts what invokes functions besides HTTP.
fn start_triggers(parts: &mut Parts, functions: &Functions) {
    for bucket in parts.template.buckets.iter().filter(|bucket| bucket.event_bridge) {
        parts.tasks.spawn(s3::watch(
            parts.store.clone(),
            bucket.name.clone(),
            parts.stop.clone(),
        ));
    }
    for function in functions.list() {
        for source in function.sources.clone() {
            let name = function.name.clone();
            match source {
                Source::Queue(source) => {
                    for _ in 0..WORKERS {
                        let (queues, functions, stop) =
                            (parts.queues.clone(), functions.clone(), parts.stop.clone());
                        parts.tasks.spawn(queue_source::run(
                            source.clone(),
                            name.clone(),
                            queues,
                            functions,
                            stop,
                        ));
                    }
                }
                Source::Stream(source) => {
                    let reader = StreamReader {
                        source,
                        function: name,
                        database: parts.database.clone(),
                        functions: functions.clone(),
                        queues: parts.queues.clone(),
                        stop: parts.stop.clone(),
                    };
                    parts.tasks.spawn(reader.run());
                }
                Source::Schedule(source) => {
                    let (queues, stop) = (parts.queues.clone(), parts.stop.clone());
                    parts
                        .tasks
                        .spawn(timer::run(source, name, functions.clone(), queues, stop));
                }
            }
        }
    }
}

impl Running {
    /// Stops everything: functions are killed, and what was in flight is given out again at the next start.
    pub async fn stop(mut self) {
        self.stop.stop();
        self.functions.end_idle().await;
        let finished = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_TIME, finished).await.is_err() {
            tracing::warn!("some work was dropped at the stop");
        }
    }

    /// The bodies of the messages that wait in `queue`, oldest first, at most 100.
    ///
    /// # Errors
    /// The state cannot be read.
    pub async fn waiting(&self, queue: &str) -> anyhow::Result<Vec<String>> {
        Ok(self.queues.peek(queue).await?)
    }
}

/// Refuses to start without a function's program: its messages would wear out their retries.
fn check_programs(template: &Template, folder: &Path) -> anyhow::Result<()> {
    for function in &template.functions {
        let program = folder.join(&function.binary);
        anyhow::ensure!(
            program.is_file(),
            "{}: its program {} is not built",
            function.name,
            program.display()
        );
    }
    Ok(())
}

/// Creates the data folder for its owner only and returns its absolute path.
fn create_private(folder: &Path) -> anyhow::Result<PathBuf> {
    use std::os::unix::fs::DirBuilderExt;
    let context = || format!("the data folder {} (DATA_DIR)", folder.display());
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(context)?;
    folder.canonicalize().with_context(context)
}

fn lock(data_dir: &Path) -> anyhow::Result<File> {
    let file = File::create(data_dir.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            let folder = data_dir.display();
            Err(anyhow::anyhow!(
                "{folder} is in use by another run; stop that one, or choose another DATA_DIR"
            ))
        }
        Err(std::fs::TryLockError::Error(error)) => Err(error).context("the lock of the data folder"),
    }
}
