//! Original values: what the folded rows of a name were made of.

use serde_json::{Map, Value};

use crate::profile::{MAX_DEPTH, MAX_ELEMENTS};

/// The scalars of a name as they came, in the order of their rows (see [`typed_rows`](crate::profile::typed_rows)); of properties with
/// more values than have rows, there are more of them than rows.
pub(super) fn originals<'v>(properties: &'v Map<String, Value>, name: &str) -> Vec<&'v Value> {
    let mut found = Vec::new();
    collect(properties, name, 1, &mut found);
    found
}

/// Collects what is reached by a path, whose dots may belong to names: `a.b` is the member `b` of `a`, and the member `a.b`.
fn collect<'v>(
    members: &'v Map<String, Value>,
    path: &str,
    depth: usize,
    found: &mut Vec<&'v Value>,
) {
    // The shorter of two names comes first, in order as here.
    for (dot, _) in path.match_indices('.') {
        let (name, rest) = (path.get(..dot), path.get(dot + 1..));
        if let (Some(name), Some(rest)) = (name, rest)
            && let Some(Value::Object(inner)) = members.get(name)
            && depth < MAX_DEPTH
        {
            collect(inner, rest, depth + 1, found);
        }
    }
    match members.get(path) {
        None => {}
        Some(Value::Array(elements)) => {
            let scalars = elements.iter().filter(|element| is_scalar(element));
            found.extend(
                scalars
                    .take(MAX_ELEMENTS)
                    .filter(|scalar| !scalar.is_null()),
            );
        }
        Some(value) => found.extend((is_scalar(value) && !value.is_null()).then_some(value)),
    }
}

fn is_scalar(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::condition::evaluate::Values;
    use crate::profile::fold_text;
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;
    use proptest::sample::select;

    fn value() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            "[A-Z]{1,3}".prop_map(Value::from),
            (0..100).prop_map(Value::from),
            Just(Value::Null),
        ];
        let name = || select(vec!["a", "b", "a.b", "a.a", "b.a.b"]);
        scalar.prop_recursive(5, 24, 4, move |part| {
            let members = btree_map(name(), part.clone(), 0..4);
            let long = Just((0..60).map(Value::from).collect());
            prop_oneof![
                long,
                vec(part, 0..4).prop_map(Value::from),
                members.prop_map(|members| {
                    let members = members.into_iter();
                    members
                        .map(|(name, value)| (name.to_owned(), value))
                        .collect()
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn each_row_has_its_original(
            one in value(),
            other in value(),
            name in select(vec!["a", "a.b", "a.a", "a.b.a", "b.a.b", "a.a.a.a", "a.b.a.b"]),
        ) {
            let properties: Map<_, _> =
                [("a".to_owned(), one), ("a.b".to_owned(), other)].into_iter().collect();
            let values = Values::of(properties.iter().map(|(name, value)| (name.as_str(), value)));
            let rows = values.get(name);
            let originals = originals(&properties, name);
            prop_assert_eq!(rows.len(), originals.len());
            for (row, original) in rows.iter().zip(originals) {
                prop_assert_eq!(row.number, original.as_f64());
                prop_assert_eq!(row.text.clone(), original.as_str().map(fold_text));
            }
        }
    }
}
