//! Metrics in CloudWatch's embedded metric format: a line on standard output, no call and no wait.
//!
//! What is counted during an invocation is written as one line when it ends, and costs nothing until
//! then. By default metrics have no dimensions, because CloudWatch bills every metric times every
//! combination of dimension values; what tells requests apart (`function`, `request_id`,
//! `correlation_id`, ...) are properties, which are free and can be queried in the logs.
//!
//! The rules of the format are those of
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.

mod buffer;
mod error;
mod unit;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::clock::{self, Clock};
use crate::output::Output;
use crate::redact::Redactor;
use buffer::Buffer;
pub use error::MetricsError;
pub use unit::Unit;

/// Metrics of one directive, and values of one metric, that CloudWatch takes.
const MOST: usize = 100;
/// Dimensions of one metric that CloudWatch takes.
const MOST_DIMENSIONS: usize = 30;
/// Characters of a metric's or namespace's name that CloudWatch takes.
const LONGEST_NAME: usize = 255;
/// Characters of a dimension's name that the format allows.
const LONGEST_DIMENSION: usize = 250;
/// Characters of a dimension's value that CloudWatch takes.
const LONGEST_DIMENSION_VALUE: usize = 1024;

/// Counts things. Cheap to clone; clones count into the same line, so libraries can be handed one.
///
/// ```
/// use lambda_edge::metrics::{Metrics, Unit};
/// use lambda_edge::output::Output;
///
/// let output = Output::memory();
/// let metrics = Metrics::new("Parcels", [("function", "sort-parcels")])?
///     .with_output(output.clone())
///     .with_clock(|| 1_795_310_473_123);
/// metrics.add("Sorted", Unit::Count, 2);
/// metrics.add("Sorted", Unit::Count, 3);
/// metrics.record("Weight", Unit::None, 700);
/// metrics.flush();
/// assert_eq!(
///     output.text(),
///     concat!(
///         r#"{"_aws":{"Timestamp":1795310473123,"CloudWatchMetrics":[{"Namespace":"Parcels","#,
///         r#""Dimensions":[[]],"Metrics":[{"Name":"Sorted","Unit":"Count"},{"Name":"Weight","Unit":"None"}]}]},"#,
///         r#""function":"sort-parcels","Sorted":5,"Weight":[700]}"#,
///         "\n",
///     ),
/// );
/// # Ok::<(), lambda_edge::metrics::MetricsError>(())
/// ```
#[derive(Clone)]
pub struct Metrics {
    settings: Arc<Settings>,
    state: Arc<Mutex<State>>,
}

#[derive(Clone)]
struct Settings {
    namespace: String,
    properties: BTreeMap<String, Value>,
    dimensions: Vec<Vec<String>>,
    output: Output,
    redactor: Redactor,
    now_ms: Clock,
}

#[derive(Default)]
struct State {
    buffer: Buffer,
    /// Properties of the invocation that is going on.
    properties: BTreeMap<String, Value>,
}

impl Metrics {
    /// Metrics of a namespace, with properties that are on every line.
    ///
    /// # Errors
    /// [`MetricsError`] when CloudWatch would not take the namespace or a property's name.
    pub fn new<N: Into<String>, V: Into<Value>>(
        namespace: impl Into<String>,
        properties: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, MetricsError> {
        let namespace = namespace.into();
        let properties = properties.into_iter();
        let properties: BTreeMap<String, Value> = properties
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        error::check_namespace(&namespace)?;
        properties
            .keys()
            .try_for_each(|name| error::check_property(name))?;
        Ok(Self {
            settings: Arc::new(Settings {
                namespace,
                properties,
                dimensions: vec![Vec::new()],
                output: Output::stdout(),
                redactor: Redactor::process(),
                now_ms: clock::now_ms,
            }),
            state: Arc::default(),
        })
    }

    /// Metrics with these sets of dimensions instead of none. Each dimension is one of the properties
    /// given to [`Metrics::new`]; each set makes every metric another one on the bill.
    ///
    /// # Errors
    /// [`MetricsError`] when a dimension is no property, or is more or longer than CloudWatch takes.
    pub fn with_dimensions(self, sets: &[&[&str]]) -> Result<Self, MetricsError> {
        for set in sets {
            if set.len() > MOST_DIMENSIONS {
                return Err(MetricsError::TooManyDimensions(set.len()));
            }
            set.iter()
                .try_for_each(|name| error::check_dimension(name, &self.settings.properties))?;
        }
        let own = |set: &&[&str]| set.iter().map(|name| (*name).to_owned()).collect();
        Ok(self.change(|settings| settings.dimensions = sets.iter().map(own).collect()))
    }

    /// The same, written elsewhere than to standard output.
    #[must_use]
    pub fn with_output(self, output: Output) -> Self {
        self.change(|settings| settings.output = output)
    }

    /// The same, with properties masked by another redactor than the process's.
    #[must_use]
    pub fn with_redactor(self, redactor: Redactor) -> Self {
        self.change(|settings| settings.redactor = redactor)
    }

    /// The same, with another clock.
    #[must_use]
    pub fn with_clock(self, now_ms: Clock) -> Self {
        self.change(|settings| settings.now_ms = now_ms)
    }

    /// Adds to a metric; what is added until the next flush is written as one sum.
    pub fn add(&self, name: &'static str, unit: Unit, count: u64) {
        if self.is_usable(name) {
            self.state().buffer.add(name, unit, count);
        }
    }

    /// Keeps a value of a metric, of which CloudWatch then knows the minimum, the maximum and the
    /// percentiles.
    pub fn record(&self, name: &'static str, unit: Unit, value: u64) {
        if self.is_usable(name) {
            self.state().buffer.record(name, unit, value);
        }
    }

    /// Sets a property for the rest of the invocation. A dimension can't be changed this way, and
    /// `_aws` is the format's own.
    pub fn set_property(&self, name: &str, value: impl Into<Value>) {
        if error::check_property(name).is_err() || self.is_dimension(name) {
            tracing::error!(property = name, "a property that can't be set");
            return;
        }
        self.state().properties.insert(name.to_owned(), value.into());
    }

    /// Writes what was counted since the last flush: one line, or several where there is more than one
    /// line may hold. Nothing counted, nothing written.
    pub fn flush(&self) {
        let (lines, properties) = {
            let mut state = self.state();
            (state.buffer.take(), state.properties.clone())
        };
        self.write(&lines, &properties);
    }

    /// [`flush`](Metrics::flush) from within a panic, where the lock may be held by the one who panics.
    pub(crate) fn flush_if_free(&self) {
        let Ok(mut state) = self.state.try_lock() else {
            return;
        };
        let (lines, properties) = (state.buffer.take(), state.properties.clone());
        drop(state);
        self.write(&lines, &properties);
    }

    /// Replaces the properties of the last invocation by those of the next one.
    pub(crate) fn begin<const N: usize>(&self, properties: [(&str, Value); N]) {
        let properties = properties.into_iter();
        self.state().properties = properties.map(|(name, value)| (name.to_owned(), value)).collect();
    }

    fn write(&self, lines: &[buffer::Line], properties: &BTreeMap<String, Value>) {
        let timestamp = (self.settings.now_ms)();
        for line in lines {
            self.settings
                .output
                .write_line(&line.json(&self.settings, properties, timestamp));
        }
    }

    /// Only what CloudWatch takes; anything else would make it drop the whole line.
    fn is_usable(&self, name: &'static str) -> bool {
        let usable = error::check_metric(name).is_ok() && !self.is_dimension(name);
        if !usable {
            tracing::error!(metric = name, "a metric that can't be counted");
        }
        usable
    }

    fn is_dimension(&self, name: &str) -> bool {
        self.settings
            .dimensions
            .iter()
            .flatten()
            .any(|dimension| dimension == name)
    }

    fn change(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Metrics").field(&self.settings.namespace).finish()
    }
}
