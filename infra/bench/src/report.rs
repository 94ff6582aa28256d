//! The report: a table for people, and the same figures as JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::anatomy::Share;
use crate::counts::Case;
use crate::peers::Runner;
use crate::speed::Size;
use crate::startup::Startup;

/// Dollars of a million write units on demand, in thousandths of a cent (us-east-1, November 2024).
const WRITE_MILLION_MILLICENTS: u64 = 62_500;
/// Memory that gives one whole processor, MB.
const PROCESSOR_MB: u64 = 1_769;
/// Dollars of a GB-second on x86-64, in units of 10⁻¹⁰ dollar (us-east-1).
const GB_SECOND_E10: u64 = 166_667;

/// Everything that was measured. Each figure's name ends in its unit.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// How to get the same figures.
    pub command: String,
    /// Processors of the machine.
    pub processors: usize,
    /// Exact counts.
    pub counts: Vec<Counted>,
    /// What a page's bytes are.
    pub page: Vec<Share>,
    /// Speed and memory by size.
    pub sizes: Vec<Size>,
    /// The most memory of all sizes over the least, in hundredths.
    pub peak_ratio_centi: u64,
    /// The start of every function.
    pub startups: Vec<Startup>,
    /// Ours and others.
    pub peers: Vec<Runner>,
}

/// A case with what follows from it.
#[derive(Clone, Debug, Serialize)]
pub struct Counted {
    /// The counts.
    #[serde(flatten)]
    pub case: Case,
    /// Write units of pages, summaries, ledger and audit by receipt, in millionths.
    pub sales_write_micro_per_receipt: u64,
    /// Calls by thousand receipts, in thousandths.
    pub requests_milli_per_thousand_receipts: u64,
    /// Dollars of those write units for a million receipts, in millionths.
    pub sales_microdollars_per_million_receipts: u64,
    /// The same with customers.
    pub microdollars_per_million_receipts: u64,
    /// The floor of the former.
    pub floor_sales_microdollars_per_million_receipts: u64,
    /// The floor of the latter.
    pub floor_microdollars_per_million_receipts: u64,
}

/// Microdollars of so many thousandths of a write unit for so many receipts, by a million receipts.
fn microdollars(write_milli: u64, receipts: u64) -> u64 {
    // Units by receipt, times a million, times dollars by unit: the millions cancel out.
    (write_milli.saturating_mul(WRITE_MILLION_MILLICENTS) / 100)
        .checked_div(receipts)
        .unwrap_or_default()
}

impl From<Case> for Counted {
    fn from(case: Case) -> Self {
        let dollars = |write_milli| microdollars(write_milli, case.receipts);
        let floor = case.floor;
        Self {
            sales_write_micro_per_receipt: case.sales_write_micro_per_receipt(),
            requests_milli_per_thousand_receipts: case.requests_milli_per_thousand(),
            sales_microdollars_per_million_receipts: dollars(case.sales_write_milli()),
            microdollars_per_million_receipts: dollars(case.write_milli),
            floor_sales_microdollars_per_million_receipts: dollars(floor.sales() * 1000),
            floor_microdollars_per_million_receipts: dollars(floor.all() * 1000),
            case,
        }
    }
}

/// Microdollars of the processor for a million receipts.
fn processor_microdollars(size: &Size) -> u64 {
    let us_per_million = size
        .wall_us
        .saturating_mul(1_000_000)
        .checked_div(size.receipts)
        .unwrap_or_default();
    us_per_million.saturating_mul(PROCESSOR_MB) / 1024 * GB_SECOND_E10 / 10_000 / 1_000_000
}

/// A number of the smallest parts as a decimal: `decimal(1234, 3)` is `1.234`.
#[must_use]
pub fn decimal(parts: u64, places: u32) -> String {
    let one = 10_u64.saturating_pow(places);
    let width = usize::try_from(places).unwrap_or_default();
    format!("{}.{:0width$}", parts / one, parts % one)
}

impl Report {
    /// Takes the ratio of the sizes' memory.
    pub fn compare_sizes(&mut self) {
        let peaks = || self.sizes.iter().map(|size| size.peak_kib);
        let (most, least) = (
            peaks().max().unwrap_or_default(),
            peaks().min().unwrap_or_default(),
        );
        self.peak_ratio_centi = (most * 100).checked_div(least).unwrap_or_default();
    }

    /// Writes the table.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn print(&self, out: &mut impl Write) -> io::Result<()> {
        self.print_counts(out)?;
        self.print_page(out)?;
        self.print_sizes(out)?;
        self.print_startups(out)?;
        self.print_peers(out)
    }

    fn print_counts(&self, out: &mut impl Write) -> io::Result<()> {
        if self.counts.is_empty() {
            return Ok(());
        }
        let columns = [
            "receipts",
            "WU",
            "RU",
            "requests",
            "per 1,000",
            "sales WU/r",
            "sales $/M",
            "all $/M",
        ];
        write!(out, "\n{:<34}", "exact counts")?;
        columns
            .iter()
            .try_for_each(|column| write!(out, "{column:>12}"))?;
        for counted in &self.counts {
            let case = &counted.case;
            write!(out, "\n{:<34}", case.name)?;
            let row = [
                case.receipts.to_string(),
                decimal(case.write_milli / 100, 1),
                decimal(case.read_milli / 100, 1),
                case.requests.to_string(),
                decimal(counted.requests_milli_per_thousand_receipts / 100, 1),
                decimal(counted.sales_write_micro_per_receipt / 10, 5),
                decimal(counted.sales_microdollars_per_million_receipts / 100, 4),
                decimal(counted.microdollars_per_million_receipts / 100, 4),
            ];
            row.iter().try_for_each(|cell| write!(out, "{cell:>12}"))?;
            let floor = case.floor;
            if floor.sales() > 0 {
                write!(
                    out,
                    "\n  floor: pages {} + summaries {} + ledger {} + audit {} = {} WU, + customers {} + numbers {}; ${}, ${}",
                    floor.pages,
                    floor.summaries,
                    floor.ledger,
                    floor.audit,
                    floor.sales(),
                    floor.customers,
                    floor.phones,
                    decimal(counted.floor_sales_microdollars_per_million_receipts / 100, 4),
                    decimal(counted.floor_microdollars_per_million_receipts / 100, 4),
                )?;
            }
        }
        writeln!(out)
    }

    fn print_page(&self, out: &mut impl Write) -> io::Result<()> {
        if self.page.is_empty() {
            return Ok(());
        }
        writeln!(out, "\nbytes of a page by receipt (what silencing a part saves)")?;
        self.page.iter().try_for_each(|share| {
            writeln!(
                out,
                "  {:<36}{:>8}",
                share.part,
                decimal(share.centibytes_per_receipt, 2)
            )
        })
    }

    fn print_sizes(&self, out: &mut impl Write) -> io::Result<()> {
        if self.sizes.is_empty() {
            return Ok(());
        }
        let columns = [
            "receipts",
            "receipts/s",
            "per CPU s",
            "MB/s",
            "peak MiB",
            "calls",
            "CPU $/million",
        ];
        writeln!(out, "\nnull store, one processor, a process a size")?;
        columns
            .iter()
            .try_for_each(|column| write!(out, "{column:>14}"))?;
        for size in &self.sizes {
            let row = [
                size.receipts.to_string(),
                size.receipts_per_second().to_string(),
                size.receipts_per_cpu_second().to_string(),
                decimal(size.kilobytes_per_second() / 100, 1),
                decimal(size.peak_kib * 100 / 1024, 2),
                size.calls.to_string(),
                decimal(processor_microdollars(size), 6),
            ];
            writeln!(out)?;
            row.iter().try_for_each(|cell| write!(out, "{cell:>14}"))?;
        }
        writeln!(
            out,
            "\n  most memory / least: {}",
            decimal(self.peak_ratio_centi, 2)
        )
    }

    fn print_startups(&self, out: &mut impl Write) -> io::Result<()> {
        if self.startups.is_empty() {
            return Ok(());
        }
        write!(out, "\n{:<30}", "process to first poll")?;
        ["ms", "instructions", "program MB"]
            .iter()
            .try_for_each(|column| write!(out, "{column:>14}"))?;
        for startup in &self.startups {
            let instructions = startup.instructions.map(|count| count.to_string());
            let row = [
                decimal(startup.start_us / 10, 2),
                instructions.unwrap_or_else(|| "no valgrind".to_owned()),
                decimal(startup.program_bytes / 10_000, 2),
            ];
            write!(out, "\n{:<30}", startup.function)?;
            row.iter().try_for_each(|cell| write!(out, "{cell:>14}"))?;
        }
        writeln!(out)
    }

    fn print_peers(&self, out: &mut impl Write) -> io::Result<()> {
        if self.peers.is_empty() {
            return Ok(());
        }
        let columns = [
            "receipts/s",
            "per CPU s",
            "ours is",
            "by CPU",
            "peak MiB",
            "start ms",
        ];
        write!(out, "\n{:<30}", "10,000 receipts")?;
        columns
            .iter()
            .try_for_each(|column| write!(out, "{column:>12}"))?;
        for runner in &self.peers {
            write!(out, "\n{:<30}", runner.name)?;
            let row = [
                runner.receipts_per_second.to_string(),
                runner.receipts_per_cpu_second.to_string(),
                format!("{}x", decimal(runner.ratio_centi, 2)),
                format!("{}x", decimal(runner.cpu_ratio_centi, 2)),
                decimal(runner.peak_kib * 100 / 1024, 2),
                decimal(runner.start_us / 10, 2),
            ];
            row.iter().try_for_each(|cell| write!(out, "{cell:>12}"))?;
        }
        writeln!(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_zeros() {
        assert_eq!(decimal(1_005, 3), "1.005");
        assert_eq!(decimal(7, 2), "0.07");
        assert_eq!(decimal(0, 1), "0.0");
    }

    #[test]
    fn a_unit_a_receipt_costs_the_price_of_a_million_units() {
        assert_eq!(microdollars(1_000, 1), 625_000);
    }

    #[test]
    fn a_second_of_a_processor_costs_its_memory() {
        let size = Size {
            receipts: 1_000_000,
            file_bytes: 0,
            wall_us: 1_000_000,
            cpu_us: 0,
            peak_kib: 0,
            calls: 0,
        };
        // 1,769 MB for a second: 1.7275 GB-s at $0.0000166667.
        assert_eq!(processor_microdollars(&size), 28);
    }
}
