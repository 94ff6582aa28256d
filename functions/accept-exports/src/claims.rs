//! Idempotency keys of callers, and the places in the bucket that they stand for.

use aws::idempotency::IdempotencyRecord;
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use domain::export::INCOMING;
use domain::when::{Zone, business_date};
use edge::auth::Caller;
use edge::problem::{IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_MISSING, IDEMPOTENCY_KEY_REUSED, Problem};
use http::HeaderMap;
use sha2::{Digest, Sha256};

use crate::Deps;

/// How long an `Idempotency-Key` stands for its request, in milliseconds.
const CLAIM_LIFE_MS: i64 = 7 * 24 * 3_600_000;
/// The longest `Idempotency-Key`, in bytes.
const IDEMPOTENCY_KEY_MAX: usize = 255;

/// Where a new object goes.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) outlet: Option<&'a str>,
    pub(crate) ending: &'a str,
}

/// The place that a caller's key stands for.
pub(crate) struct Claim {
    /// The object's key.
    pub(crate) key: String,
    /// Whether this request is the first with its key.
    pub(crate) fresh: bool,
}

pub(crate) async fn claim(
    deps: &Deps,
    caller: &Caller,
    idempotency_key: &str,
    fingerprint: String,
    place: Place<'_>,
) -> Result<Claim, Problem> {
    let now_ms = deps.now_ms();
    let random = lambda_edge::clock::random::<10>().map_err(|error| Problem::internal(error.to_string()))?;
    let random = BASE32_NOPAD.encode(&random).to_lowercase();
    // Folders by the shop's date. The first folder names the outlet of records that name none.
    let date = business_date(now_ms, &Zone::default(), 0);
    let key = format!(
        "{INCOMING}{}/{date}/{random}.{}",
        place.outlet.unwrap_or("api"),
        place.ending
    );
    let record = IdempotencyRecord {
        fingerprint,
        outcome: key,
        expires_ms: now_ms.saturating_add(CLAIM_LIFE_MS),
    };
    // A person could have the id of a key.
    let scope = caller.key_id().map_or_else(|| caller.actor(), str::to_owned);
    let scope = format!("exports:{scope}");
    let held = deps
        .idempotency
        .claim(&scope, idempotency_key, record.clone(), now_ms)
        .await?;
    if held.fingerprint != record.fingerprint {
        return Err(Problem::new(&IDEMPOTENCY_KEY_REUSED).detail(
            "Kunci ini sudah dipakai untuk isi lain; pakai kunci baru.",
            "This key stands for other content; use a new one.",
        ));
    }
    Ok(Claim {
        fresh: held.outcome == record.outcome,
        key: held.outcome,
    })
}

pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<&str, Problem> {
    const NAME: &str = "Idempotency-Key";
    let Some(value) = headers.get(NAME) else {
        let english = "send a text of your own, new for each file";
        return Err(Problem::parameter(
            &IDEMPOTENCY_KEY_MISSING,
            NAME,
            "kirim teks unik untuk tiap berkas",
            english,
        ));
    };
    let fits = |text: &&str| {
        (1..=IDEMPOTENCY_KEY_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    value.to_str().ok().filter(fits).ok_or_else(|| {
        let (indonesian, english) = (
            "1 sampai 255 karakter ASCII tanpa spasi",
            "1 to 255 visible ASCII characters",
        );
        Problem::parameter(&IDEMPOTENCY_KEY_INVALID, NAME, indonesian, english)
    })
}

/// A hash of a request's content. Parts are length-prefixed, so that no two contents run together.
pub(crate) fn fingerprint(parts: [&[u8]; 4]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    HEXLOWER.encode(&hash.finalize())
}
