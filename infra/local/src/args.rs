//! What the process is told at start: environment variables and command-line flags.

use std::path::PathBuf;

/// Settings of one run.
#[derive(Debug, Clone)]
pub struct Config {
    /// Port of the HTTP API on 127.0.0.1; 0 picks a free one. `PORT`, default 8080.
    pub port: u16,
    /// Port of the AWS endpoint on 127.0.0.1; 0 picks a free one. `AWS_PORT`, default 4566.
    pub aws_port: u16,
    /// Folder of all state. `DATA_DIR`, default `./data`.
    pub data_dir: PathBuf,
    /// The deployment template. `--template`, default `./template.yaml`.
    pub template: PathBuf,
    /// Folder of the function binaries. `--functions-dir`, default the folder of this program.
    pub functions_dir: PathBuf,
    /// Folder of sample exports. `--samples`, default `./samples`; none with `--no-samples`.
    pub samples_dir: Option<PathBuf>,
}

/// Text of `--help`.
pub const USAGE: &str = "\
Runs every function of template.yaml on this machine.

Usage: local [--template FILE] [--functions-dir FOLDER] [--samples FOLDER] [--no-samples]
       local verify-audit        proves the audit trail of the set that is running
       local redrive             tries once more what the set that is running has given up
       local night [DATE] [--again]
                                 begins the last night that was due, or that of a day gone by, in the set that is
                                 running; with --again also one that is over
       local restore-config DATE shows what has changed since that night's backup, asks, and puts it back

Environment: PORT (8080), AWS_PORT (4566), DATA_DIR (./data)";

/// Why the arguments were refused.
#[derive(Debug, thiserror::Error)]
pub enum ArgsError {
    /// `--help` was asked for: print [`USAGE`] and stop.
    #[error("{USAGE}")]
    Help,
    /// A flag that does not exist.
    #[error("unknown argument {0}; try --help")]
    Unknown(String),
    /// A flag without its value.
    #[error("{0} needs a value; try --help")]
    MissingValue(String),
    /// A port that is not a number from 0 to 65535.
    #[error("{name}={value} is not a port number")]
    Port {
        /// The variable's name.
        name: &'static str,
        /// Its value.
        value: String,
    },
}

impl Config {
    /// Reads flags from `args` (without the program's name) and variables through `variable`.
    ///
    /// # Errors
    /// An unknown flag, a flag without value, a port that is no port, or `--help`.
    pub fn read(
        args: impl IntoIterator<Item = String>,
        variable: impl Fn(&str) -> Option<String>,
        program_dir: PathBuf,
    ) -> Result<Self, ArgsError> {
        let mut config = Self {
            port: port(&variable, "PORT", 8080)?,
            aws_port: port(&variable, "AWS_PORT", 4566)?,
            data_dir: variable("DATA_DIR")
                .filter(|dir| !dir.is_empty())
                .unwrap_or_else(|| "./data".into())
                .into(),
            template: "./template.yaml".into(),
            functions_dir: program_dir,
            samples_dir: Some("./samples".into()),
        };
        let mut args = args.into_iter();
        while let Some(flag) = args.next() {
            let mut value = || args.next().ok_or_else(|| ArgsError::MissingValue(flag.clone()));
            match flag.as_str() {
                "--template" => config.template = value()?.into(),
                "--functions-dir" => config.functions_dir = value()?.into(),
                "--samples" => config.samples_dir = Some(value()?.into()),
                "--no-samples" => config.samples_dir = None,
                "--help" | "-h" => return Err(ArgsError::Help),
                _ => return Err(ArgsError::Unknown(flag)),
            }
        }
        Ok(config)
    }
}

fn port(
    variable: impl Fn(&str) -> Option<String>,
    name: &'static str,
    default: u16,
) -> Result<u16, ArgsError> {
    match variable(name).filter(|value| !value.is_empty()) {
        None => Ok(default),
        Some(value) => value.parse().map_err(|_| ArgsError::Port { name, value }),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn read(args: &[&str], variables: &[(&str, &str)]) -> Result<Config, ArgsError> {
        Config::read(
            args.iter().map(ToString::to_string),
            |name| {
                variables
                    .iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| (*value).to_owned())
            },
            "/bin".into(),
        )
    }

    #[test]
    fn defaults_hold_without_arguments() {
        let config = read(&[], &[("PORT", "")]).unwrap();
        assert_eq!((config.port, config.aws_port), (8080, 4566));
        assert_eq!(config.data_dir, PathBuf::from("./data"));
        assert_eq!(config.samples_dir, Some("./samples".into()));
    }

    #[test]
    fn flags_and_variables_are_taken() {
        let config = read(
            &["--template", "t.yaml", "--no-samples"],
            &[("PORT", "0"), ("DATA_DIR", "/d")],
        )
        .unwrap();
        assert_eq!(config.template, PathBuf::from("t.yaml"));
        assert_eq!(
            (config.port, config.samples_dir, config.data_dir),
            (0, None, "/d".into())
        );
    }

    #[test]
    fn mistakes_are_named() {
        assert!(read(&["--x"], &[]).unwrap_err().to_string().contains("--x"));
        assert!(
            read(&["--template"], &[])
                .unwrap_err()
                .to_string()
                .contains("--template")
        );
        assert!(
            read(&[], &[("AWS_PORT", "70000")])
                .unwrap_err()
                .to_string()
                .contains("AWS_PORT=70000")
        );
    }
}
