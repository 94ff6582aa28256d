//! Which outlet a record belongs to.

use crate::dialect::Family;
use crate::map::Context;
use crate::name::{clean_name, outlet_id};
use crate::record::{Object, Rejection};
use crate::shape::{Field, List};
use crate::value::{Reader, Spot};
use crate::when::Zone;

/// The outlet of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its id, such as `majoo-warung-oyako-pusat`.
    pub outlet: String,
    /// Its name, where told.
    pub name: Option<String>,
    /// Its zone, where told.
    pub zone: Option<String>,
    /// Nothing told the outlet: the point of sale's default one stands in.
    pub assumed: bool,
}

const SYSTEMS: [&str; 3] = ["moka", "majoo", "pos"];

/// The outlet that an object's key names by its first folder: `incoming/moka-100818/…`.
#[must_use]
pub fn folder_outlet(key: &str) -> Option<String> {
    let (folder, _) = key.strip_prefix(crate::export::INCOMING)?.split_once('/')?;
    is_outlet_id(folder).then(|| folder.to_owned())
}

/// Whether a text has the form of an outlet's id.
#[must_use]
pub fn is_outlet_id(text: &str) -> bool {
    let Some((system, rest)) = text.split_once('-') else {
        return false;
    };
    SYSTEMS.contains(&system)
        && !rest.is_empty()
        && text.len() <= 80
        && rest
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Tells the outlet of a record: by the record, the file around it, or the folder, in this order.
///
/// # Errors
/// [`Rejection`] `WRONG_OUTLET` when the folder says one outlet and the record another.
pub fn place(object: &Object<'_>, context: &Context) -> Result<Place, Rejection> {
    let mut notes = Vec::new();
    let mut reader = Reader {
        place: Spot::Record,
        notes: &mut notes,
    };
    let name = match reader.label(object, Field::Outlet)? {
        Some(name) => Some(name),
        None => context.outlet_name.clone(),
    };
    // "Semua Outlet" heads an export of all outlets; it is no outlet.
    let name = name
        .and_then(|name| clean_name(&name))
        .filter(|name| !name.eq_ignore_ascii_case("semua outlet"));
    let zone = reader
        .text(object, Field::Zone)?
        .map(|zone| zone.trim().to_owned());
    let zone = zone.filter(|zone| Zone::named(zone).is_ok());
    let system = system(&reader, object, context)?;
    let told = match told_id(&reader, object, context)? {
        Some(id) if is_outlet_id(&id) => Some(id),
        Some(id) => Some(outlet_id(system.as_deref().unwrap_or("pos"), &id)),
        None => name.as_ref().map(|name| match is_outlet_id(name) {
            true => name.clone(),
            false => outlet_id(system.as_deref().unwrap_or("pos"), name),
        }),
    };
    match (told, &context.folder_outlet) {
        (Some(told), Some(folder)) if told != *folder => {
            let detail = format!("the folder is that of {folder}, the record that of another outlet");
            Err(Rejection::new("WRONG_OUTLET", "/outlet", detail))
        }
        (Some(outlet), _) => Ok(Place {
            outlet,
            name,
            zone,
            assumed: false,
        }),
        (None, Some(folder)) => Ok(Place {
            outlet: folder.clone(),
            name,
            zone,
            assumed: false,
        }),
        (None, None) => {
            let outlet = format!("{}-default", system.as_deref().unwrap_or("pos"));
            Ok(Place {
                outlet,
                name: None,
                zone,
                assumed: true,
            })
        }
    }
}

/// The point of sale: by the dialect, the record, the file or the folder.
pub(super) fn system(
    reader: &Reader<'_>,
    object: &Object<'_>,
    context: &Context,
) -> Result<Option<String>, Rejection> {
    if let Some(system) = context.dialect.and_then(crate::dialect::Dialect::system) {
        return Ok(Some(system.to_owned()));
    }
    let told = reader
        .text(object, Field::System)?
        .map(|system| system.to_lowercase());
    let folder = context
        .folder_outlet
        .as_deref()
        .and_then(|folder| folder.split_once('-'));
    let told = told.or_else(|| context.system.as_ref().map(|system| system.to_lowercase()));
    let told = told.or_else(|| folder.map(|(system, _)| system.to_owned()));
    Ok(told.filter(|system| system == "moka" || system == "majoo"))
}

fn told_id(reader: &Reader<'_>, object: &Object<'_>, context: &Context) -> Result<Option<String>, Rejection> {
    let moka = context
        .dialect
        .is_some_and(|dialect| dialect.family() == Family::Moka);
    let id = |object: &Object<'_>| {
        let Some(text) = reader.text(object, Field::OutletId)? else {
            return Ok(None);
        };
        let id = text.trim().to_lowercase();
        let id = id.strip_suffix(".0").unwrap_or(&id).to_owned();
        // A flag in place of an id was seen in the wild: it names no outlet.
        if matches!(id.as_str(), "true" | "false" | "0") {
            return Ok(None);
        }
        let number = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        if moka && !number && !is_outlet_id(&id) {
            return Err(reader.reject("FIELD_TYPE", "outlet_id", "an outlet's id is a whole number"));
        }
        Ok(Some(id))
    };
    if let Some(told) = id(object)? {
        return Ok(Some(told));
    }
    if moka {
        for line in object.list(List::Lines) {
            if let Some(told) = id(line)? {
                return Ok(Some(told));
            }
        }
    }
    Ok(context.outlet_id.clone())
}
