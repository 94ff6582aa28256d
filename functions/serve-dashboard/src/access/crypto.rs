//! Signatures of tokens, checked by ring.
//!
//! `jsonwebtoken` takes tokens apart and leaves the cryptography to a provider. The ones that come
//! with it bring a second TLS library's primitives, or an RSA implementation with a known timing
//! weakness (RUSTSEC-2023-0071); ring is linked anyway. Nothing is signed here.

use std::sync::Once;

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::signature::{self, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, EncodingKey};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: no_signer,
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes ring the provider of this process.
pub(super) fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        if PROVIDER.install_default().is_err() {
            // Only reachable if other code of the process came first; its checks then hold.
            tracing::error!("signatures are checked by another provider");
        }
    });
}

fn no_signer(_: &Algorithm, _: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    Err(ErrorKind::InvalidAlgorithm.into())
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    let known = matches!(algorithm, Algorithm::RS256 | Algorithm::ES256 | Algorithm::EdDSA);
    // A public key is no shared secret: the family of the key decides what it can check.
    if !known || key.family() != algorithm.family() {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    Ok(Box::new(RingVerifier {
        algorithm: *algorithm,
        key: key.clone(),
    }))
}

struct RingVerifier {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let result = match (self.algorithm, self.key.kind()) {
            (Algorithm::RS256, DecodingKeyKind::RsaModulusExponent { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            (Algorithm::ES256, DecodingKeyKind::SecretOrDer(point)) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            (Algorithm::EdDSA, DecodingKeyKind::SecretOrDer(key)) => {
                UnparsedPublicKey::new(&ED25519, key).verify(message, signature)
            }
            _ => Err(ring::error::Unspecified),
        };
        result.map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use data_encoding::BASE64URL_NOPAD;
    use ring::signature::{Ed25519KeyPair, KeyPair};

    /// A key and a token of it, made by another program (OpenSSL).
    const MODULUS: [&str; 4] = [
        "5RTEtVWZCztJA3dTcweE_mTiqdzaqmbX-IU_2igumBXL0reUpR4zJtfSzd0D5Q5xvp7T-3umc3NfDn6th3kJqGMV",
        "OFx5bfY7N2rY_9hKGhktethlIJ53N_ORduK_V2o9nG8nVosaOURAYYQWARltndo8nHaE-VCoMRyOLRNQ0E1bDWOD",
        "x81w4pqtTJTxwWD-UtJT_Lfn26tPPB2tEN1LcjxkJFfXvXMTlwaU5N05nY3M987qYaT-TJnOrLk5GDZR9hrBtPlb",
        "kBedBX0l8o0qt6OB1mrk1yJRri12rKiL0pHcl-zf_4u_LB9Sy-fC73pwV0RCwik2z-7NluoXjQ_EtQ",
    ];
    const MESSAGE: [&str; 2] = [
        "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGU",
        "iLCJhdWQiOiJzaG9wIiwic3ViIjoic2FyaSIsImV4cCI6NDEwMjQ0NDgwMCwicm9sZXMiOlsidmlld2VyIl19",
    ];
    const SIGNATURE: [&str; 4] = [
        "Bd96IqiUXq3JXPNqvDhhnOLkUx9sUgIopjgVKAGwlf4PLBVy7-vE9VvSBOQ9wES_sgQv6VIt8yJ3uMkpjyvCKGVu",
        "D0MFqazlbhphwQCmR7pPA0NCIZ5uO-ql-Hsc1CPJSTF9nwh2HP_XUfgMrFh9Yezu2DZY3WI_B9Gb7INPWZKrS7zK",
        "MBeVxO-nN_A8bqF1iHhyrn7cl2n7KWwRgFUUZsAc-u-p3ia8VOosI5IQ4neY_ZSMzzjfl2xcoGcsISW1FMkgUEv4",
        "NL7Nxj7VsFDWy2oRPRKCuBx2xEC4UeWMLyGIiB1xb1cvrqQbe0lXGqaT4P0Aw2MpRghbkHmAMsQBDw",
    ];

    fn checks(algorithm: Algorithm, key: &DecodingKey, message: &[u8], signature: &[u8]) -> bool {
        let verifier = verifier(&algorithm, key).unwrap();
        verifier.verify(message, &signature.to_vec()).is_ok()
    }

    #[test]
    fn a_signature_of_rsa_is_checked() {
        let decoded = |text: &[&str]| BASE64URL_NOPAD.decode(text.concat().as_bytes()).unwrap();
        let key = DecodingKey::from_rsa_raw_components(&decoded(&MODULUS), &[1, 0, 1]);
        let (message, mut signature) = (MESSAGE.concat(), decoded(&SIGNATURE));
        assert!(checks(Algorithm::RS256, &key, message.as_bytes(), &signature));
        assert!(!checks(
            Algorithm::RS256,
            &key,
            &message.as_bytes()[1..],
            &signature
        ));
        signature[0] ^= 1;
        assert!(!checks(Algorithm::RS256, &key, message.as_bytes(), &signature));
    }

    #[test]
    fn a_signature_of_ed25519_is_checked() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let key = DecodingKey::from_ed_der(pair.public_key().as_ref());
        let signature = pair.sign(b"message");
        assert!(checks(Algorithm::EdDSA, &key, b"message", signature.as_ref()));
        assert!(!checks(Algorithm::EdDSA, &key, b"massage", signature.as_ref()));
    }

    #[test]
    fn a_key_checks_its_own_algorithm_alone() {
        let secret = DecodingKey::from_secret(b"secret");
        let rsa = DecodingKey::from_rsa_raw_components(&[1], &[1]);
        let point = DecodingKey::from_ec_der(&[4]);
        let table = [
            (Algorithm::HS256, &secret),
            (Algorithm::HS256, &rsa),
            (Algorithm::ES256, &secret),
            (Algorithm::RS256, &point),
            (Algorithm::RS512, &rsa),
            (Algorithm::PS256, &rsa),
            (Algorithm::ES384, &point),
        ];
        for (algorithm, key) in table {
            assert!(verifier(&algorithm, key).is_err(), "{algorithm:?}");
        }
    }
}
