//! Which names of fields, headers and parameters announce a secret.

use super::Rules;

/// Words that make a name secret wherever they stand in it.
const ANYWHERE: [&str; 9] = [
    "password",
    "passwd",
    "passphrase",
    "authorization",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "apikey",
];

/// Words that make a name secret when they end it: `client_secret`, but not `secret_name`.
const LAST: [&str; 13] = [
    "pin",
    "otp",
    "pwd",
    "token",
    "tokens",
    "secret",
    "secrets",
    "jwt",
    "bearer",
    "cvv",
    "cvc",
    "signature",
    "passcode",
];

/// Words that make a name secret when they end it with `key`: `api_key`, but not `partition_key`.
const BEFORE_KEY: [&str; 7] = [
    "api",
    "private",
    "secret",
    "signing",
    "encryption",
    "signature",
    "access",
];

/// No name of a secret is longer; what is longer is no name.
pub(super) const LONGEST: usize = 64;

/// Whether the value under this name is secret.
pub(super) fn is_secret(name: &[u8], rules: &Rules) -> bool {
    if name.is_empty() || name.len() > LONGEST {
        return false;
    }
    let words: Vec<&[u8]> = words(name).collect();
    let Some(last) = words.last() else { return false };
    let among = |word: &[u8], list: &[&str]| {
        list.iter()
            .any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
    };
    let before = words.len().checked_sub(2).and_then(|at| words.get(at));
    among(last, &LAST)
        || words.iter().any(|word| among(word, &ANYWHERE))
        || (last.eq_ignore_ascii_case(b"key") && before.is_some_and(|word| among(word, &BEFORE_KEY)))
        || (!rules.fields.is_empty() && rules.fields.contains(&normalised(name)))
}

/// Whether the value under this name goes on to the end of its line, spaces and commas included.
pub(super) fn takes_the_line(name: &[u8]) -> bool {
    words(name).any(|word| {
        [b"authorization".as_slice(), b"cookie", b"cookies"]
            .iter()
            .any(|known| word.eq_ignore_ascii_case(known))
    })
}

/// Letters and digits in lower case: `bankAccount`, `bank_account` and `Bank-Account` are one name.
pub(super) fn normalised(name: &[u8]) -> String {
    let kept = name.iter().filter(|byte| byte.is_ascii_alphanumeric());
    kept.map(|byte| char::from(byte.to_ascii_lowercase())).collect()
}

/// The words of a name in snake, kebab, dotted or camel case.
fn words(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    name.split(|byte| !byte.is_ascii_alphanumeric())
        .flat_map(|part| part.chunk_by(|one, next| !(one.is_ascii_lowercase() && next.is_ascii_uppercase())))
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_recognised_in_every_spelling() {
        let names = [
            "password",
            "user_password",
            "PASSWORD",
            "pin",
            "newPin",
            "token",
            "access_token",
            "accessToken",
            "X-Amz-Security-Token",
            "Authorization",
            "proxy-authorization",
            "Set-Cookie",
            "api_key",
            "apiKey",
            "X-API-Key",
            "apikey",
            "client_secret",
            "clientSecret",
            "privateKey",
            "X-Amz-Signature",
            "signature_key",
            "aws.credentials",
            "otp",
            "secretAccessKey",
        ];
        for name in names {
            assert!(is_secret(name.as_bytes(), &Rules::default()), "{name}");
        }
    }

    #[test]
    fn names_that_only_resemble_them_are_left() {
        let names = [
            "",
            "shipping",
            "pinned",
            "secret_name",
            "token_count",
            "key_id",
            "partition_key",
            "key",
            "author",
            "message",
            "request_id",
            "idempotency_key",
            "monkey",
            "opinion",
            "keyboard",
        ];
        for name in names {
            assert!(!is_secret(name.as_bytes(), &Rules::default()), "{name}");
        }
    }
}
