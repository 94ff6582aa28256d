//! The head of a receipt.

use crate::map::Mapper;
use crate::money::{self, Money};
use crate::receipt::{Head, OrderType, Status};
use crate::record::Rejection;
use crate::shape::{Field, List};
use crate::value::{Reader, Spot};
use crate::when::Moment;

impl Mapper<'_, '_, '_> {
    pub(super) fn head(&mut self, moment: Moment, customer: Option<String>) -> Result<Head, Rejection> {
        let object = self.object;
        let (gross, discount, net) = (
            self.reader.money(object, Field::Gross)?,
            self.reader.money(object, Field::Discount)?,
            self.reader.money(object, Field::Net)?,
        );
        // On a product row the discount is the product's, not the receipt's.
        let discount = discount.filter(|_| !self.dialect.is_rows());
        let (gross, net) = match (gross, discount, net) {
            (Some(gross), Some(discount), None) => (Some(gross), gross.checked_sub(discount)),
            (None, Some(discount), Some(net)) => (net.checked_add(discount), Some(net)),
            (gross, _, net) => (gross, net),
        };
        let total = self.reader.money(object, Field::Total)?;
        Ok(Head {
            number: self.reader.label(object, Field::Number)?,
            at_ms: moment.at_ms,
            quality: moment.quality,
            status: self.status()?,
            order_type: self.order_type()?,
            customer,
            table: self.reader.label(object, Field::Table)?,
            method: self.method()?,
            gross,
            net,
            service: self.reader.money(object, Field::Service)?,
            tax: self.reader.money(object, Field::Tax)?,
            rounding: self.reader.money(object, Field::Rounding)?,
            total,
            refunded: self.refunded(total)?,
        })
    }

    fn status(&self) -> Result<Status, Rejection> {
        let text = |field| {
            Ok::<_, Rejection>(
                self.reader
                    .text(self.object, field)?
                    .unwrap_or_default()
                    .to_lowercase(),
            )
        };
        let (status, payment, kind) = (
            text(Field::Status)?,
            text(Field::PaymentStatus)?,
            text(Field::Kind)?,
        );
        let says = |words: &[&str], text: &str| words.iter().any(|word| text.contains(word));
        let void = ["void", "batal", "cancel", "deleted"];
        let voided = says(&void, &status) || says(&void, &payment) || kind == "void";
        if voided || self.reader.flag(self.object, Field::Deleted)? {
            return Ok(Status::Voided);
        }
        let unpaid = ["belum", "unpaid", "pending", "tertunda"];
        if says(&unpaid, &payment)
            || says(&unpaid, &status)
            || matches!(status.as_str(), "open" | "sent_to_kitchen")
        {
            return Ok(Status::Unpaid);
        }
        Ok(Status::Paid)
    }

    fn order_type(&self) -> Result<OrderType, Rejection> {
        let mut told = self.reader.text(self.object, Field::OrderType)?;
        if told.is_none()
            && let Some(line) = self.object.list(List::Lines).first()
        {
            told = self.reader.text(line, Field::OrderType)?;
        }
        let told = crate::shape::fold(&told.unwrap_or_default());
        let says = |words: &[&str]| words.iter().any(|word| told.contains(word));
        Ok(if says(&["dinein", "makanditempat"]) {
            OrderType::DineIn
        } else if says(&["takeaway", "takeout", "bawapulang", "bungkus"]) {
            OrderType::Takeaway
        } else if says(&["delivery", "antar"]) {
            OrderType::Delivery
        } else if says(&["online", "gofood", "grabfood", "shopeefood", "ojek"]) {
            OrderType::Online
        } else {
            OrderType::Other
        })
    }

    fn method(&mut self) -> Result<Option<String>, Rejection> {
        match self.reader.label(self.object, Field::Method)? {
            Some(method) => Ok(Some(method)),
            None => match self.object.list(List::Payments).first() {
                Some(payment) => self.reader.label(payment, Field::Method),
                None => Ok(None),
            },
        }
    }

    /// What the record says was given back: its own amounts, or the sum of the refunds it lists, or
    /// all of it when it is only marked as refunded.
    fn refunded(&mut self, total: Option<Money>) -> Result<Money, Rejection> {
        let one = self
            .reader
            .money(self.object, Field::Refunded)?
            .unwrap_or_default();
        let two = self
            .reader
            .money(self.object, Field::RefundedToo)?
            .unwrap_or_default();
        let mut listed = Vec::new();
        for (index, refund) in self.object.list(List::Refunds).iter().enumerate() {
            let mut notes = Vec::new();
            let mut reader = Reader {
                place: Spot::Entry("payment_refunds", index),
                notes: &mut notes,
            };
            let status = reader
                .text(refund, Field::Status)?
                .unwrap_or_default()
                .to_lowercase();
            if !["cancel", "fail", "void", "batal", "gagal"]
                .iter()
                .any(|word| status.contains(word))
            {
                listed.push(reader.money(refund, Field::Total)?.unwrap_or_default());
            }
            self.reader.notes.append(&mut notes);
        }
        let absolute = |amount: Money| amount.checked_abs().unwrap_or_default();
        let listed = money::sum(listed.into_iter().map(absolute)).unwrap_or_default();
        let told = absolute(one).max(absolute(two)).max(listed);
        let status = self
            .reader
            .text(self.object, Field::Status)?
            .unwrap_or_default()
            .to_lowercase();
        let whole = matches!(status.as_str(), "refunded" | "refund")
            || self.reader.flag(self.object, Field::IsRefunded)?;
        Ok(if told.is_zero() && whole {
            absolute(total.unwrap_or_default())
        } else {
            told
        })
    }
}
