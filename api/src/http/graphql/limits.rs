//! The limits of a GraphQL request.

use std::time::Duration;

/// How much one request may ask. Everything is checked before the GraphQL library sees the
/// document, because the library's parser and its own limits recurse without a bound.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of the body, or of the parameters in the URL.
    pub body_bytes: usize,
    /// Time for the body to arrive.
    pub body_time: Duration,
    /// Time for the answer to be computed.
    pub execution_time: Duration,
    /// Tokens of the document.
    pub tokens: usize,
    /// Nesting of brackets of any kind, in the text of the document.
    pub nesting: usize,
    /// Bytes of one name or number.
    pub name_bytes: usize,
    /// Bytes of white space, commas and comments.
    pub ignored_bytes: usize,
    /// Operations in a document.
    pub operations: usize,
    /// Variables of an operation.
    pub variables: usize,
    /// Selections of an operation with its fragments expanded; spreads and inline fragments count.
    pub nodes: usize,
    /// Fields of an operation with its fragments expanded, `__typename` included.
    pub fields: usize,
    /// Depth of fields.
    pub depth: usize,
    /// Directives of an operation with its fragments expanded.
    pub directives: usize,
    /// Fields at the root of an operation.
    pub root_fields: usize,
    /// Fields at the root of a mutation.
    pub mutations: usize,
    /// Depth of fields where an operation asks for the schema and nothing else.
    pub introspection_depth: usize,
    /// Fields where an operation asks for the schema.
    pub introspection_fields: usize,
    /// Nesting of the lists by which the schema leads from types to further types.
    pub introspection_lists: usize,
    /// Pages of lists of an operation with its fragments expanded; a page inside another counts
    /// once.
    pub pages: usize,
    /// Cost of an operation: its fields, those inside a page as often as the page may have items.
    /// A page has the items that `first` or `last` says, 250 where a variable says it and 20 where
    /// nothing does.
    pub cost: usize,
    /// Errors in an answer.
    pub errors: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 100 * 1024,
            body_time: Duration::from_secs(10),
            execution_time: Duration::from_secs(8),
            tokens: 1_500,
            nesting: 40,
            name_bytes: 128,
            ignored_bytes: 20_000,
            operations: 10,
            variables: 50,
            nodes: 2_000,
            fields: 500,
            depth: 12,
            directives: 50,
            root_fields: 20,
            mutations: 5,
            // The introspection query of graphql-js 16 has depth 15 and 230 fields, and never
            // nests more than two such lists (`types`, `fields`).
            introspection_depth: 15,
            introspection_fields: 250,
            introspection_lists: 2,
            // No fewer than fields: to integrations only the cost matters.
            pages: 500,
            cost: 50_000,
            errors: 10,
        }
    }
}

impl Limits {
    /// Those of the storefront, whose callers are browsers of visitors and need one small view.
    pub fn storefront() -> Self {
        Self {
            pages: 4,
            cost: 5_000,
            ..Self::default()
        }
    }
}
