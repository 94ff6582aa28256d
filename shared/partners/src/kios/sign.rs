//! The signature. Source document 002 names it ("sign", "encodeBase64") and does not say how it is made, so this is
//! what servers of its family do, in the four ways in which programs that speak to them write it.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use ring::digest;

use super::Credentials;

/// How requests prove who we are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sign {
    /// With the PIN and the password themselves.
    #[default]
    None,
    /// SHA-1 in URL-safe base64 without padding: `url-safe`.
    UrlSafe,
    /// SHA-1 in the standard base64: `standard`.
    Standard,
    /// The hexadecimal digits of SHA-1 in base64, over a text that begins with `Otomax`: `hex`.
    Hex,
    /// As `url-safe`, over the member and the product in capitals: `upper`.
    Upper,
}

impl Sign {
    /// Every way.
    pub const ALL: [Self; 5] = [Self::None, Self::UrlSafe, Self::Standard, Self::Hex, Self::Upper];

    /// The name in the settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::UrlSafe => "url-safe",
            Self::Standard => "standard",
            Self::Hex => "hex",
            Self::Upper => "upper",
        }
    }
}

/// A word that names no way of signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownSign;

impl fmt::Display for UnknownSign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one of none, url-safe, standard, hex, upper")
    }
}

impl std::error::Error for UnknownSign {}

impl FromStr for Sign {
    type Err = UnknownSign;

    fn from_str(word: &str) -> Result<Self, UnknownSign> {
        let found = Self::ALL.into_iter().find(|sign| sign.as_str() == word);
        found.ok_or(UnknownSign)
    }
}

/// What is signed for the question about the deposit: servers of this family do it in two ways, and refuse the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BalanceText {
    /// `CheckBalance`, the member, the PIN and the password: `check-balance`.
    #[default]
    CheckBalance,
    /// What an order without product, destination and id would be: `empty-order`.
    EmptyOrder,
}

/// A word that names neither text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownBalanceText;

impl fmt::Display for UnknownBalanceText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one of check-balance, empty-order")
    }
}

impl std::error::Error for UnknownBalanceText {}

impl FromStr for BalanceText {
    type Err = UnknownBalanceText;

    fn from_str(word: &str) -> Result<Self, UnknownBalanceText> {
        match word {
            "check-balance" => Ok(Self::CheckBalance),
            "empty-order" => Ok(Self::EmptyOrder),
            _ => Err(UnknownBalanceText),
        }
    }
}

/// What is signed.
#[derive(Clone, Copy)]
pub(super) enum Signed<'a> {
    Purchase {
        product: &'a str,
        dest: &'a str,
        refid: &'a str,
    },
    Balance(BalanceText),
}

impl Sign {
    /// The signature, if there is to be one. It is made over the values as they are, before any encoding.
    pub(super) fn over(self, credentials: &Credentials, signed: &Signed<'_>) -> Option<String> {
        let (prefix, upper) = match self {
            Self::None => return None,
            Self::UrlSafe | Self::Standard => ("OtomaX", false),
            Self::Hex => ("Otomax", false),
            Self::Upper => ("OtomaX", true),
        };
        let cased = |text: &str| {
            if upper {
                text.to_uppercase()
            } else {
                text.to_owned()
            }
        };
        let member = cased(&credentials.member);
        let (pin, password) = (credentials.pin.expose(), credentials.password.expose());
        let text = match signed {
            Signed::Purchase { product, dest, refid } => {
                let product = cased(product);
                format!("{prefix}|{member}|{product}|{dest}|{refid}|{pin}|{password}")
            }
            Signed::Balance(BalanceText::CheckBalance) => {
                format!("{prefix}|CheckBalance|{member}|{pin}|{password}")
            }
            Signed::Balance(BalanceText::EmptyOrder) => {
                format!("{prefix}|{member}||||{pin}|{password}")
            }
        };
        let sum = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
        Some(match self {
            Self::Standard => BASE64.encode(sum.as_ref()),
            Self::Hex => BASE64.encode(HEXLOWER.encode(sum.as_ref()).as_bytes()),
            _ => BASE64URL_NOPAD.encode(sum.as_ref()),
        })
    }
}
