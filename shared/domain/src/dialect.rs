//! Which dialect an export is written in, told from its content.

use serde::{Deserialize, Serialize};

use crate::shape::fold;

/// Dialects that share their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Moka: v1, v3 and GoBiz.
    Moka,
    /// Majoo, one row a transaction.
    MajooDetail,
    /// Majoo, one row a product.
    MajooRows,
    /// The seven fields of the integration's document.
    Flat,
    /// Our own document.
    Canonical,
}

/// A dialect of exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Dialect {
    /// Moka's API of 2018: whole numbers as ids.
    #[serde(rename = "moka.v1")]
    MokaV1,
    /// Moka's API, version 3.
    #[serde(rename = "moka.v3")]
    MokaV3,
    /// Moka by way of GoBiz.
    #[serde(rename = "moka.gobiz")]
    MokaGobiz,
    /// Majoo's "Detail Penjualan".
    #[serde(rename = "majoo.detail")]
    MajooDetail,
    /// Majoo's product rows.
    #[serde(rename = "majoo.rows")]
    MajooRows,
    /// The seven fields of the integration's document.
    #[serde(rename = "flat")]
    Flat,
    /// Our own document.
    #[serde(rename = "canonical")]
    Canonical,
}

impl Dialect {
    /// The dialect's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MokaV1 => "moka.v1",
            Self::MokaV3 => "moka.v3",
            Self::MokaGobiz => "moka.gobiz",
            Self::MajooDetail => "majoo.detail",
            Self::MajooRows => "majoo.rows",
            Self::Flat => "flat",
            Self::Canonical => "canonical",
        }
    }

    /// Which names it uses.
    #[must_use]
    pub fn family(self) -> Family {
        match self {
            Self::MokaV1 | Self::MokaV3 | Self::MokaGobiz => Family::Moka,
            Self::MajooDetail => Family::MajooDetail,
            Self::MajooRows => Family::MajooRows,
            Self::Flat => Family::Flat,
            Self::Canonical => Family::Canonical,
        }
    }

    /// The point of sale behind it, where the dialect tells.
    #[must_use]
    pub fn system(self) -> Option<&'static str> {
        match self.family() {
            Family::Moka => Some("moka"),
            Family::MajooDetail | Family::MajooRows => Some("majoo"),
            Family::Flat | Family::Canonical => None,
        }
    }

    /// Whether each record is one product of a receipt, not a receipt.
    #[must_use]
    pub fn is_rows(self) -> bool {
        matches!(self.family(), Family::MajooRows | Family::Flat)
    }
}

/// Tells the dialect from a record's member names; `id_is_number` says whether a member `id` is a
/// whole number. `None` when the record is of no dialect known.
#[must_use]
pub fn detect<'a>(names: impl IntoIterator<Item = &'a str>, id_is_number: bool) -> Option<Dialect> {
    let names: Vec<String> = names.into_iter().map(fold).collect();
    let has = |name: &str| names.iter().any(|known| known == name);
    let any = |wanted: &[&str]| wanted.iter().any(|name| has(name));
    if any(&["receiptid", "receiptno"]) && !has("paymentno") {
        return Some(Dialect::Canonical);
    }
    if any(&["namamenu"]) && any(&["totaltransaksi", "totalharga", "tanggaltransaksi", "tanggalorder"]) {
        return Some(Dialect::Flat);
    }
    if any(&["notransaksi", "nomortransaksi"]) && !has("productname") {
        return Some(Dialect::MajooDetail);
    }
    if any(&[
        "transactionno",
        "invoiceno",
        "invoicenumber",
        "notransaksi",
        "ordernumber",
    ]) && has("productname")
    {
        return Some(Dialect::MajooRows);
    }
    if any(&["paymentno", "checkouts"]) {
        let gobiz = !has("checkouts") && has("items");
        return Some(match (gobiz, id_is_number) {
            (true, _) => Dialect::MokaGobiz,
            (false, true) => Dialect::MokaV1,
            (false, false) => Dialect::MokaV3,
        });
    }
    None
}
