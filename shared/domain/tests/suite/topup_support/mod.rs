//! What holds for any bytes in place of a supplier's reply, or of a table of prefixes.

use domain::topup::event::TEXT_MAX;
use domain::topup::mask;
use domain::topup::number::{Fit, Operator, Prefixes, fit};
use domain::topup::reply::{self, NotUnderstood, Outcome};

/// Reads bytes as a reply: refused, or read, and then its canonical text means the same. What may be shown of it is
/// short and has no control characters in it. Answers whether it was read.
pub(crate) fn survive_reply(bytes: &[u8]) -> bool {
    let shown = mask::bytes(bytes);
    assert!(shown.chars().count() <= TEXT_MAX);
    assert!(!shown.contains(char::is_control), "{shown:?}");
    let balance = reply::read_balance(bytes);
    match reply::read(bytes) {
        Ok(read) => {
            // A reply is no answer to the question about the balance.
            assert!(balance.is_err());
            let text = reply::write(&read, "");
            assert_eq!(reply::read(text.as_bytes()), Ok(read.clone()), "{text:?}");
            if let Outcome::Success { sn } = &read.outcome {
                assert_eq!(sn.trim(), sn);
            }
            true
        }
        Err(why) => {
            assert!(why != NotUnderstood::Empty || !bytes.iter().any(u8::is_ascii_graphic));
            false
        }
    }
}

/// Reads a text as a table of prefixes: refused with a line that is there, or read, written again and asked. Answers
/// whether it was read.
pub(crate) fn survive_prefixes(text: &str) -> bool {
    match Prefixes::read(text) {
        Ok(prefixes) => {
            assert_eq!(Prefixes::read(&prefixes.to_toml()), Ok(prefixes.clone()));
            for row in prefixes.rows() {
                let number = format!("{}0000000", row.prefix);
                let found = prefixes.find(&number).unwrap().operator;
                for operator in Operator::ALL {
                    let fits = fit(&prefixes, operator, &number) == Fit::Fits;
                    assert_eq!(fits, operator == found);
                }
            }
            true
        }
        Err(error) => {
            assert!((1..=text.lines().count() + 1).contains(&error.line), "{error}");
            assert!(!error.what.is_empty());
            false
        }
    }
}
