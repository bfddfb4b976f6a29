//! Which documents leave the library nothing to merge.

use std::collections::HashSet;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

/// Whether the document has neither fragments nor directives nor two selections of one name beside each other: then each object of
/// the answer comes of one selection set, field by field.
pub(super) fn is_straight(document: &ExecutableDocument) -> bool {
    document
        .operations
        .iter()
        .all(|(_, operation)| is_straight_set(&operation.node.selection_set.node))
}

fn is_straight_set(set: &SelectionSet) -> bool {
    let mut names = HashSet::with_capacity(set.items.len());
    set.items.iter().all(|selection| match &selection.node {
        Selection::Field(field) => {
            let field = &field.node;
            field.directives.is_empty()
                && names.insert(field.response_key().node.as_str())
                && is_straight_set(&field.selection_set.node)
        }
        Selection::FragmentSpread(_) | Selection::InlineFragment(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("{ a b: a { c c2: c } }", true)]
    #[case("{ a { b } c { b } }", true)]
    #[case("query q($a: Int) { a(a: $a) { __typename } }", true)]
    #[case("{ a a }", false)]
    #[case("{ a { b } a { c } }", false)]
    #[case("{ a { b c: b c } }", false)]
    #[case("{ a ... { b } }", false)]
    #[case("{ a { ...f } } fragment f on A { b }", false)]
    #[case("{ a @skip(if: false) }", false)]
    #[case("query a { a } query b { b b }", false)]
    fn a_straight_document_says_each_name_once(#[case] document: &str, #[case] straight: bool) {
        assert_eq!(is_straight(&parse_query(document).unwrap()), straight);
    }
}
