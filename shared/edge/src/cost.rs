//! What work costs in the database, as a metric of every function.

use aws::meter::Reading;
use lambda_edge::metrics::{Metrics, Unit};

/// Counts the write units between two readings. None are not counted: a line for nothing is paid for
/// like any other, and most requests and most minutes have nothing to write.
pub fn count_write_units(metrics: &Metrics, before: Reading, after: Reading) {
    let units = after.since(before).write_units();
    if units > 0 {
        metrics.add("WriteUnits", Unit::Count, units);
    }
}
