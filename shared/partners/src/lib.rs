//! Other people's HTTP: nothing else in this project asks a server that is not the shop's own.
//!
//! | module | whom it asks |
//! |---|---|
//! | [`http`] | anybody: the one policy of connections, time limits, sizes and repeats |
//! | [`central`] | the server that lists the files of a day (`docs/central-server.md`) |
//! | [`moka`] | the API of Moka POS (`docs/moka.md`) |
//! | [`kios`] | the supplier of top-ups (`docs/kiosampm.md`) |
//! | [`webhook`] | partners who want to be told, at addresses they chose themselves |
//! | [`address`] | somebody who tells which public address we have |
//!
//! Every error has a stable code, says whether asking again later may help, and holds neither a token nor
//! an address's query nor anything of a body: what it shows may go into a log as it is.

pub mod address;
pub mod central;
pub mod http;
mod json;
pub mod kios;
pub mod moka;
pub mod webhook;
