//! How many items a field may answer with, as far as the document tells.

use async_graphql::{Value, parser::types::Field};

/// The items of a page that names no size.
const DEFAULT: usize = 20;
/// The most items of a page.
const MOST: usize = 250;
/// The most objects that are asked for by their ids.
const MOST_IDS: usize = 100;

/// The most items of the page or of the sample, or the most of the objects by id, that `field` asks for; `None` where it asks for neither. `has_items`
/// says whether its selection set asks for the items of a connection, itself or by a fragment.
///
/// A size of 0 counts as 1, because what stands beside the items is answered all the same.
pub(super) fn page_size(field: &Field, has_items: bool) -> Option<usize> {
    let asked = field
        .arguments
        .iter()
        .filter_map(|(name, size)| match name.node.as_str() {
            "first" | "last" | "sample" => match size.node.clone().into_const() {
                Some(Value::Null) => None,
                Some(Value::Number(size)) => Some(size.as_u64().map_or(MOST, clamped)),
                // A variable, which each request sets anew while the document stays in the cache,
                // or what the library refuses.
                _ => Some(MOST),
            },
            "ids" => match size.node.clone().into_const() {
                Some(Value::List(ids)) => Some(ids.len().clamp(1, MOST_IDS)),
                _ => Some(MOST_IDS),
            },
            _ => None,
        })
        .max();
    asked.or(has_items.then_some(DEFAULT))
}

fn clamped(size: u64) -> usize {
    usize::try_from(size).map_or(MOST, |size| size.clamp(1, MOST))
}
