//! Variables whose values have no say in whether a document is valid.
//!
//! The library validates a document together with the values of its variables, since these may be objects with unknown members or
//! names of enums that do not exist. A value of a built-in scalar that has the form of its type cannot make a difference: where the
//! variable may stand is settled by the document alone.

use async_graphql::parser::types::{
    BaseType, DocumentOperations, ExecutableDocument, OperationType, Type,
};
use serde_json::{Map, Value};

/// The variables of a query, all of built-in scalars.
pub(super) struct Scalars(Vec<(String, Scalar)>);

#[derive(Clone, Copy)]
enum Scalar {
    Text,
    Integer,
    Truth,
}

impl Scalars {
    /// Those of a document with one operation, a query; none if there are others.
    pub(super) fn of(document: &ExecutableDocument) -> Option<Self> {
        let operation = match &document.operations {
            DocumentOperations::Single(operation) => operation,
            DocumentOperations::Multiple(operations) => {
                let mut operations = operations.values();
                operations.next().filter(|_| operations.len() == 0)?
            }
        };
        if operation.node.ty != OperationType::Query {
            return None;
        }
        let variables = operation.node.variable_definitions.iter();
        let scalars = variables.map(|variable| {
            let scalar = Scalar::of(&variable.node.var_type.node)?;
            Some((variable.node.name.node.to_string(), scalar))
        });
        scalars.collect::<Option<_>>().map(Self)
    }

    /// Whether each variable has a value of its form.
    pub(super) fn fit(&self, values: Option<&Map<String, Value>>) -> bool {
        self.0.iter().all(|(name, scalar)| {
            values
                .and_then(|values| values.get(name))
                .is_some_and(|value| scalar.fits(value))
        })
    }
}

impl Scalar {
    fn of(declared: &Type) -> Option<Self> {
        let BaseType::Named(name) = &declared.base else {
            return None;
        };
        match name.as_str() {
            "ID" | "String" => Some(Self::Text),
            "Int" => Some(Self::Integer),
            "Boolean" => Some(Self::Truth),
            _ => None,
        }
    }

    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Integer => value.is_i64(),
            Self::Truth => value.is_boolean(),
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn fit(document: &str, values: Value) -> bool {
        let Value::Object(values) = values else {
            panic!("variables are an object");
        };
        Scalars::of(&parse_query(document).unwrap())
            .is_some_and(|scalars| scalars.fit(Some(&values)))
    }

    #[rstest]
    #[case("{ a }", json!({}), true)]
    #[case("query q { a }", json!({ "more": {} }), true)]
    #[case("query($a: ID!) { a(a: $a) }", json!({ "a": "x" }), true)]
    #[case("query($a: ID!) { a(a: $a) }", json!({ "a": 1 }), false)]
    #[case("query($a: ID!) { a(a: $a) }", json!({ "a": null }), false)]
    #[case("query($a: ID!) { a(a: $a) }", json!({}), false)]
    #[case("query($a: String) { a(a: $a) }", json!({}), false)]
    #[case("query($a: Int, $b: Boolean) { a(a: $a, b: $b) }", json!({ "a": 1, "b": true }), true)]
    #[case("query($a: Int, $b: Boolean) { a(a: $a, b: $b) }", json!({ "a": 1, "b": "true" }), false)]
    #[case("query($a: Int) { a(a: $a) }", json!({ "a": 1.5 }), false)]
    #[case("query($a: [ID!]) { a(a: $a) }", json!({ "a": "x" }), false)]
    #[case("query($a: By!) { a(a: $a) }", json!({ "a": "x" }), false)]
    #[case("query a { a } query b { a }", json!({}), false)]
    #[case("mutation { a }", json!({}), false)]
    fn only_scalars_of_their_form_have_no_say(
        #[case] document: &str,
        #[case] values: Value,
        #[case] fits: bool,
    ) {
        assert_eq!(fit(document, values), fits);
    }
}
