//! Who asks, and for what.

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use ring::digest;

/// A member.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its id.
    pub member: String,
    /// Its PIN.
    pub pin: String,
    /// Its password.
    pub password: String,
    /// How it has to sign; `None` where it sends the PIN and the password.
    pub sign: Option<Signing>,
}

/// How requests are signed: the spellings that programs of other people have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// SHA-1 in URL-safe base64 without padding.
    UrlSafe,
    /// SHA-1 in the standard base64.
    Standard,
    /// The hexadecimal digits of SHA-1 in base64.
    Hex,
    /// As `UrlSafe`, with member and product in capitals.
    Upper,
}

/// An order as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) product: String,
    pub(super) dest: String,
    pub(super) refid: String,
    pub(super) check: bool,
}

/// The parameters of a query. A `+` is a space, as most servers read it.
struct Query(Vec<(String, String)>);

impl Query {
    fn read(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }
}

/// Reads an order; the text of the refusal for one that makes no sense or comes from a stranger.
pub(super) fn order(account: &Account, query: &str) -> Result<Order, &'static str> {
    let query = Query::read(query);
    let order = Order {
        product: query.get("product").to_owned(),
        dest: query.get("dest").to_owned(),
        refid: query.get("refid").to_owned(),
        check: query.get("check") == "1",
    };
    let signed = |member: &str| {
        let product = match account.sign {
            Some(Signing::Upper) => order.product.to_uppercase(),
            _ => order.product.clone(),
        };
        format!("|{member}|{product}|{}|{}|", order.dest, order.refid)
    };
    known(account, &query, signed)?;
    if [&order.product, &order.dest, &order.refid]
        .iter()
        .any(|part| part.is_empty())
    {
        return Err("Format salah");
    }
    Ok(order)
}

/// Who asks for the balance.
pub(super) fn member(account: &Account, query: &str) -> Result<(), &'static str> {
    let query = Query::read(query);
    // Both texts that servers of this family want.
    known(account, &query, |member| format!("|CheckBalance|{member}|"))
        .or_else(|_| known(account, &query, |member| format!("|{member}||||")))
}

fn known(account: &Account, query: &Query, signed: impl Fn(&str) -> String) -> Result<(), &'static str> {
    if query.get("memberid") != account.member {
        return Err("Member tidak terdaftar");
    }
    let Some(signing) = account.sign else {
        return if query.get("pin") != account.pin {
            Err("Pin Salah")
        } else if query.get("password") != account.password {
            Err("Password Salah")
        } else {
            Ok(())
        };
    };
    let (prefix, member) = match signing {
        Signing::Hex => ("Otomax", account.member.clone()),
        Signing::Upper => ("OtomaX", account.member.to_uppercase()),
        Signing::UrlSafe | Signing::Standard => ("OtomaX", account.member.clone()),
    };
    let text = format!("{prefix}{}{}|{}", signed(&member), account.pin, account.password);
    let sum = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    let sign = match signing {
        Signing::UrlSafe | Signing::Upper => BASE64URL_NOPAD.encode(sum.as_ref()),
        Signing::Standard => BASE64.encode(sum.as_ref()),
        Signing::Hex => BASE64.encode(HEXLOWER.encode(sum.as_ref()).as_bytes()),
    };
    if query.get("sign") == sign {
        Ok(())
    } else {
        Err("Sign Salah")
    }
}
