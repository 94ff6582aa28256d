//! Texts as they should not be.

use bytes::Bytes;

use super::admit::{Account, Order};

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Garble {
    /// The second half is not there, and nothing says so.
    Half,
    /// A page for people.
    Page,
    /// White space.
    Blank,
    /// It is about somebody else's id.
    OtherRefid,
    /// It is about another product.
    OtherProduct,
    /// It is about another destination.
    OtherDest,
    /// Amounts have a character in the middle that belongs to none.
    Amounts,
    /// Dots part the thousands, where commas should.
    Dots,
    /// Without the marks at the beginning and at the end.
    NoMarks,
    /// Small letters.
    Small,
    /// With a byte order mark, hard spaces in place of spaces, and line ends of another system.
    Marked,
    /// In the eight-bit alphabet of western Europe.
    Latin1,
    /// The PIN is said to be wrong, although the order was taken.
    AboutUs,
    /// What was asked is said again, with all that proves who asked.
    Echo,
}

impl Garble {
    /// What becomes of a good text.
    pub(super) fn over(self, text: &str, order: &Order, account: &Account) -> Bytes {
        let half = || text.get(..text.len() / 2).unwrap_or_default().to_owned();
        let garbled = match self {
            Self::Half => half(),
            Self::Page => "<html><body>Bad Gateway</body></html>".to_owned(),
            Self::Blank => " \r\n".to_owned(),
            Self::OtherRefid => text.replace(&order.refid, "SOMEBODYELSE00000001"),
            Self::OtherProduct => text.replace(&format!("#{}#", order.product), "#ZZ99#"),
            Self::OtherDest => text.replace(&order.dest, "081199998888"),
            Self::Amounts => text.replace(',', "\\"),
            Self::Dots => text.replace(',', "."),
            Self::NoMarks => text.trim_matches('#').trim_end().to_owned(),
            Self::Small => text.to_lowercase(),
            Self::Marked => format!("\u{feff}{}\r\n", text.replace(' ', "\u{a0}")),
            Self::Latin1 => {
                let bytes = text.bytes().map(|byte| if byte == b' ' { 0xa0 } else { byte });
                return bytes.collect::<Vec<u8>>().into();
            }
            Self::AboutUs => "Pin Salah".to_owned(),
            Self::Echo => format!(
                "Permintaan {} {} {} {} {} tidak dikenal",
                account.member, account.pin, account.password, order.product, order.dest
            ),
        };
        garbled.into()
    }
}
