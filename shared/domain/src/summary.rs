//! The figures of one outlet and business date, always recomputed from its receipts and never
//! counted up, so that replay, correction and erasure leave them exact.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::figures::{Figures, Overflow, of_receipt};
use crate::money::Money;
use crate::quantity::Quantity;
use crate::receipt::{Line, Receipt, Status};

/// What one variant of a dish sold in a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantDay {
    /// How many were sold.
    pub qty: Quantity,
    /// After discount.
    pub net: Money,
}

/// What one dish sold in a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuDay {
    /// The menu's category, where the source names one.
    pub category: Option<String>,
    /// On how many receipts.
    pub receipts: u32,
    /// How many were sold, given-back ones included.
    pub qty: Quantity,
    /// How many of them were given back.
    pub refunded_qty: Quantity,
    /// Before discount.
    pub gross: Money,
    /// After discount.
    pub net: Money,
    /// By variant; the dish without a variant is `""`.
    pub variants: BTreeMap<String, VariantDay>,
    /// Ratings of one to five that came with the sales.
    pub ratings: [u32; 5],
}

/// The day of one outlet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaySummary {
    /// Receipts that are a sale.
    pub receipts: u32,
    /// Receipts that were cancelled or deleted.
    pub voided: u32,
    /// Receipts not paid yet.
    pub unpaid: u32,
    /// Sales of which something was given back.
    pub refunded_receipts: u32,
    /// Sales with a known customer.
    pub identified: u32,
    /// Sales whose lines have not arrived.
    pub without_lines: u32,
    /// Sales whose own figures don't add up.
    pub unbalanced: u32,
    /// Sums over the sales; refunds apart.
    pub figures: Figures,
    /// Sales by dish, by name.
    pub menus: BTreeMap<String, MenuDay>,
    /// The first sale, in Unix milliseconds.
    pub first_at_ms: Option<i64>,
    /// The last sale, in Unix milliseconds.
    pub last_at_ms: Option<i64>,
}

impl DaySummary {
    /// Sums a day up from its receipts.
    ///
    /// # Errors
    /// [`Overflow`] when a sum leaves its range.
    pub fn of<'a>(receipts: impl IntoIterator<Item = &'a Receipt>) -> Result<Self, Overflow> {
        let mut day = Self::default();
        for receipt in receipts {
            day.add(receipt)?;
        }
        Ok(day)
    }

    fn add(&mut self, receipt: &Receipt) -> Result<(), Overflow> {
        let figures = of_receipt(receipt)?;
        self.figures.add(&figures)?;
        let Some(head) = receipt.head.as_ref().map(|head| &head.value) else {
            return Ok(());
        };
        match head.status {
            Status::Voided => self.voided = self.voided.saturating_add(1),
            Status::Unpaid => self.unpaid = self.unpaid.saturating_add(1),
            Status::Paid => {
                self.count_sale(receipt, &figures);
                self.first_at_ms = Some(self.first_at_ms.map_or(head.at_ms, |at| at.min(head.at_ms)));
                self.last_at_ms = Some(self.last_at_ms.map_or(head.at_ms, |at| at.max(head.at_ms)));
                self.identified = self.identified.saturating_add(u32::from(head.customer.is_some()));
                self.add_menus(receipt, &figures)?;
            }
        }
        Ok(())
    }

    fn count_sale(&mut self, receipt: &Receipt, figures: &Figures) {
        let count = |counter: &mut u32, when: bool| *counter = counter.saturating_add(u32::from(when));
        count(&mut self.receipts, true);
        count(&mut self.refunded_receipts, figures.refunded > Money::ZERO);
        count(&mut self.without_lines, receipt.lines.sold().next().is_none());
        count(
            &mut self.unbalanced,
            !figures.balances() || figures.discount.is_negative(),
        );
    }

    fn add_menus(&mut self, receipt: &Receipt, figures: &Figures) -> Result<(), Overflow> {
        let only = receipt.lines.sold().count() == 1;
        let mut seen: Vec<&str> = Vec::new();
        for line in receipt.lines.sold() {
            let menu = match self.menus.get_mut(&line.item.name) {
                Some(menu) => menu,
                None => self.menus.entry(line.item.name.clone()).or_default(),
            };
            if !seen.contains(&line.item.name.as_str()) {
                seen.push(&line.item.name);
                menu.receipts = menu.receipts.saturating_add(1);
            }
            // A source that prices no dish still prices the receipt: of one dish, that is the dish's price.
            let priced = !only || line.gross != Money::ZERO || line.net != Money::ZERO;
            let (gross, net) = if priced {
                (line.gross, line.net)
            } else {
                (figures.gross, figures.net)
            };
            menu.add(line, gross, net)?;
        }
        Ok(())
    }
}

impl MenuDay {
    fn add(&mut self, line: &Line, gross: Money, net: Money) -> Result<(), Overflow> {
        self.qty = self.qty.checked_add(line.qty).ok_or(Overflow)?;
        self.refunded_qty = self.refunded_qty.checked_add(line.refunded_qty).ok_or(Overflow)?;
        self.gross = self.gross.checked_add(gross).ok_or(Overflow)?;
        self.net = self.net.checked_add(net).ok_or(Overflow)?;
        // The smallest name, so that the order of receipts cannot show.
        if let Some(category) = &line.item.category
            && self.category.as_ref().is_none_or(|known| category < known)
        {
            self.category = Some(category.clone());
        }
        if let Some(count) = line
            .rating
            .and_then(|stars| self.ratings.get_mut(usize::from(stars).wrapping_sub(1)))
        {
            *count = count.saturating_add(1);
        }
        let name = line.item.variant.as_deref().unwrap_or_default();
        let variant = match self.variants.get_mut(name) {
            Some(variant) => variant,
            None => self.variants.entry(name.to_owned()).or_default(),
        };
        variant.qty = variant.qty.checked_add(line.qty).ok_or(Overflow)?;
        variant.net = variant.net.checked_add(net).ok_or(Overflow)?;
        Ok(())
    }
}
