//! Signatures, so that a partner knows that a message is ours, is whole, and is not an old one.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The secret that a partner's messages are signed with: it follows from our own key, so none is stored. `number`
/// counts a partner's secrets, from 1.
#[must_use]
pub fn secret(master: &[u8], partner: &str, number: u32) -> String {
    let mac = hmac(master, format!("webhook\n{partner}\n{number}").as_bytes());
    format!("whs_{}", BASE32_NOPAD.encode(&mac))
}

/// The signature of a body that is sent at `at_s` (Unix seconds): `t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>">`.
#[must_use]
pub fn signature(secret: &str, at_s: i64, body: &[u8]) -> String {
    signature_header(&[secret], at_s, body)
}

/// The same with several secrets, one `v1` each, while a partner changes from one to the next.
#[must_use]
pub fn signature_header<S: AsRef<str>>(secrets: &[S], at_s: i64, body: &[u8]) -> String {
    let mut signed = format!("{at_s}.").into_bytes();
    signed.extend_from_slice(body);
    let mut header = format!("t={at_s}");
    for secret in secrets {
        header.push_str(",v1=");
        header.push_str(&HEXLOWER.encode(&hmac(secret.as_ref().as_bytes(), &signed)));
    }
    header
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    // An HMAC takes a key of any length; the branch is there for the type alone.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}
