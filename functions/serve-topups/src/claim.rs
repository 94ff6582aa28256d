//! A partner's keys for its requests: one key is one order, however often it is sent.

use data_encoding::HEXLOWER;
use edge::problem::{IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_MISSING, IDEMPOTENCY_KEY_REUSED, Problem};
use http::HeaderMap;
use sha2::{Digest, Sha256};

/// The lengths of an `Idempotency-Key`, in characters. A shorter one is a counter that begins anew some day.
const LENGTHS: std::ops::RangeInclusive<usize> = 8..=128;

/// The key of a request.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<&str, Problem> {
    const NAME: &str = "Idempotency-Key";
    let Some(value) = headers.get(NAME) else {
        return Err(Problem::parameter(
            &IDEMPOTENCY_KEY_MISSING,
            NAME,
            "kirim teks unik untuk tiap pesanan, dan teks yang sama bila mengulang",
            "send a text of your own, new for each order and the same when repeating one",
        ));
    };
    // API Gateway makes one header of two, with a comma between them: two keys are none.
    let is_sign = |byte: u8| byte.is_ascii_graphic() && byte != b',';
    let fits = |text: &&str| LENGTHS.contains(&text.len()) && text.bytes().all(is_sign);
    value.to_str().ok().filter(fits).ok_or_else(|| {
        Problem::parameter(
            &IDEMPOTENCY_KEY_INVALID,
            NAME,
            "satu kunci, 8 sampai 128 karakter ASCII tanpa spasi dan koma",
            "one key, 8 to 128 visible ASCII characters and no comma",
        )
    })
}

/// The refusal of a key that stands for another order.
pub(crate) fn reused() -> Problem {
    Problem::new(&IDEMPOTENCY_KEY_REUSED).detail(
        "Kunci ini milik pesanan lain; pakai kunci baru.",
        "This key stands for another order; use a new one.",
    )
}

/// A hash of parts. Each goes in with its length, so that no two lists of parts are one text.
pub(crate) fn hash(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    HEXLOWER.encode(&hash.finalize())
}
