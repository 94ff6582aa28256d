//! What the program is told at its start.

use aws::Names;

/// Text of `--help`.
pub const USAGE: &str = "\
Makes the tables of sales anew from the exports in the bucket, and proves that they mean the same.

Usage: rebuild fingerprint [--local]
       rebuild rebuild [--local] [--yes] [--keep-gone]

  --local      the set that runs on this machine, with its local.env in the environment
  --yes        do it without asking
  --keep-gone  leave the days of exports that are not in the bucket any more as they are

`make rebuild`, `make rebuild-local` and `make fingerprint-local` say the rest. Otherwise the environment names
SALES_TABLE, CUSTOMERS_TABLE, OPERATIONS_TABLE, FEEDBACK_TABLE, DUTIES_TABLE and EXPORTS_BUCKET.";

/// Why the arguments were refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArgsError {
    /// `--help` was asked for: print [`USAGE`] and stop.
    #[error("{USAGE}")]
    Help,
    /// An argument that does not exist.
    #[error("unknown argument {0}; try --help")]
    Unknown(String),
    /// Neither of the two commands.
    #[error("which: fingerprint or rebuild? try --help")]
    NoCommand,
    /// Nobody said which tables.
    #[error("{0} is not set; use make rebuild, or --local")]
    NoName(&'static str),
}

/// The two commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Only say what the tables mean.
    Fingerprint,
    /// Make them anew.
    Rebuild,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Args {
    /// What to do.
    pub command: Command,
    /// On the one-machine run.
    pub local: bool,
    /// Without asking.
    pub yes: bool,
    /// Days of exports that are gone stay.
    pub keep_gone: bool,
}

impl Args {
    /// Reads arguments, without the program's name.
    ///
    /// # Errors
    /// An argument that does not exist, no command, or `--help`.
    pub fn read(args: impl IntoIterator<Item = String>) -> Result<Self, ArgsError> {
        let (mut command, mut flags) = (None, [false; 3]);
        let [local, yes, keep_gone] = &mut flags;
        for arg in args {
            match arg.as_str() {
                "fingerprint" => command = Some(Command::Fingerprint),
                "rebuild" => command = Some(Command::Rebuild),
                "--local" => *local = true,
                "--yes" => *yes = true,
                "--keep-gone" => *keep_gone = true,
                "--help" | "-h" => return Err(ArgsError::Help),
                _ => return Err(ArgsError::Unknown(arg)),
            }
        }
        let [local, yes, keep_gone] = flags;
        Ok(Self {
            command: command.ok_or(ArgsError::NoCommand)?,
            local,
            yes,
            keep_gone,
        })
    }

    /// The names of tables and bucket: those of the one-machine run, or those that the environment told.
    ///
    /// # Errors
    /// [`ArgsError::NoName`] when the environment leaves one out.
    pub fn names(&self, told: Names) -> Result<Names, ArgsError> {
        if self.local {
            // As the template names them, and the bucket in lower case: S3 allows no capitals.
            return Ok(Names {
                sales: "SalesTable".to_owned(),
                customers: "CustomersTable".to_owned(),
                operations: "OperationsTable".to_owned(),
                feedback: "FeedbackTable".to_owned(),
                duties: "DutiesTable".to_owned(),
                // A rebuild leaves top-ups alone.
                topups: String::new(),
                exports: "exports".to_owned(),
            });
        }
        for (variable, name) in [
            ("SALES_TABLE", &told.sales),
            ("CUSTOMERS_TABLE", &told.customers),
            ("OPERATIONS_TABLE", &told.operations),
            ("FEEDBACK_TABLE", &told.feedback),
            ("DUTIES_TABLE", &told.duties),
            ("EXPORTS_BUCKET", &told.exports),
        ] {
            if name.is_empty() {
                return Err(ArgsError::NoName(variable));
            }
        }
        Ok(told)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn read(words: &str) -> Result<Args, ArgsError> {
        Args::read(words.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn commands_and_flags_are_taken_in_any_order() {
        let args = read("--keep-gone rebuild --yes").unwrap();
        assert_eq!((args.command, args.local), (Command::Rebuild, false));
        assert!(args.yes && args.keep_gone);
        let args = read("fingerprint --local").unwrap();
        assert_eq!(
            (args.command, args.local, args.yes),
            (Command::Fingerprint, true, false)
        );
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(read(""), Err(ArgsError::NoCommand));
        assert_eq!(
            read("rebuild --force"),
            Err(ArgsError::Unknown("--force".to_owned()))
        );
        assert_eq!(read("rebuild -h"), Err(ArgsError::Help));
    }

    #[test]
    fn tables_are_never_guessed() {
        let args = read("rebuild").unwrap();
        let told = Names {
            sales: "s".to_owned(),
            ..Names::default()
        };
        assert_eq!(
            args.names(told).unwrap_err(),
            ArgsError::NoName("CUSTOMERS_TABLE")
        );
        let local = read("rebuild --local").unwrap().names(Names::default()).unwrap();
        assert_eq!(
            (local.duties.as_str(), local.exports.as_str()),
            ("DutiesTable", "exports")
        );
    }
}
