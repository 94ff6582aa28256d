//! A run over one file: from its ledger entry to its ledger entry.

use std::collections::BTreeSet;

use aws::StoreError;
use aws::objects::OpenObject;
use domain::export::{Export, ExportState, export_id};
use domain::map::{is_footer, map, place};
use domain::record::Rejection;
use lambda_edge::metrics::Unit;

use crate::closing::{fail, finish};
use crate::event::CreatedObject;
use crate::failure::Failure;
use crate::file::{File, State};
use crate::flush;
use crate::pending::{Pending, Place};
use crate::reading::{Finding, Findings, Reading};
use crate::source::{PIECE, Unpacker};
use crate::{Deps, ahead};

/// How long before the platform's deadline a run stops taking records: enough to write what waits.
const MARGIN_MS: i64 = 45_000;
/// Files above this size say that they are being read before they are.
const ANNOUNCED_FROM: u64 = 4 << 20;

/// Takes an object that was created or overwritten.
///
/// # Errors
/// [`Failure`] when the message should come again.
pub async fn object_created(object: CreatedObject, deadline_ms: i64, deps: &Deps) -> Result<(), Failure> {
    let id = export_id(&object.bucket, &object.key);
    let known = deps.ledger.get(&id, &object.etag).await?;
    if known.as_ref().is_some_and(Export::is_final) {
        tracing::info!(export = %id, outcome = "already_taken", "export.ingested");
        return Ok(());
    }
    let new = Export {
        id,
        bucket: object.bucket,
        key: object.key,
        etag: object.etag,
        version: object.version,
        size: object.size,
        correlation: object.correlation,
        state: ExportState::Processing,
        received_ms: (deps.now_ms)(),
        ..Export::default()
    };
    go_on(known.unwrap_or(new), deadline_ms, deps).await
}

/// Reads a file from its beginning, or from where an earlier run stopped.
///
/// # Errors
/// [`Failure`] when the message should come again.
pub async fn go_on(export: Export, deadline_ms: i64, deps: &Deps) -> Result<(), Failure> {
    // A stream's image may be old: what counts is what the ledger says now.
    let current = deps.ledger.get(&export.id, &export.etag).await?;
    if current
        .as_ref()
        .is_some_and(|current| current.is_final() || current.runs > export.runs)
    {
        return Ok(());
    }
    let mut export = current.unwrap_or(export);
    let state: Option<State> = export
        .checkpoint
        .as_deref()
        .and_then(|state| serde_json::from_str(state).ok());
    let resuming = state.is_some();
    if !resuming {
        export = Export {
            state: ExportState::Processing,
            ..from_the_start(export)
        };
    }
    export.runs += 1;
    // Only a first run: a file that is opened again says so already, in the words that its retries look for.
    if !resuming && export.runs == 1 && export.size > ANNOUNCED_FROM {
        match deps.ledger.progress(&export).await {
            Err(StoreError::Conflict) => return Ok(()),
            done => done?,
        }
    }
    let mut file = File::new(export, state.clone(), 0, (deps.now_ms)());
    file.cost_before = deps.clients.meter().read();
    let checkpoint = state.map(|state| state.checkpoint);
    let object = match open(&file, checkpoint.as_ref().map_or(0, |at| at.offset), deps).await {
        Ok(object) => object,
        Err(StoreError::Conflict) => {
            return fail(file, "FILE_CHANGED", "the object was overwritten meanwhile", deps).await;
        }
        Err(StoreError::NotFound) => {
            return fail(file, "FILE_GONE", "the object is not there any more", deps).await;
        }
        Err(error) => return Err(error.into()),
    };
    if let Some(correlation) = &object.body.correlation {
        lambda_edge::correlation::set(correlation.as_str());
        file.export.correlation = Some(correlation.clone());
    }
    if file.context.modified_ms == 0 {
        file.context.modified_ms = object.body.modified_ms;
    }
    let run = Run {
        reading: Reading::new(checkpoint.as_ref()),
        pending: Pending::default(),
        deadline_ms,
        left_out: BTreeSet::new(),
        deps,
    };
    let ended = run.through(&mut file, object).await;
    deps.metrics.add("Pages", Unit::Count, file.pages);
    match ended? {
        Some(state) => hand_over(file, state, deps).await,
        None => finish(file, deps).await,
    }
}

/// What a file keeps when it is read again from its start.
fn from_the_start(export: Export) -> Export {
    Export {
        id: export.id,
        bucket: export.bucket,
        key: export.key,
        etag: export.etag,
        version: export.version,
        size: export.size,
        received_ms: export.received_ms,
        correlation: export.correlation,
        runs: export.runs,
        ..Export::default()
    }
}

pub(crate) struct Opened {
    pub(crate) body: OpenObject,
    /// Unpacked bytes to pass over first.
    skip: u64,
    unpacker: Unpacker,
}

/// Opens the file where the reading is to go on. A packed file has to be unpacked from its start.
pub(crate) async fn open(file: &File, offset: u64, deps: &Deps) -> Result<Opened, StoreError> {
    let object = file.wanted();
    if offset == 0 {
        let body = deps.objects.open(object, 0).await?;
        return Ok(Opened {
            body,
            skip: 0,
            unpacker: Unpacker::default(),
        });
    }
    let packed = crate::source::is_packed(object, &deps.objects).await?;
    if packed {
        let body = deps.objects.open(object, 0).await?;
        return Ok(Opened {
            body,
            skip: offset,
            unpacker: Unpacker::default(),
        });
    }
    let body = deps.objects.open(object, offset).await?;
    Ok(Opened {
        body,
        skip: 0,
        unpacker: Unpacker::plain(),
    })
}

/// The code of a row that is no record; it never leaves this function.
const NO_RECORD: &str = "NO_RECORD";

pub(crate) struct Run<'d> {
    pub(crate) reading: Reading,
    pub(crate) pending: Pending,
    pub(crate) deadline_ms: i64,
    /// Places of records that are passed over.
    pub(crate) left_out: BTreeSet<u64>,
    pub(crate) deps: &'d Deps,
}

impl Run<'_> {
    /// Reads the file to its end, or to the deadline: then answers where to go on.
    pub(crate) async fn through(mut self, file: &mut File, opened: Opened) -> Result<Option<State>, Failure> {
        let Opened {
            mut body,
            mut skip,
            mut unpacker,
        } = opened;
        loop {
            let bytes = body.body.next().await;
            let Some(bytes) = bytes
                .transpose()
                .map_err(|error| Failure::Interrupted(Box::new(error)))?
            else {
                break;
            };
            // What packed bytes become is taken in small steps: a step's findings are held in memory.
            let step = if unpacker.is_packed(&bytes) {
                PIECE
            } else {
                bytes.len().max(1)
            };
            for bytes in bytes.chunks(step) {
                if let Some(ended) = self.step(file, bytes, &mut unpacker, &mut skip).await? {
                    return Ok(ended);
                }
            }
            if file.fatal.is_some() {
                break;
            }
        }
        let mut findings = Findings::default();
        let reading = &mut self.reading;
        let finished = unpacker.finish(&mut |bytes| {
            reading.push(pass_over(bytes, &mut skip), false, &mut findings);
            true
        });
        if let Err(rejection) = finished {
            self.absorb(file, findings).await?;
            return self.broken_off(file, &rejection).await;
        }
        if file.fatal.is_none() {
            self.reading.finish(&mut findings);
        }
        self.absorb(file, findings).await?;
        flush::write(file, self.pending.drain(), self.deps).await?;
        Ok(None)
    }

    /// Takes the next bytes. Answers how the reading ended, if it did: with a place to go on, or at its end.
    async fn step(
        &mut self,
        file: &mut File,
        bytes: &[u8],
        unpacker: &mut Unpacker,
        skip: &mut u64,
    ) -> Result<Option<Option<State>>, Failure> {
        let stop = (self.deps.now_ms)() > self.deadline_ms.saturating_sub(MARGIN_MS);
        let (mut findings, mut checkpoint) = (Findings::default(), None);
        let reading = &mut self.reading;
        let unpacked = unpacker.push(bytes, &mut |bytes| {
            let bytes = pass_over(bytes, skip);
            checkpoint = reading.push(bytes, stop, &mut findings);
            checkpoint.is_none()
        });
        self.absorb(file, findings).await?;
        if let Err(rejection) = unpacked {
            return self.broken_off(file, &rejection).await.map(Some);
        }
        let Some(checkpoint) = checkpoint else {
            return Ok(None);
        };
        flush::write(file, self.pending.drain(), self.deps).await?;
        Ok(Some(Some(state(file, checkpoint))))
    }

    /// The packed bytes end here; what came out of them before stays.
    async fn broken_off(&mut self, file: &mut File, rejection: &Rejection) -> Result<Option<State>, Failure> {
        flush::write(file, self.pending.drain(), self.deps).await?;
        file.break_off(self.reading.offset(), rejection);
        Ok(None)
    }

    async fn absorb(&mut self, file: &mut File, findings: Findings) -> Result<(), Failure> {
        for finding in findings.list {
            match finding {
                Finding::Array(path) => file.path = path,
                Finding::Envelope(path, raw) => file.envelope(&path, &raw),
                Finding::Fault(fault) => file.fault(&fault),
                Finding::Record { ordinal, .. } if self.left_out.contains(&ordinal) => {}
                Finding::Record {
                    range,
                    start,
                    ordinal,
                } => {
                    let bytes = findings.bytes.get(range).unwrap_or_default();
                    let place = Place {
                        start,
                        len: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
                        ordinal,
                    };
                    match self.record(file, bytes, place).await? {
                        Err(rejection) if rejection.code == NO_RECORD => {}
                        Err(rejection) => file.refuse(bytes, start, ordinal, &rejection),
                        Ok(()) => {}
                    }
                    if self.pending.is_full() {
                        flush::write(file, self.pending.drain_settled(), self.deps).await?;
                    }
                }
            }
        }
        Ok(())
    }

    async fn record(
        &mut self,
        file: &mut File,
        bytes: &[u8],
        place: Place,
    ) -> Result<Result<(), Rejection>, Failure> {
        let telling = tell(file, bytes, self.deps).await?;
        Ok(telling.map(|telling| {
            file.note(&telling.notes);
            self.pending.take(telling, place);
        }))
    }
}

/// Reads and maps one record.
///
/// # Errors
/// [`Failure`] when an outlet can't be looked up; a rejected record is the inner error.
pub async fn tell(
    file: &mut File,
    bytes: &[u8],
    deps: &Deps,
) -> Result<Result<domain::map::Telling, Rejection>, Failure> {
    file.told_outlet = None;
    let object = match file.read(bytes) {
        Ok(object) => object,
        Err(rejection) => return Ok(Err(rejection)),
    };
    if is_footer(&object, &file.context) {
        return Ok(Err(Rejection::new(NO_RECORD, "", "the footer of the export")));
    }
    let mut told = place(&object, &file.context);
    if told.as_ref().is_ok_and(|place| place.assumed) && !file.looked_ahead && !file.path.is_empty() {
        ahead::look(file, deps).await?;
        told = place(&object, &file.context);
    }
    let place = match told {
        Ok(place) => place,
        Err(rejection) => return Ok(Err(rejection)),
    };
    file.told_outlet = Some(place.outlet.clone());
    if place.assumed {
        file.note(&["OUTLET_ASSUMED"]);
    }
    if !file.outlets.contains_key(&place.outlet) {
        let outlet = deps
            .outlets
            .get_or_register(&place.outlet, place.name.as_deref(), place.zone.as_deref())
            .await?;
        file.register(outlet);
    }
    let Some(rules) = file.outlets.get(&place.outlet) else {
        return Err(StoreError::NotFound.into());
    };
    Ok(map(&object, &file.context, rules, &deps.phone_key))
}

fn pass_over<'b>(bytes: &'b [u8], skip: &mut u64) -> &'b [u8] {
    let passed = usize::try_from(*skip).unwrap_or(usize::MAX).min(bytes.len());
    *skip -= passed as u64;
    bytes.get(passed..).unwrap_or_default()
}

fn state(file: &File, checkpoint: domain::split::Checkpoint) -> State {
    State {
        checkpoint,
        context: file.context.clone(),
        path: file.path.clone(),
        tally: file.tally,
        listed: file.listed,
        touched: file.touched.clone(),
    }
}

/// Leaves the rest to the next run, which this change of state starts.
async fn hand_over(mut file: File, state: State, deps: &Deps) -> Result<(), Failure> {
    let offset = state.checkpoint.offset;
    // What the last writing had no room for: the next run begins behind it.
    deps.quarantine.list(&std::mem::take(&mut file.refused)).await?;
    file.export.unknown_fields = file.unknown.counts().clone();
    file.export.checkpoint = Some(serde_json::to_string(&state)?);
    match deps.ledger.hand_over(&file.export).await {
        Err(StoreError::Conflict) => return Ok(()),
        done => done?,
    }
    tracing::info!(export = %file.export.id, outcome = "handed_over", offset, runs = file.export.runs, "export.ingested");
    Ok(())
}
