//! What the generated outlets sell, and to whom.

/// A dish: name, category, price in rupiah, variants.
pub(super) struct Dish {
    pub(super) name: &'static str,
    pub(super) category: &'static str,
    pub(super) price: u64,
    pub(super) variants: &'static [&'static str],
}

const fn dish(
    name: &'static str,
    category: &'static str,
    price: u64,
    variants: &'static [&'static str],
) -> Dish {
    Dish {
        name,
        category,
        price,
        variants,
    }
}

const HEAT: &[&str] = &["Original", "Pedas", "Ekstra Pedas"];
const ICE: &[&str] = &["Normal", "Less Ice"];
const SIZE: &[&str] = &["Reguler", "Jumbo"];
const NONE: &[&str] = &[];

/// Forty dishes, the favourites first.
pub(super) static MENU: [Dish; 40] = [
    dish("Nasi Goreng Oyako", "Makanan", 38_000, HEAT),
    dish("Es Teh Manis", "Minuman", 8_000, ICE),
    dish("Ayam Geprek", "Makanan", 27_000, HEAT),
    dish("Oyakodon", "Makanan", 42_000, SIZE),
    dish("Es Jeruk", "Minuman", 12_000, ICE),
    dish("Mie Goreng Jawa", "Makanan", 29_000, HEAT),
    dish("Chicken Katsu Curry", "Makanan", 45_000, SIZE),
    dish("Soto Ayam", "Makanan", 26_000, NONE),
    dish("Kopi Susu Gula Aren", "Minuman", 22_000, ICE),
    dish("Tempe Mendoan", "Camilan", 15_000, NONE),
    dish("Gado-Gado", "Makanan", 27_000, NONE),
    dish("Nasi Putih", "Makanan", 7_000, NONE),
    dish("Air Mineral", "Minuman", 6_000, NONE),
    dish("Ayam Bakar Madu", "Makanan", 34_000, NONE),
    dish("Sate Ayam", "Makanan", 32_000, SIZE),
    dish("Es Teh Tawar", "Minuman", 6_000, ICE),
    dish("Bakso Urat", "Makanan", 28_000, HEAT),
    dish("Pisang Goreng", "Camilan", 15_000, NONE),
    dish("Rendang Sapi", "Makanan", 48_000, NONE),
    dish("Gyoza", "Camilan", 24_000, NONE),
    dish("Ramen Ayam", "Makanan", 44_000, HEAT),
    dish("Lemon Tea", "Minuman", 16_000, ICE),
    dish("Tahu Isi", "Camilan", 12_000, NONE),
    dish("Nasi Uduk Komplit", "Makanan", 33_000, NONE),
    dish("Kwetiau Siram", "Makanan", 31_000, HEAT),
    dish("Cah Kangkung", "Makanan", 19_000, NONE),
    dish("Matcha Latte", "Minuman", 26_000, ICE),
    dish("Karaage", "Camilan", 28_000, HEAT),
    dish("Sop Buntut", "Makanan", 58_000, NONE),
    dish("Teriyaki Don", "Makanan", 41_000, SIZE),
    dish("Jus Alpukat", "Minuman", 20_000, NONE),
    dish("Kerupuk", "Camilan", 4_000, NONE),
    dish("Ikan Nila Bakar", "Makanan", 39_000, NONE),
    dish("Udon Kuah", "Makanan", 36_000, HEAT),
    dish("Es Campur", "Minuman", 21_000, NONE),
    dish("Sambal Matah", "Tambahan", 6_000, NONE),
    dish("Telur Ceplok", "Tambahan", 6_000, NONE),
    dish("Puding Cokelat", "Camilan", 14_000, NONE),
    dish("Nasi Liwet", "Makanan", 37_000, SIZE),
    dish("Wedang Jahe", "Minuman", 13_000, NONE),
];

/// Ways to pay, as Moka words them, the usual ones first.
pub(super) static PAYMENTS: [(&str, &str); 6] = [
    ("cash", "Cash"),
    ("other", "QRIS"),
    ("edc", "EDC"),
    ("other", "GoPay"),
    ("other", "OVO"),
    ("other", "ShopeePay"),
];

/// Ways to order, the usual ones first.
pub(super) static ORDERS: [&str; 3] = ["Dine In", "Take Away", "GoFood"];

/// Given names of the generated customers.
pub(super) static GIVEN: [&str; 12] = [
    "Siti", "Budi", "Wulan", "Agus", "Dewi", "Rizky", "Putri", "Andi", "Ratna", "Bayu", "Intan", "Yusuf",
];

/// Family names of the generated customers.
pub(super) static FAMILY: [&str; 12] = [
    "Rahma",
    "Santoso",
    "Purnama",
    "Wijaya",
    "Lestari",
    "Hidayat",
    "Saputra",
    "Nugroho",
    "Anggraini",
    "Siregar",
    "Halim",
    "Maharani",
];
