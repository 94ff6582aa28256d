//! A look ahead at what a file says after its records.
//!
//! Members of a JSON object come in any order, so a file may name its outlet behind the rows that
//! need it. Only then is the file read twice.

use std::ops::ControlFlow;

use domain::split::{Event, Limits, Splitter};

use crate::Deps;
use crate::failure::Failure;
use crate::file::File;
use crate::source::Unpacker;

/// Members that are looked at: an envelope has a dozen.
const MEMBERS_MAX: usize = 200;

/// Reads the file to its end for the members around its records.
///
/// # Errors
/// [`Failure`] when its bytes stop coming. What is wrong with them is for the reading proper to say.
pub async fn look(file: &mut File, deps: &Deps) -> Result<(), Failure> {
    file.looked_ahead = true;
    let mut object = deps.objects.open(file.wanted(), 0).await?;
    let mut splitter = Splitter::new(Limits::default());
    let mut unpacker = Unpacker::default();
    let mut members: Vec<(String, String)> = Vec::new();
    let mut sink = |event: Event<'_>| {
        if let Event::Envelope { path, raw } = event
            && members.len() < MEMBERS_MAX
        {
            members.push((path.to_owned(), raw.to_owned()));
        }
        ControlFlow::Continue(())
    };
    loop {
        let next = object.body.next().await.transpose();
        let Some(bytes) = next.map_err(|error| Failure::Interrupted(Box::new(error)))? else {
            break;
        };
        if unpacker
            .push(&bytes, &mut |bytes| splitter.push(bytes, &mut sink).is_continue())
            .is_err()
        {
            break;
        }
    }
    for (path, raw) in members {
        file.envelope(&path, &raw);
    }
    Ok(())
}
