//! Which names the fields of an export go by: the alias map of `dialects/aliases.toml`, made ready
//! for looking names up.
#![allow(
    clippy::disallowed_types,
    reason = "what serde's `flatten` expands to names every type of number"
)]

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use serde::Deserialize;

use crate::dialect::Family;

/// What a member of a record means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(
    missing_docs,
    reason = "each is what its name says; dialects/aliases.toml lists their spellings"
)]
pub enum Field {
    At,
    Category,
    ControlCount,
    ControlSum,
    Custom,
    CustomerEmail,
    CustomerId,
    CustomerName,
    CustomerPhone,
    Deleted,
    Discount,
    Gross,
    Group,
    Id,
    IsRefunded,
    Kind,
    MenuId,
    Method,
    Name,
    Net,
    NextUrl,
    Number,
    OrderType,
    OrderedAt,
    Outlet,
    OutletId,
    ParentAt,
    ParentId,
    PaymentStatus,
    Qty,
    Rateable,
    Rating,
    Refunded,
    RefundedQty,
    RefundedToo,
    RevisedAt,
    Rounding,
    Schema,
    Service,
    Sku,
    Status,
    System,
    Table,
    Tax,
    Time,
    Total,
    UnitPrice,
    Variant,
    VariantId,
    Zone,
}

/// A list of objects within a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// The lines of a receipt.
    Lines,
    /// The modifiers of a line.
    Modifiers,
    /// The refunds told within a sale.
    Refunds,
    /// The payments of a receipt.
    Payments,
}

/// What a name leads to.
#[derive(Debug)]
pub enum Node {
    /// A field, and its place among the field's names: the lesser counts.
    Field(Field, u8),
    /// A list of objects of another shape.
    List(List),
    /// An object whose members are looked up in turn.
    Branch(Shape),
    /// Known and not used.
    Ignored,
}

/// The names of one kind of object.
#[derive(Debug, Default)]
pub struct Shape {
    // Looked up for every member of every record. Its keys are ours, so nobody can make them collide.
    exact: FxHashMap<String, Node>,
    folded: HashMap<String, String>,
}

impl Shape {
    /// What a name leads to; `None` for a name nobody knows.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Node> {
        match self.exact.get(name) {
            Some(node) => Some(node),
            None => self.exact.get(self.folded.get(&fold(name))?),
        }
    }

    fn insert(&mut self, path: &str, node: Node) {
        match path
            .split_once('.')
            .filter(|(head, _)| !head.is_empty() && !path.contains(' '))
        {
            None => {
                self.folded.entry(fold(path)).or_insert_with(|| path.to_owned());
                self.exact.insert(path.to_owned(), node);
            }
            Some((head, rest)) => {
                self.folded.entry(fold(head)).or_insert_with(|| head.to_owned());
                let branch = self
                    .exact
                    .entry(head.to_owned())
                    .or_insert_with(|| Node::Branch(Self::default()));
                // A name that is a field as well as a branch stays a field: `Shape::check` refuses the table.
                if let Node::Branch(shape) = branch {
                    shape.insert(rest, node);
                }
            }
        }
    }
}

/// A name without case, spaces and punctuation.
#[must_use]
pub fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The shapes of one family of dialects.
#[derive(Debug, Default)]
pub struct Shapes {
    /// The record itself.
    pub receipt: Shape,
    /// The objects within lists.
    pub lists: HashMap<List, Shape>,
}

/// Every shape there is.
#[derive(Debug, Default)]
pub struct AliasMap {
    /// What stands around the records.
    pub envelope: HashMap<String, (Field, u8)>,
    families: HashMap<Family, Shapes>,
    empty: Shapes,
}

impl AliasMap {
    /// The shapes of a family.
    #[must_use]
    pub fn of(&self, family: Family) -> &Shapes {
        self.families.get(&family).unwrap_or(&self.empty)
    }
}

/// The alias map that this program ships with.
pub static ALIASES: LazyLock<AliasMap> = LazyLock::new(|| {
    // The table is part of the program; `the_alias_map_is_complete` proves that it parses.
    parse(include_str!("../dialects/aliases.toml")).unwrap_or_default()
});

type Section = BTreeMap<String, Vec<String>>;

#[derive(Deserialize)]
#[allow(
    clippy::disallowed_types,
    reason = "what `flatten` expands to names every number type"
)]
struct Tables {
    envelope: Section,
    #[serde(flatten)]
    families: BTreeMap<Family, BTreeMap<Kind, Section>>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Receipt,
    Line,
    Modifier,
    Refund,
    Payment,
}

/// Reads an alias map.
///
/// # Errors
/// What is wrong with the text, for the person who edits it.
pub fn parse(text: &str) -> Result<AliasMap, String> {
    let tables: Tables = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut map = AliasMap::default();
    for (field, names) in &tables.envelope {
        let field = field_named(field)?;
        for (place, name) in (0_u8..).zip(names) {
            map.envelope.insert(fold_path(name), (field, place));
        }
    }
    for (family, kinds) in &tables.families {
        let shapes = map.families.entry(*family).or_default();
        for (kind, section) in kinds {
            let shape = shape(section)?;
            match kind {
                Kind::Receipt => shapes.receipt = shape,
                Kind::Line => drop(shapes.lists.insert(List::Lines, shape)),
                Kind::Modifier => drop(shapes.lists.insert(List::Modifiers, shape)),
                Kind::Refund => drop(shapes.lists.insert(List::Refunds, shape)),
                Kind::Payment => drop(shapes.lists.insert(List::Payments, shape)),
            }
        }
    }
    Ok(map)
}

/// A path of the envelope with each step folded.
#[must_use]
pub fn fold_path(path: &str) -> String {
    path.split('.').map(fold).collect::<Vec<_>>().join(".")
}

fn shape(section: &Section) -> Result<Shape, String> {
    let mut shape = Shape::default();
    for (field, names) in section {
        for (place, name) in (0_u8..).zip(names) {
            let node = match field.as_str() {
                "ignored" => Node::Ignored,
                "lines" => Node::List(List::Lines),
                "modifiers" => Node::List(List::Modifiers),
                "refunds" => Node::List(List::Refunds),
                "payments" => Node::List(List::Payments),
                field => Node::Field(field_named(field)?, place),
            };
            shape.insert(name, node);
        }
    }
    Ok(shape)
}

fn field_named(name: &str) -> Result<Field, String> {
    let name: serde::de::value::StrDeserializer<'_, serde::de::value::Error> =
        serde::de::IntoDeserializer::into_deserializer(name);
    Field::deserialize(name).map_err(|error| error.to_string())
}
