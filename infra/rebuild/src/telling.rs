//! Telling exports again.

use std::collections::{BTreeMap, BTreeSet};

use aws::StoreError;
use domain::export::Export;
use futures::{StreamExt, TryStreamExt, stream};
use ingest_sales::failure::Failure;
use ingest_sales::retell;

use crate::plan::Telling;
use crate::{Stop, Tools};

/// Folders that are told at the same time.
const PARALLEL: usize = 8;
/// Refused records of a file read with one request.
const PAGE: i32 = 500;

/// Tells a few things again, those of one folder one after the other. Answers the keys of objects that are gone;
/// they are an error unless `keep_gone`.
///
/// # Errors
/// [`Stop`] when one could not be told; telling all of them again mends it.
pub(crate) async fn tell(tellings: &[Telling], keep_gone: bool, tools: &Tools) -> Result<Vec<String>, Stop> {
    let mut folders: BTreeMap<&str, Vec<&Telling>> = BTreeMap::new();
    for telling in tellings {
        folders.entry(telling.folder.as_str()).or_default().push(telling);
    }
    let jobs = folders.into_values().map(|tellings| async move {
        let mut gone = Vec::new();
        for telling in tellings {
            gone.extend(tell_one(telling, tools).await?);
        }
        Ok::<_, Stop>(gone)
    });
    let gone: Vec<Vec<String>> = stream::iter(jobs)
        .buffer_unordered(PARALLEL)
        .try_collect()
        .await?;
    let gone = gone.concat();
    if gone.is_empty() || keep_gone {
        Ok(gone)
    } else {
        Err(Stop::Gone(gone))
    }
}

/// Answers the object's key if it is gone.
async fn tell_one(telling: &Telling, tools: &Tools) -> Result<Option<String>, Stop> {
    let Some(export) = tools.ledger.get(&telling.export, &telling.etag).await? else {
        return Ok(None);
    };
    let key = export.key.clone();
    let told = match &telling.piece {
        None => {
            let left_out = refused(&export, tools).await?;
            retell::file(&export, left_out, &tools.ingest).await.map(drop)
        }
        Some(piece) => return piece_again(piece, export, tools).await,
    };
    match told {
        Ok(()) => Ok(None),
        Err(Failure::Store(StoreError::NotFound | StoreError::Conflict)) => Ok(Some(key)),
        Err(failure) => Err(Stop::NotTold {
            key,
            failure: Box::new(failure),
        }),
    }
}

async fn piece_again(piece: &str, export: Export, tools: &Tools) -> Result<Option<String>, Stop> {
    let (key, etag) = (export.key.clone(), export.etag.clone());
    let stored = tools.quarantine.get(&export.id, piece).await?;
    let Some(stored) = stored.filter(|stored| stored.etag == etag) else {
        return Ok(None);
    };
    match retell::piece(&stored, export, &tools.ingest).await {
        Ok(Ok(_)) => Ok(None),
        Ok(Err(rejection)) if matches!(rejection.code, "FILE_GONE" | "FILE_CHANGED") => Ok(Some(key)),
        Ok(Err(rejection)) => Err(Stop::Refused {
            key,
            place: stored.pointer,
            code: rejection.code,
        }),
        Err(failure) => Err(Stop::NotTold {
            key,
            failure: Box::new(failure),
        }),
    }
}

/// The places of a file's refused records: what became of them is not for a rebuild to decide.
async fn refused(export: &Export, tools: &Tools) -> Result<BTreeSet<u64>, Stop> {
    let (mut places, mut after) = (BTreeSet::new(), None::<String>);
    loop {
        let (pieces, next) = tools
            .quarantine
            .of_export(&export.id, after.as_deref(), PAGE)
            .await?;
        let own = pieces.iter().filter(|piece| piece.etag == export.etag);
        places.extend(own.filter_map(|piece| piece.ordinal));
        if next.is_none() {
            return Ok(places);
        }
        after = next;
    }
}
