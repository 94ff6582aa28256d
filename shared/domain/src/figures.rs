//! What a receipt amounts to, from the little or the much that its sources say.

use serde::{Deserialize, Serialize};

use crate::money::{self, Money};
use crate::receipt::{Head, Line, Receipt, Status};

/// A sum left the range that an amount can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sum of amounts is out of range")]
pub struct Overflow;

/// The amounts of one receipt or of many.
///
/// `net = gross - discount`, and `total = net + service + tax + rounding` where the source's own
/// figures agree; where they don't, its figures stand and [`Figures::balances`] says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Before any discount.
    pub gross: Money,
    /// `gross - net`: a point of sale's own discount fields leave some of it out.
    pub discount: Money,
    /// After discounts, before service, tax and rounding.
    pub net: Money,
    /// Service charge or gratuity.
    pub service: Money,
    /// Tax on top.
    pub tax: Money,
    /// What rounding added or took.
    pub rounding: Money,
    /// What the guest owed.
    pub total: Money,
    /// What was given back.
    pub refunded: Money,
}

impl Figures {
    /// Adds another set of amounts to this one.
    ///
    /// # Errors
    /// [`Overflow`] when a sum leaves the range of [`Money`].
    pub fn add(&mut self, other: &Self) -> Result<(), Overflow> {
        let add = |a: Money, b: Money| a.checked_add(b).ok_or(Overflow);
        *self = Self {
            gross: add(self.gross, other.gross)?,
            discount: add(self.discount, other.discount)?,
            net: add(self.net, other.net)?,
            service: add(self.service, other.service)?,
            tax: add(self.tax, other.tax)?,
            rounding: add(self.rounding, other.rounding)?,
            total: add(self.total, other.total)?,
            refunded: add(self.refunded, other.refunded)?,
        };
        Ok(())
    }

    /// Whether the total is what the parts come to.
    #[must_use]
    pub fn balances(&self) -> bool {
        money::sum([self.net, self.service, self.tax, self.rounding]) == Some(self.total)
    }
}

/// The amounts of one receipt: zero, but for refunds, unless it was sold.
///
/// # Errors
/// [`Overflow`] when a sum leaves the range of [`Money`].
pub fn of_receipt(receipt: &Receipt) -> Result<Figures, Overflow> {
    let refunded = refunded(receipt)?;
    match &receipt.head {
        Some(head) if head.value.status == Status::Paid => sold(&head.value, receipt, refunded),
        // A void never took money, so there is none to give back.
        Some(head) if head.value.status == Status::Voided => Ok(Figures::default()),
        _ => Ok(Figures {
            refunded,
            ..Figures::default()
        }),
    }
}

/// Given back in all. A point of sale may tell one refund twice, on the sale and as a document of
/// its own, so the greater of the two tellings counts and never their sum.
fn refunded(receipt: &Receipt) -> Result<Money, Overflow> {
    let embedded = receipt
        .head
        .as_ref()
        .map_or(Money::ZERO, |head| head.value.refunded);
    let separate = money::sum(receipt.refunds.values().map(|refund| refund.value.amount)).ok_or(Overflow)?;
    Ok(embedded.max(separate))
}

fn sold(head: &Head, receipt: &Receipt, refunded: Money) -> Result<Figures, Overflow> {
    let has_lines = receipt.lines.sold().next().is_some();
    let of_lines = |amount: fn(&Line) -> Money| money::sum(receipt.lines.sold().map(amount)).ok_or(Overflow);
    let (service, tax, rounding) = (
        head.service.unwrap_or_default(),
        head.tax.unwrap_or_default(),
        head.rounding.unwrap_or_default(),
    );
    let extras = money::sum([service, tax, rounding]).ok_or(Overflow)?;
    let net = match (head.net, head.total) {
        (Some(net), _) => net,
        (None, _) if has_lines && of_lines(|line| line.net)? != Money::ZERO => of_lines(|line| line.net)?,
        (None, Some(total)) => total.checked_sub(extras).ok_or(Overflow)?,
        (None, None) => Money::ZERO,
    };
    let gross = match head.gross {
        Some(gross) => gross,
        None if has_lines && head.net.is_none() && of_lines(|line| line.net)? == net => {
            of_lines(|line| line.gross)?
        }
        None if has_lines && head.net.is_some() => of_lines(|line| line.gross)?.max(net),
        None => net,
    };
    let total = match head.total {
        Some(total) => total,
        None => net.checked_add(extras).ok_or(Overflow)?,
    };
    let discount = gross.checked_sub(net).ok_or(Overflow)?;
    Ok(Figures {
        gross,
        discount,
        net,
        service,
        tax,
        rounding,
        total,
        refunded,
    })
}
