//! Speed, memory and start of the deployed binary, against nothing but itself.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::function::{Function, Start};
use crate::generator::Plan;
use crate::null_aws::NullAws;

/// Starts of which the quickest counts: everything slower is the machine doing something else.
const STARTS: u32 = 20;

/// What one size came to, in a process of its own.
#[derive(Clone, Debug, Serialize)]
pub struct Size {
    /// Receipts in the file.
    pub receipts: u64,
    /// The file's size in bytes.
    pub file_bytes: u64,
    /// From the event to the answer, microseconds.
    pub wall_us: u64,
    /// On the processor, microseconds.
    pub cpu_us: u64,
    /// The most memory the process ever held, KiB.
    pub peak_kib: u64,
    /// Calls to the database.
    pub calls: u64,
}

impl Size {
    /// Receipts by second.
    #[must_use]
    pub fn receipts_per_second(&self) -> u64 {
        by_second(self.receipts, self.wall_us)
    }

    /// Receipts by second of processor time: what is left when others use the machine too.
    #[must_use]
    pub fn receipts_per_cpu_second(&self) -> u64 {
        by_second(self.receipts, self.cpu_us)
    }

    /// Thousands of bytes by second.
    #[must_use]
    pub fn kilobytes_per_second(&self) -> u64 {
        by_second(self.file_bytes, self.wall_us) / 1000
    }
}

pub(crate) fn by_second(amount: u64, us: u64) -> u64 {
    amount
        .saturating_mul(1_000_000)
        .checked_div(us)
        .unwrap_or_default()
}

pub(crate) fn us(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Where the bench keeps its files.
#[must_use]
pub fn folder() -> PathBuf {
    testkit::world::repository().join("target/bench")
}

pub(crate) fn ours(binary: &Path) -> Start {
    Start {
        name: "ours",
        program: binary.to_owned(),
        arguments: Vec::new(),
    }
}

/// Writes a chain's export of so many receipts and answers where, and its size.
///
/// # Errors
/// When the disk does not take it.
pub fn export(receipts: u64) -> Result<(PathBuf, u64)> {
    fs::create_dir_all(folder())?;
    let path = folder().join(format!("export-{receipts}.json"));
    let mut file = BufWriter::new(File::create(&path)?);
    Plan::chain(receipts).write(&mut file)?;
    let file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    Ok((path, file.metadata()?.len()))
}

/// Has a fresh process take a file of so many receipts.
///
/// # Errors
/// When the function does not take it.
pub async fn size(binary: &Path, receipts: u64) -> Result<Size> {
    let (path, file_bytes) = export(receipts)?;
    let aws = NullAws::start(path.clone()).await?;
    let mut function = Function::start(&ours(binary), &aws).await?;
    let before = aws.calls();
    let took = function.take_file(file_bytes).await?;
    let size = Size {
        receipts,
        file_bytes,
        wall_us: us(took.wall),
        cpu_us: us(took.cpu),
        peak_kib: function.peak_kib()?,
        calls: aws.calls().saturating_sub(before),
    };
    function.stop().await?;
    fs::remove_file(path)?;
    Ok(size)
}

/// The quickest of several starts, from the process to its first request for an event, microseconds.
pub(crate) async fn start_us(start: &Start) -> Result<u64> {
    let (path, _) = export(1)?;
    let aws = NullAws::start(path).await?;
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let function = Function::start(start, &aws).await?;
        starts.push(us(function.first_poll));
        function.stop().await?;
    }
    starts.into_iter().min().context("there were starts")
}
