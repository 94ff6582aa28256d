//! Top-ups: credit, data packages, electricity tokens and vouchers that partners order and one supplier delivers.
//!
//! What is stored: [`order`], [`event`], [`destination`], [`product`], [`partner`], [`books`], [`webhook`]. What is
//! decided: [`intake`] and [`guard`] before an order is taken, [`step`] with every answer, [`decide`] by people, each
//! as a [`change`] with its [`alert`]s. What partners may do then: [`retry`]. What is read and written: [`reply`], [`serial`], [`number`], [`window`],
//! [`id`], [`mask`].
//!
//! Three things hold throughout: an order has one id for ever, a purchase is never repeated by itself, and an unknown
//! end is not a failure.

pub mod alert;
pub mod books;
pub mod change;
pub mod decide;
pub mod destination;
pub mod event;
pub mod guard;
pub mod id;
pub mod intake;
pub mod mask;
pub mod number;
pub mod order;
pub mod partner;
pub mod product;
pub mod reply;
pub mod retry;
pub mod rupiah;
pub mod serial;
pub mod state;
pub mod step;
pub mod webhook;
pub mod window;

pub use id::{is_refid, refid};
