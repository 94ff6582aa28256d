//! The customer behind a receipt.

use crate::customer::{Fact, Profile, id_from_native, id_from_phone};
use crate::map::{Mapper, place};
use crate::name::clean_name;
use crate::phone::{PhoneReading, read_phone};
use crate::record::Rejection;
use crate::shape::Field;

impl Mapper<'_, '_, '_> {
    /// Who bought, and what the record says of them. A walk-in is nobody: a name alone makes no customer.
    pub(super) fn customer(&mut self, told_ms: i64) -> Result<Option<(String, Profile)>, Rejection> {
        let object = self.object;
        let fact = |value: String| Fact { told_ms, value };
        let name = self
            .reader
            .text(object, Field::CustomerName)?
            .and_then(|name| clean_name(&name));
        let phone = match self.reader.text(object, Field::CustomerPhone)? {
            Some(text) => read_phone(&text, &self.rules.outlet.placeholder_phones),
            None => PhoneReading::None,
        };
        let email = self.email()?;
        let native = self
            .reader
            .text(object, Field::CustomerId)?
            .map(|id| id.trim().to_owned());
        let native = native.filter(|id| !matches!(id.as_str(), "0" | "false"));
        let system = place::system(&self.reader, object, self.context)?;
        let (phone, problem) = match phone {
            PhoneReading::Valid { e164, note, .. } => {
                self.reader.notes.extend(note.map(|note| note.code()));
                (Some(e164), None)
            }
            PhoneReading::Rejected(problem) => {
                self.reader.notes.push(problem.code());
                (None, Some(problem.code().to_owned()))
            }
            PhoneReading::None => (None, None),
        };
        let id = match (native, &phone) {
            (Some(native), _) => id_from_native(system.as_deref(), &native),
            (None, Some(phone)) => id_from_phone(system.as_deref(), phone, self.key),
            (None, None) => {
                if name.is_some() {
                    self.reader.notes.push("NAME_WITHOUT_IDENTITY");
                }
                return Ok(None);
            }
        };
        let profile = Profile {
            name: name.map(fact),
            phone: phone.map(fact),
            email: email.map(fact),
            phone_problem: problem.map(fact),
        };
        Ok(Some((id, profile)))
    }

    fn email(&mut self) -> Result<Option<String>, Rejection> {
        let Some(text) = self.reader.text(self.object, Field::CustomerEmail)? else {
            return Ok(None);
        };
        let text = text.trim();
        let plausible = text.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty() && host.contains('.') && !host.contains('@') && text.len() <= 254
        });
        if plausible && !text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Ok(Some(text.to_lowercase()));
        }
        self.reader.notes.push("EMAIL_INVALID");
        Ok(None)
    }
}
