//! Why something about a person can't be done.

use aws::StoreError;
use domain::kin::KinError;
use domain::rights::RequestError;
use lambda_edge::clock::NoRandomness;

use crate::cursor;
use crate::problem::{
    KIN_SETTLED, KIN_UNKNOWN, PEOPLE_TOO_MANY, Problem, RIGHTS_ERASURE, RIGHTS_FIELD, RIGHTS_NO_CUSTOMER,
    RIGHTS_NOTHING_TO_LIFT, RIGHTS_SETTLED, RIGHTS_UNCHECKED,
};

/// Why something about a person can't be done.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// A store did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Ids can't be parted or reunited.
    #[error(transparent)]
    Kin(#[from] KinError),
    /// A request can't be moved as asked.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A correction of somebody who was erased, or is about to be.
    #[error("the person is erased, or an erasure is open")]
    Erasure,
    /// No restriction, or no objection, stands that could end.
    #[error("nothing stands that could be lifted")]
    NothingToLift,
    /// Not everybody who has a number can be named: too many have it, or not all are in the index yet.
    #[error("not everybody with this number can be named")]
    TooMany,
    /// The operating system gave no randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The place to go on from is none that an earlier answer named.
    #[error("not a place to go on from")]
    NoPlace,
}

impl PeopleError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "PEOPLE_STORE_FAILED",
            Self::Kin(error) => error.code(),
            Self::Request(error) => error.code(),
            Self::Erasure => "RIGHTS_ERASURE",
            Self::NothingToLift => "RIGHTS_NOTHING_TO_LIFT",
            Self::TooMany => "PEOPLE_TOO_MANY",
            Self::NoRandomness(_) => "PEOPLE_NO_RANDOMNESS",
            Self::NoPlace => "PARAMETER_INVALID",
        }
    }
}

impl From<PeopleError> for Problem {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::Store(error) => error.into(),
            PeopleError::Kin(KinError::Unknown) => Self::new(&KIN_UNKNOWN).detail(
                "Nomor telepon orang itu tidak mengenal ID ini.",
                "The id is not known under that person's phone number.",
            ),
            PeopleError::Kin(KinError::Settled) => Self::new(&KIN_SETTLED),
            PeopleError::Request(RequestError::NoCustomer) => Self::new(&RIGHTS_NO_CUSTOMER),
            PeopleError::Request(RequestError::Field) => Self::new(&RIGHTS_FIELD),
            PeopleError::Request(RequestError::Settled) => Self::new(&RIGHTS_SETTLED),
            PeopleError::Request(RequestError::Unchecked) => Self::new(&RIGHTS_UNCHECKED)
                .detail("Periksa dulu siapa yang meminta.", "Check first who asks."),
            PeopleError::Erasure => Self::new(&RIGHTS_ERASURE),
            PeopleError::NothingToLift => Self::new(&RIGHTS_NOTHING_TO_LIFT),
            PeopleError::TooMany => {
                Self::new(&PEOPLE_TOO_MANY).detail("Cari dengan struknya.", "Look by a receipt of theirs.")
            }
            PeopleError::NoRandomness(error) => Self::internal(error.to_string()),
            PeopleError::NoPlace => cursor::unusable("after"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_the_code_that_the_domain_gives_it() {
        let table = [
            PeopleError::Kin(KinError::Unknown),
            PeopleError::Kin(KinError::Settled),
            PeopleError::Request(RequestError::NoCustomer),
            PeopleError::Request(RequestError::Field),
            PeopleError::Request(RequestError::Settled),
            PeopleError::Request(RequestError::Unchecked),
            PeopleError::Erasure,
            PeopleError::NothingToLift,
            PeopleError::TooMany,
            PeopleError::NoPlace,
        ];
        for error in table {
            let code = error.code();
            assert_eq!(Problem::from(error).kind().code, code);
        }
        let store = Problem::from(PeopleError::from(StoreError::Conflict));
        assert_eq!(store.kind().code, "CHANGED_MEANWHILE");
    }
}
