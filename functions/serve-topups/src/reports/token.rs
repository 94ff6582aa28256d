//! The secret end of the supplier's address.

use lambda_edge::redact::Redactor;
use lambda_edge::secrets::SourceError;
use sha2::{Digest, Sha256};

use crate::Deps;

/// The shortest token that opens anything, in characters: 128 bits in base 64.
const LENGTH_MIN: usize = 22;

impl Deps {
    /// Whether a token is one of those in force. One that is not known may be newer than what is remembered.
    pub(super) async fn knows_token(&self, token: &str) -> bool {
        self.is_in_force(token, false).await || self.is_in_force(token, true).await
    }

    async fn is_in_force(&self, token: &str, anew: bool) -> bool {
        match self.report_tokens(anew).await {
            Ok(tokens) => is_among(tokens.expose(), token),
            // No address was given to the supplier.
            Err(error) if error.source == SourceError::Missing => false,
            Err(error) => {
                tracing::error!(%error, "the tokens of reports can't be read");
                false
            }
        }
    }
}

/// Whether a token is one of a list with commas. Takes as long for every token of the list, whatever is given: what is
/// compared are hashes, and all of them.
fn is_among(tokens: &str, given: &str) -> bool {
    let given = Sha256::digest(given.as_bytes());
    let tokens = tokens.split(',').map(str::trim);
    tokens
        .filter(|token| token.len() >= LENGTH_MIN)
        .inspect(|token| Redactor::process().register(token))
        .fold(false, |found, token| {
            let known = Sha256::digest(token.as_bytes());
            let differing = known
                .iter()
                .zip(given.iter())
                .fold(0_u8, |differing, (a, b)| differing | (a ^ b));
            found | (differing == 0)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_token_and_those_before_it_are_known() {
        let (new, old) = ("n".repeat(22), "o".repeat(64));
        let tokens = format!(" {new} , {old},");
        assert!(is_among(&tokens, &new) && is_among(&tokens, &old));
        for other in ["", " ", ",", &tokens, &new[1..], &format!("{new} ")] {
            assert!(!is_among(&tokens, other), "{other:?}");
        }
    }

    #[test]
    fn a_token_that_could_be_guessed_opens_nothing() {
        for tokens in ["", ",", "geheim", "123456789012345678901"] {
            for given in tokens.split(',') {
                assert!(!is_among(tokens, given), "{tokens:?}");
            }
        }
    }
}
