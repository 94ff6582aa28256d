//! Which addresses may be asked.

use std::net::IpAddr;

use reqwest::Url;

/// Why an address is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Not an address of a server, or one with a user, a password, a query or a fragment in it.
    #[error("it is not a plain address of a server")]
    Invalid,
    /// Neither `https` nor on this machine.
    #[error("it is not https")]
    Insecure,
}

/// The address under which a partner's routes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base(Url);

impl Base {
    /// Reads an address such as `https://files.example/sales`; a slash at its end means nothing.
    ///
    /// # Errors
    /// [`AddressError`].
    pub(crate) fn parse(text: &str) -> Result<Self, AddressError> {
        let url = Url::parse(text.trim()).map_err(|_| AddressError::Invalid)?;
        let plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !plain || !url.has_host() {
            return Err(AddressError::Invalid);
        }
        check(&url)?;
        Ok(Self(url))
    }

    /// The address itself.
    pub(crate) const fn url(&self) -> &Url {
        &self.0
    }

    /// The address of a route. Each segment stays one, whatever it holds.
    ///
    /// # Errors
    /// [`AddressError::Invalid`] for a segment that would lead elsewhere.
    pub(crate) fn route(&self, segments: &[&str]) -> Result<Url, AddressError> {
        // A server may take `.` and `..` as steps even where they arrive encoded.
        if segments.iter().any(|segment| matches!(*segment, "" | "." | "..")) {
            return Err(AddressError::Invalid);
        }
        let mut url = self.0.clone();
        url.path_segments_mut()
            .map_err(|()| AddressError::Invalid)?
            .pop_if_empty()
            .extend(segments);
        Ok(url)
    }
}

/// `https` to anybody, `http` to this machine.
pub(super) fn check(url: &Url) -> Result<(), AddressError> {
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(url) => Ok(()),
        "http" => Err(AddressError::Insecure),
        _ => Err(AddressError::Invalid),
    }
}

/// A name is not enough: `localhost` is whatever the machine's resolver says.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_this_machine_is_asked() {
        let table = [
            ("https://files.example", Ok(())),
            ("https://files.example:8443/sales/", Ok(())),
            ("http://127.0.0.1:8080/_local/central", Ok(())),
            ("http://[::1]:8080", Ok(())),
            ("http://files.example", Err(AddressError::Insecure)),
            ("http://localhost:8080", Err(AddressError::Insecure)),
            ("http://169.254.169.254/latest", Err(AddressError::Insecure)),
            ("http://127.0.0.1.files.example", Err(AddressError::Insecure)),
            ("ftp://files.example", Err(AddressError::Invalid)),
            ("file:///etc/passwd", Err(AddressError::Invalid)),
            ("https://me:word@files.example", Err(AddressError::Invalid)),
            ("https://files.example?token=1", Err(AddressError::Invalid)),
            ("https://files.example#x", Err(AddressError::Invalid)),
            ("files.example", Err(AddressError::Invalid)),
            // A name with other letters is written as the network has it, and no digit is taken for another.
            ("https://xn--dpur-0na.example", Ok(())),
            ("https://d\u{e1}pur.example", Err(AddressError::Invalid)),
            ("http://\u{ff11}27.0.0.1", Err(AddressError::Invalid)),
            ("", Err(AddressError::Invalid)),
        ];
        for (text, expected) in table {
            assert_eq!(Base::parse(text).map(drop), expected, "{text}");
        }
    }

    #[test]
    fn a_segment_never_leads_out_of_its_place() {
        let base = Base::parse("https://files.example/sales/").unwrap();
        let route = |name| base.route(&["v1", "files", name]).map(|url| url.to_string());
        let under = "https://files.example/sales/v1/files/";
        assert_eq!(route("a.json"), Ok(format!("{under}a.json")));
        assert_eq!(route("a/b"), Ok(format!("{under}a%2Fb")));
        assert_eq!(route("a?b#c"), Ok(format!("{under}a%3Fb%23c")));
        for name in ["", ".", ".."] {
            assert_eq!(route(name), Err(AddressError::Invalid), "{name}");
        }
    }
}
