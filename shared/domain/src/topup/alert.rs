//! What people are mailed about top-ups: one mail for a trouble, however often it shows.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::window;
use crate::mail::{Mail, MailCause, MailState, mail_id};

/// The subject of an alert that is about the supplier as a whole.
pub const SUPPLIER: &str = "supplier";

/// Milliseconds of an hour.
const HOUR_MS: i64 = 3_600_000;

/// What kind of trouble it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// A person has to find out what became of an order.
    ManualNeeded,
    /// Something was charged that no order of ours explains.
    BalanceDiffers,
    /// The supplier refuses orders because our deposit does not suffice.
    BalanceCritical,
    /// The deposit will not last.
    BalanceForecast,
    /// The supplier has blocked a number.
    NumberBlocked,
    /// A product is down.
    ProductDown,
    /// The supplier does not know a product of the catalogue.
    ProductInvalid,
    /// Another price was charged than the catalogue's.
    PriceDiffers,
    /// The supplier does not accept who we are: nothing is sent any more.
    AboutUs,
    /// A reply was about another order than the one that was asked about.
    ForeignReply,
    /// A reply could not be understood.
    NotUnderstood,
    /// A report contradicts how an order ended.
    Contradicted,
    /// A partner could not be told.
    WebhookGivenUp,
    /// We are seen under another address than the supplier knows.
    AddressDiffers,
    /// The figures of a reply do not add up.
    DoesNotAddUp,
}

impl AlertKind {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::ManualNeeded,
        Self::BalanceDiffers,
        Self::BalanceCritical,
        Self::BalanceForecast,
        Self::NumberBlocked,
        Self::ProductDown,
        Self::ProductInvalid,
        Self::PriceDiffers,
        Self::AboutUs,
        Self::ForeignReply,
        Self::NotUnderstood,
        Self::Contradicted,
        Self::WebhookGivenUp,
        Self::AddressDiffers,
        Self::DoesNotAddUp,
    ];

    /// The kind's name in mails and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ManualNeeded => "manual_needed",
            Self::BalanceDiffers => "balance_differs",
            Self::BalanceCritical => "balance_critical",
            Self::BalanceForecast => "balance_forecast",
            Self::NumberBlocked => "number_blocked",
            Self::ProductDown => "product_down",
            Self::ProductInvalid => "product_invalid",
            Self::PriceDiffers => "price_differs",
            Self::AboutUs => "about_us",
            Self::ForeignReply => "foreign_reply",
            Self::NotUnderstood => "not_understood",
            Self::Contradicted => "contradicted",
            Self::WebhookGivenUp => "webhook_given_up",
            Self::AddressDiffers => "address_differs",
            Self::DoesNotAddUp => "does_not_add_up",
        }
    }

    /// The kind of a name, exactly as [`AlertKind::as_str`] writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether it stops sales for as long as it lasts, so that it is worth a mail an hour and not one a day.
    const fn is_outage(self) -> bool {
        matches!(
            self,
            Self::BalanceDiffers
                | Self::BalanceCritical
                | Self::ProductDown
                | Self::AboutUs
                | Self::AddressDiffers
        )
    }
}

impl fmt::Display for AlertKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A trouble that a person should hear of. Names no number and no serial number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// What kind.
    pub kind: AlertKind,
    /// Of what: an order's id, a product's code, or [`SUPPLIER`].
    pub subject: String,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

impl Alert {
    /// An alert about something.
    #[must_use]
    pub fn new(kind: AlertKind, subject: &str, at_ms: i64) -> Self {
        Self {
            kind,
            subject: subject.to_owned(),
            at_ms,
        }
    }

    /// The mail about it. The same trouble has the same mail within one day (Asia/Jakarta), and within one hour where
    /// sales stand still.
    #[must_use]
    pub fn mail(&self) -> Mail {
        let period = if self.kind.is_outage() {
            format!("hour {}", self.at_ms.div_euclid(HOUR_MS))
        } else {
            window::wib_date(self.at_ms).to_string()
        };
        let about = format!("{} {}", self.kind, self.subject);
        Mail {
            id: mail_id("topup_alert", &about, &period),
            cause: MailCause::TopupAlert {
                alert: self.kind.as_str().to_owned(),
                subject: self.subject.clone(),
                at_ms: self.at_ms,
            },
            state: MailState::Queued,
            attempts: 0,
            due_ms: self.at_ms,
            created_ms: self.at_ms,
            correlation: None,
            outcome: None,
        }
    }
}
