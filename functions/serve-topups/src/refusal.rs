//! Refusals in words: what stands against an order, and what its partner can do about it.

use domain::topup::guard::Refusal;
use domain::topup::number::DestinationError;
use domain::when::{Zone, format_local};
use edge::problem::{
    FieldError, Kind, Problem, TOPUP_ALREADY_OPEN, TOPUP_BALANCE_LOW, TOPUP_CAP_REACHED, TOPUP_COOLING,
    TOPUP_CUTOFF, TOPUP_DESTINATION_BLOCKED, TOPUP_DESTINATION_FAILING, TOPUP_DESTINATION_INVALID, TOPUP_OFF,
    TOPUP_OPERATOR_DIFFERS, TOPUP_PAUSED, TOPUP_PRICE_HIGHER, TOPUP_PRODUCT_DOWN, TOPUP_PRODUCT_NOT_ALLOWED,
    TOPUP_PRODUCT_OFF, TOPUP_PRODUCT_PRICE_DIFFERS, TOPUP_PRODUCT_UNKNOWN,
};
use http::header::{HeaderValue, RETRY_AFTER};

use crate::asker::inactive;
use crate::look::Unfit;

/// One thing that stands against an order.
pub(crate) struct Told {
    /// Its row in the table of problems.
    pub(crate) kind: &'static Kind,
    /// What to know or do, in Bahasa Indonesia.
    pub(crate) detail: String,
    /// What to know or do, in English.
    pub(crate) detail_en: String,
    /// Until when it stands, Unix milliseconds; `None` where no time ends it, or nobody knows which.
    pub(crate) until_ms: Option<i64>,
    /// Where in the request it arises, as a JSON pointer.
    pub(crate) pointer: Option<&'static str>,
    /// A finer code than the kind's.
    code: Option<&'static str>,
}

impl Told {
    fn new(kind: &'static Kind, detail: impl Into<String>, detail_en: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            detail_en: detail_en.into(),
            until_ms: None,
            pointer: None,
            code: None,
        }
    }

    fn until(self, until_ms: impl Into<Option<i64>>) -> Self {
        Self {
            until_ms: until_ms.into(),
            ..self
        }
    }

    fn at(self, pointer: &'static str) -> Self {
        Self {
            pointer: Some(pointer),
            ..self
        }
    }

    /// No supplier is set up.
    pub(crate) fn off() -> Self {
        Self::new(
            &TOPUP_OFF,
            "Toko belum menjual isi ulang.",
            "The shop does not sell top-ups yet.",
        )
    }

    /// Nothing is sent to the supplier until a moment.
    pub(crate) fn paused(until_ms: i64) -> Self {
        let at = clock(until_ms);
        Self::new(
            &TOPUP_PAUSED,
            format!("Toko sedang memeriksa sambungan ke pemasok; coba lagi setelah {at}."),
            format!("The shop is looking at its connection with the supplier; try again after {at}."),
        )
        .until(until_ms)
    }

    /// The partner's own order for the same is open.
    pub(crate) fn own_open(refid: &str) -> Self {
        Self::new(
            &TOPUP_ALREADY_OPEN,
            format!("Tunggu sampai pesanan {refid} selesai."),
            format!("Wait until the order {refid} has ended."),
        )
    }

    /// The partner may not order.
    pub(crate) fn inactive() -> Self {
        let problem = inactive();
        let document = problem.document(None);
        Self::new(
            problem.kind(),
            document.detail.unwrap_or_default(),
            document.detail_en.unwrap_or_default(),
        )
    }

    /// The refusal of an order, with all else that stands against it among the errors.
    pub(crate) fn problem(self, others: Vec<Self>, now_ms: i64) -> Problem {
        let mut problem = Problem::new(self.kind).detail(self.detail.clone(), self.detail_en.clone());
        if let Some(until_ms) = self.until_ms {
            problem = problem.header(RETRY_AFTER, HeaderValue::from(seconds_until(until_ms, now_ms)));
        }
        for told in std::iter::once(self).chain(others) {
            problem = problem.error(told.field());
        }
        problem
    }

    fn field(self) -> FieldError {
        FieldError {
            pointer: self.pointer.map(str::to_owned),
            parameter: None,
            code: self.code.unwrap_or(self.kind.code),
            detail: self.detail,
            detail_en: self.detail_en,
        }
    }
}

/// Whole seconds until a moment, one at least.
pub(crate) fn seconds_until(until_ms: i64, now_ms: i64) -> i64 {
    let left_ms = until_ms.saturating_sub(now_ms).max(0);
    left_ms.saturating_add(999).div_euclid(1000).max(1)
}

impl From<&Unfit> for Told {
    fn from(unfit: &Unfit) -> Self {
        let error = match unfit {
            Unfit::Product => {
                return Self::new(
                    &TOPUP_PRODUCT_UNKNOWN,
                    "Lihat kodenya di GET /v1/products.",
                    "GET /v1/products lists the codes.",
                )
                .at("/product");
            }
            Unfit::Destination(error) => error,
        };
        let (indonesian, english) = match error {
            DestinationError::Empty => ("tidak boleh kosong", "must not be empty"),
            DestinationError::NotDigits => (
                "hanya angka; untuk voucher angka dan huruf",
                "digits only; digits and letters for vouchers",
            ),
            DestinationError::TooShort => ("terlalu pendek", "too short"),
            DestinationError::TooLong => ("terlalu panjang", "too long"),
            DestinationError::NotMobile => {
                ("bukan nomor seluler Indonesia", "not an Indonesian mobile number")
            }
        };
        Self {
            code: Some(error.code()),
            ..Self::new(&TOPUP_DESTINATION_INVALID, indonesian, english).at("/destination")
        }
    }
}

impl From<&Refusal> for Told {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::ProductOff | Refusal::ProductNotAllowed | Refusal::ProductPriceDiffers => {
                of_product(refusal)
            }
            Refusal::PriceHigher { price } => Self::new(
                &TOPUP_PRICE_HIGHER,
                format!("Harganya {price}."),
                format!("It costs {price}."),
            )
            .at("/max_price"),
            Refusal::ProductDown { until_ms } => {
                let at = clock(*until_ms);
                Self::new(
                    &TOPUP_PRODUCT_DOWN,
                    format!("Coba lagi setelah {at}, atau pilih produk lain."),
                    format!("Try again after {at}, or choose another product."),
                )
                .until(*until_ms)
            }
            Refusal::DestinationBlocked
            | Refusal::DestinationFailing { .. }
            | Refusal::OperatorDiffers { .. } => of_destination(refusal),
            Refusal::AlreadyOpen { .. } | Refusal::Cooling { .. } => of_the_same(refusal),
            Refusal::Cutoff { until_ms } => {
                let at = clock(*until_ms);
                Self::new(
                    &TOPUP_CUTOFF,
                    format!("Pesan lagi setelah {at}."),
                    format!("Order again after {at}."),
                )
                .until(*until_ms)
            }
            Refusal::CapReached { left, until_ms } => Self::new(
                &TOPUP_CAP_REACHED,
                format!("Sisa hari ini {left}."),
                format!("{left} is left of today."),
            )
            .until(*until_ms),
            Refusal::BalanceLow => Self::new(
                &TOPUP_BALANCE_LOW,
                "Toko harus menambah deposit; coba lagi nanti.",
                "The shop has to pay in; try again later.",
            ),
        }
    }
}

fn of_product(refusal: &Refusal) -> Told {
    let told = match refusal {
        Refusal::ProductNotAllowed => Told::new(
            &TOPUP_PRODUCT_NOT_ALLOWED,
            "Produk Anda ada di GET /v1/products.",
            "GET /v1/products lists your products.",
        ),
        Refusal::ProductPriceDiffers => Told::new(
            &TOPUP_PRODUCT_PRICE_DIFFERS,
            "Toko sedang memeriksanya; pilih produk lain.",
            "The shop is looking at it; choose another product.",
        ),
        _ => Told::new(
            &TOPUP_PRODUCT_OFF,
            "Pilih produk lain dari GET /v1/products.",
            "Choose another one of GET /v1/products.",
        ),
    };
    told.at("/product")
}

fn of_destination(refusal: &Refusal) -> Told {
    let told = match refusal {
        Refusal::OperatorDiffers { expected, found } => {
            let (expected, found) = (expected.name(), found.name());
            Told::new(
                &TOPUP_OPERATOR_DIFFERS,
                format!("Produk ini untuk {expected}, nomornya {found}."),
                format!("The product is for {expected}, the number is {found}'s."),
            )
        }
        Refusal::DestinationBlocked => Told::new(
            &TOPUP_DESTINATION_BLOCKED,
            "Hanya layanan pelanggan pemasok yang dapat membukanya. Hubungi toko, yang lalu melepas nomor ini.",
            "Only the supplier's people can lift that. Tell the shop, which then releases the number.",
        ),
        Refusal::DestinationFailing {
            until_ms: Some(until_ms),
        } => {
            let at = clock(*until_ms);
            Told::new(
                &TOPUP_DESTINATION_FAILING,
                format!("Periksa nomornya; tanpa kegagalan lagi, pesan setelah {at}."),
                format!("Check the number; unless it fails again, order after {at}."),
            )
            .until(*until_ms)
        }
        _ => Told::new(
            &TOPUP_DESTINATION_FAILING,
            "Periksa nomornya, dan tunggu sampai pesanan yang masih terbuka untuknya selesai.",
            "Check the number, and wait until its open orders have ended.",
        ),
    };
    told.at("/destination")
}

fn of_the_same(refusal: &Refusal) -> Told {
    match refusal {
        Refusal::Cooling { until_ms } => {
            let at = clock(*until_ms);
            Told::new(
                &TOPUP_COOLING,
                format!("Produk ini untuk nomor ini dapat dipesan lagi setelah {at}."),
                format!("This product can be ordered for this number again after {at}."),
            )
            .until(*until_ms)
        }
        // Another partner's order is none of this one's business: its id is not told.
        _ => Told::new(
            &TOPUP_ALREADY_OPEN,
            "Tunggu sampai pesanan untuk nomor dan produk ini selesai.",
            "Wait until the order for this number and product has ended.",
        ),
    }
}

/// A moment on the shop's clock.
fn clock(at_ms: i64) -> String {
    format_local(at_ms, &Zone::default())
}
