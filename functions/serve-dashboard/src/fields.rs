//! The fields of a form that a page of ours has sent.

use edge::http_input::RawBody;

/// What a form holds, by name. Not shown by `Debug`: it may be personal data.
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The fields of a form's body.
    pub(crate) fn of(RawBody(body): &RawBody) -> Self {
        let pairs = form_urlencoded::parse(body);
        Self(pairs.into_owned().collect())
    }

    /// What somebody filled in, without blanks around it; `None` for a field that is empty or not there.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        let field = self.0.iter().find(|(known, _)| known == name);
        field
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// What somebody filled in, or nothing.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.given(name).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn blank_fields_count_as_not_given() {
        let fields = Fields::of(&RawBody(Bytes::from_static(b"a=+x+&b=++&a=y&c=%2B62")));
        let given = ["a", "b", "c", "d"].map(|name| fields.given(name));
        assert_eq!(given, [Some("x"), None, Some("+62"), None]);
        assert_eq!(fields.text("d"), "");
    }
}
