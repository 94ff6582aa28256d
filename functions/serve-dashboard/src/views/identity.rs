//! Whether somebody who asks is who the request is about: what they tell is compared with what is known, and
//! only whether it matched is kept.

use aws::customers::StoredCustomer;
use domain::customer::clean_email;
use domain::rights::{Method, Request};
use edge::people::Sought;
use edge::problem::{FieldError, Problem};

use crate::Deps;

/// Reads what names somebody: a customer's id, a receipt's id, a phone number in any spelling, or a receipt as it
/// is on paper: outlet, business date and number, with blanks between them.
pub(crate) fn sought(text: &str) -> Option<Sought> {
    let mut parts = text.split_whitespace();
    if let (Some(outlet), Some(date), Some(number), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
        && let Ok(date) = date.parse()
    {
        return Some(Sought::Printed {
            day: (outlet.to_owned(), date),
            number: number.to_owned(),
        });
    }
    Sought::read(text)
}

/// What a person told to be known by. Not shown by `Debug`.
enum Told {
    /// A mail address, in lower case.
    Email(String),
    /// A phone number, E.164.
    Phone(String),
    /// A receipt that they showed.
    Receipt(Sought),
}

impl Told {
    /// Reads what was told. A customer's id is no proof: the shop hands it out itself.
    fn read(text: &str) -> Option<Self> {
        if text.contains('@') {
            return clean_email(text).map(Self::Email);
        }
        match sought(text)? {
            Sought::Customer(_) => None,
            Sought::Phone(phone) => Some(Self::Phone(phone)),
            receipt @ (Sought::Receipt(_) | Sought::Printed { .. }) => Some(Self::Receipt(receipt)),
        }
    }
}

/// A check that somebody of the shop made.
pub(crate) struct Claim {
    /// How.
    pub(crate) method: Method,
    /// What the person told, or showed.
    told: Told,
}

impl Claim {
    /// Reads a check as it was noted: a receipt that was shown, the number that was called, or either, or a mail
    /// address, of somebody who came.
    ///
    /// # Errors
    /// `BODY_INVALID` with the field that does not fit.
    pub(crate) fn read(method: &str, told: &str) -> Result<Self, Problem> {
        let Ok(method) = method.parse::<Method>() else {
            let known = Method::ALL.iter().map(|method| method.as_str());
            let known = known.collect::<Vec<_>>().join(", ");
            return Err(Problem::fields(vec![FieldError::at(
                "/method",
                "FIELD_INVALID",
                format!("cara pengecekan adalah salah satu dari {known}"),
                format!("a method is one of {known}"),
            )]));
        };
        let fits = |told: &Told| {
            matches!(
                (method, told),
                (Method::ReceiptShown, Told::Receipt(_))
                    | (Method::CalledBack, Told::Phone(_))
                    | (Method::InPerson, _)
            )
        };
        let told = Told::read(told).filter(fits);
        let told = told.ok_or_else(|| {
            let (indonesian, english) = match method {
                Method::ReceiptShown => (
                    "isi ID struk yang ditunjukkan, atau outlet, tanggal, dan nomornya",
                    "give the id of the receipt shown, or its outlet, date and number",
                ),
                Method::CalledBack => (
                    "isi nomor telepon yang dihubungi",
                    "give the phone number that was called",
                ),
                Method::InPerson => (
                    "isi nomor telepon, email, atau ID struk",
                    "give a phone number, a mail address or a receipt's id",
                ),
            };
            Problem::fields(vec![FieldError::at(
                "/told",
                "FIELD_INVALID",
                indonesian,
                english,
            )])
        })?;
        Ok(Self { method, told })
    }

    /// Whether it is known of one of those whom a request is about.
    ///
    /// # Errors
    /// The store's failure.
    pub(crate) async fn matches(&self, deps: &Deps, request: &Request) -> Result<bool, Problem> {
        if let Told::Receipt(receipt) = &self.told {
            let buyers = deps.people.find(receipt).await?;
            return Ok(buyers.iter().any(|buyer| request.customers.contains(buyer)));
        }
        let people = deps.customers.read(&request.customers).await?;
        Ok(people.values().any(|person| self.is_told_of(person)))
    }

    fn is_told_of(&self, StoredCustomer { customer, .. }: &StoredCustomer) -> bool {
        let profile = &customer.profile;
        let (known, told) = match &self.told {
            Told::Phone(told) => (&profile.phone, told),
            Told::Email(told) => (&profile.email, told),
            Told::Receipt(_) => return false,
        };
        known.as_ref().is_some_and(|known| known.value == *told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_on_paper_is_its_outlet_date_and_number() {
        let paper = sought(" moka-7  2025-10-27 53L8YFC ");
        assert!(
            matches!(paper, Some(Sought::Printed { day, number }) if day.0 == "moka-7" && number == "53L8YFC")
        );
        let phone = Sought::Phone("+6281234509876".to_owned());
        assert_eq!(sought("0812 3450 9876"), Some(phone));
        assert_eq!(sought("Ani dari Kemang"), None);
    }

    #[test]
    fn each_method_asks_for_its_own_evidence() {
        let told = [
            "081234509876",
            "ani@example.com",
            "moka-7_20251027_A2",
            "moka-7 2025-10-27 A2",
            "OYAKO_MOKA_17",
            "Ani",
            "",
        ];
        let table = [
            ("receipt_shown", [false, false, true, true, false, false, false]),
            ("called_back", [true, false, false, false, false, false, false]),
            ("in_person", [true, true, true, true, false, false, false]),
            ("dreamt", [false; 7]),
        ];
        for (method, expected) in table {
            let read = told.map(|told| Claim::read(method, told).is_ok());
            assert_eq!(read, expected, "{method}");
        }
    }
}
