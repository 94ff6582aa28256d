//! What is asked: the queries of source document 002, "Format Request", and nothing besides.

use std::fmt;

use lambda_edge::redact::Secret;

use super::sign::{BalanceText, Sign, Signed};
use super::{Credentials, KiosError};

/// Makes the queries of one member.
#[derive(Clone)]
pub(super) struct Requests {
    credentials: Credentials,
    sign: Sign,
    balance_text: BalanceText,
}

impl fmt::Debug for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requests")
            .field("sign", &self.sign)
            .finish_non_exhaustive()
    }
}

impl Requests {
    pub(super) fn new(credentials: Credentials, sign: Sign) -> Result<Self, KiosError> {
        let parts = [
            credentials.member.as_str(),
            credentials.pin.expose(),
            credentials.password.expose(),
        ];
        // A `|` would move the borders between the signed parts.
        let unfit = |part: &&str| {
            part.is_empty()
                || part.chars().any(char::is_control)
                || (sign != Sign::None && part.contains('|'))
        };
        if parts.iter().any(unfit) {
            return Err(KiosError::Credentials);
        }
        Ok(Self {
            credentials,
            sign,
            balance_text: BalanceText::default(),
        })
    }

    /// The same, with another text signed for the question about the deposit.
    pub(super) fn signing_balance(self, balance_text: BalanceText) -> Self {
        Self { balance_text, ..self }
    }

    /// An order, or a question about it: the order and the spelling of the names are those of the document.
    pub(super) fn purchase(&self, product: &str, dest: &str, refid: &str, check: bool) -> Secret<String> {
        let signed = Signed::Purchase { product, dest, refid };
        let mut query = String::from("memberid=");
        encode(&self.credentials.member, &mut query);
        for (name, value) in [("dest", dest), ("product", product), ("refid", refid)] {
            add(name, value, &mut query);
        }
        self.prove(&signed, &mut query);
        if check {
            add("check", "1", &mut query);
        }
        Secret::new(query)
    }

    /// A question about our deposit.
    pub(super) fn balance(&self) -> Secret<String> {
        let mut query = String::from("memberid=");
        encode(&self.credentials.member, &mut query);
        self.prove(&Signed::Balance(self.balance_text), &mut query);
        Secret::new(query)
    }

    /// Who we are: the signature, or the PIN and the password, never both.
    fn prove(&self, signed: &Signed<'_>, query: &mut String) {
        match self.sign.over(&self.credentials, signed) {
            Some(sign) => add("sign", &sign, query),
            None => {
                add("pin", self.credentials.pin.expose(), query);
                add("password", self.credentials.password.expose(), query);
            }
        }
    }
}

fn add(name: &str, value: &str, query: &mut String) {
    query.push('&');
    query.push_str(name);
    query.push('=');
    encode(value, query);
}

/// Percent-encodes everything but the unreserved characters (RFC 3986 §2.3): a `+` stays one, whoever decodes it.
fn encode(value: &str, into: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push('%');
            into.push(char::from(HEX[usize::from(byte >> 4)]));
            into.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests(pin: &str, password: &str, sign: Sign) -> Result<Requests, KiosError> {
        let credentials = Credentials {
            member: "OYAKO1".to_owned(),
            pin: Secret::new(pin.to_owned()),
            password: Secret::new(password.to_owned()),
        };
        Requests::new(credentials, sign)
    }

    #[test]
    fn queries_are_those_of_the_document() {
        let requests = requests("1144", "a b&c+d#é", Sign::None).unwrap();
        let order = requests.purchase("S10", "08123456789", "R1", false);
        let expected =
            "memberid=OYAKO1&dest=08123456789&product=S10&refid=R1&pin=1144&password=a%20b%26c%2Bd%23%C3%A9";
        assert_eq!(order.expose(), expected);
        let question = requests.purchase("S10", "08123456789", "R1", true);
        assert_eq!(question.expose(), &format!("{expected}&check=1"));
        let balance = requests.balance();
        assert!(balance.expose().starts_with("memberid=OYAKO1&pin=1144&password="));
    }

    #[test]
    fn with_a_signature_neither_pin_nor_password_is_sent() {
        let requests = requests("1144", "abcd", Sign::Standard).unwrap();
        for query in [requests.purchase("S10", "0812", "R1", false), requests.balance()] {
            assert!(query.expose().contains("&sign="));
            assert!(!query.expose().contains("pin") && !query.expose().contains("1144"));
            assert!(!query.expose().contains("abcd"));
        }
    }

    #[test]
    fn credentials_that_would_move_borders_are_refused() {
        for (pin, password, sign, fits) in [
            ("1144", "a|b", Sign::None, true),
            ("1144", "a|b", Sign::UrlSafe, false),
            ("1|44", "ab", Sign::Hex, false),
            ("", "ab", Sign::None, false),
            ("1144", "a\nb", Sign::None, false),
        ] {
            let made = requests(pin, password, sign);
            assert_eq!(made.map(drop).err(), (!fits).then_some(KiosError::Credentials));
        }
    }
}
