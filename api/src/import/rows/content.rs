//! What a row says: from cells or an object to an item.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use serde_json::{Map, Value};

use super::{Original, Row};
use crate::import::digest::Occurrences;
use crate::import::draft::Draft;
use crate::import::field::Field;
use crate::import::lines::Lines;
use crate::import::plan::{Column, Plan};
use crate::import::reason::Reason;
use crate::import::segment;

/// The most columns of JSON lines that are remembered; what further ones mean is found out each time.
const MAX_COLUMNS: usize = 1_000;
/// How deep the objects of a line are looked into for columns.
const MAX_LEVELS: usize = 4;

/// The item of a table's row.
pub(super) fn of_cells(
    cells: &csv::ByteRecord,
    columns: &[Column],
    plan: &Plan,
    occurrences: &mut Occurrences,
) -> Result<Value, Reason> {
    if cells.len() != columns.len() {
        return Err(Reason::Width {
            expected: columns.len(),
            found: cells.len(),
        });
    }
    let mut draft = begin(plan)?;
    for (column, cell) in columns.iter().zip(cells) {
        let Some(field) = used(column.field.as_ref(), plan) else {
            continue;
        };
        let text = std::str::from_utf8(cell).map_err(|_| Reason::Utf8(column.name.clone()))?;
        draft.put(
            field,
            &column.name,
            &Value::from(text),
            &plan.mapping.formats,
        )?;
    }
    end(draft, plan, occurrences)
}

/// The next line of a file of JSON lines, and the item it becomes.
pub(super) fn next_line<R: BufRead>(
    lines: &mut Lines<R>,
    columns: &mut BTreeMap<String, Option<Field>>,
    items: &mut u64,
    plan: &Plan,
    occurrences: &mut Occurrences,
) -> io::Result<Option<Row>> {
    while let Some(line) = lines.next()? {
        let Some(bytes) = line.bytes else {
            return Ok(Some(Row {
                line: line.number,
                original: Original::Lost,
                item: Err(Reason::TooLong),
            }));
        };
        let item = match object(&bytes) {
            Ok(object) if is_remark(&object) => continue,
            Ok(object) => match segment::kind_of(&object) {
                Some(kind) => {
                    *items += 1;
                    segment::item(plan.subject, kind, object, occurrences)
                }
                None => of_object(object, columns, plan, occurrences),
            },
            Err(reason) => Err(reason),
        };
        return Ok(Some(Row {
            line: line.number,
            item: item.map(|item| item.to_string().into_bytes()),
            original: Original::Line(bytes),
        }));
    }
    Ok(None)
}

fn object(line: &[u8]) -> Result<Map<String, Value>, Reason> {
    let text = std::str::from_utf8(line).map_err(|_| Reason::LineUtf8)?;
    serde_json::from_str(text).map_err(|_| Reason::NotAnObject)
}

/// Whether an object is what a file of rejected rows says of the line after it.
fn is_remark(object: &Map<String, Value>) -> bool {
    object.len() == 1
        && object
            .get("rejected")
            .and_then(Value::as_object)
            .is_some_and(|remark| remark.contains_key("line") && remark.contains_key("reason"))
}

fn of_object(
    object: Map<String, Value>,
    columns: &mut BTreeMap<String, Option<Field>>,
    plan: &Plan,
    occurrences: &mut Occurrences,
) -> Result<Value, Reason> {
    let mut leaves = Vec::new();
    flatten("", object, 1, &mut leaves);
    let mut draft = begin(plan)?;
    for (name, value) in leaves {
        let known = columns.get(&name).cloned();
        let field = known.unwrap_or_else(|| plan.field_of(&name));
        if columns.len() < MAX_COLUMNS && !columns.contains_key(&name) {
            columns.insert(name.clone(), field.clone());
        }
        let Some(field) = used(field.as_ref(), plan) else {
            continue;
        };
        if !field.is_plural() && draft.has(field) {
            return Err(Reason::Twice(name));
        }
        draft.put(field, &name, &value, &plan.mapping.formats)?;
    }
    end(draft, plan, occurrences)
}

/// The members of an object; those of objects in it by names joined with dots.
fn flatten(
    prefix: &str,
    object: Map<String, Value>,
    level: usize,
    leaves: &mut Vec<(String, Value)>,
) {
    for (name, value) in object {
        let name = if prefix.is_empty() {
            name
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            Value::Object(inner) if level < MAX_LEVELS && !inner.is_empty() => {
                flatten(&name, inner, level + 1, leaves);
            }
            value => leaves.push((name, value)),
        }
    }
}

/// The field of a column, unless it means nothing or has one value in all rows.
fn used<'f>(field: Option<&'f Field>, plan: &Plan) -> Option<&'f Field> {
    let is_constant = |field: &&Field| {
        plan.mapping
            .constants
            .iter()
            .any(|set| set.field == **field)
    };
    field.filter(|field| **field != Field::Ignored && !is_constant(field))
}

fn begin(plan: &Plan) -> Result<Draft, Reason> {
    let mut draft = Draft::default();
    for set in &plan.mapping.constants {
        let value = Value::from(set.value.as_str());
        draft.put(
            &set.field,
            &set.field.to_string(),
            &value,
            &plan.mapping.formats,
        )?;
    }
    Ok(draft)
}

fn end(mut draft: Draft, plan: &Plan, occurrences: &mut Occurrences) -> Result<Value, Reason> {
    for set in &plan.mapping.defaults {
        if !draft.has(&set.field) {
            let value = Value::from(set.value.as_str());
            draft.put(
                &set.field,
                &set.field.to_string(),
                &value,
                &plan.mapping.formats,
            )?;
        }
    }
    draft.item(plan.subject, &plan.mapping.formats, occurrences)
}
