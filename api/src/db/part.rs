//! SQL in parts: each brings the values of its parameters, so that parts are put together without counting any.

use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, Statement, Value};

use super::{Engine, statement};

/// Stands for a parameter in the text of a part.
const PARAMETER: char = '?';

/// A part of a statement, with the values of its parameters in their order.
#[derive(Clone, Default, PartialEq)]
pub struct Part {
    sql: String,
    values: Vec<Value>,
}

impl Part {
    /// SQL without parameters.
    pub fn new(sql: impl Into<String>) -> Self {
        let sql = sql.into();
        debug_assert!(!sql.contains(PARAMETER), "a parameter has a value");
        Self {
            sql,
            values: Vec::new(),
        }
    }

    /// A parameter.
    pub fn value(value: impl Into<Value>) -> Self {
        Self {
            sql: PARAMETER.to_string(),
            values: vec![value.into()],
        }
    }

    /// A truth value.
    pub fn truth(truth: bool) -> Self {
        Self::new(if truth { "TRUE" } else { "FALSE" })
    }

    /// A template, in which each `{}` stands for the next of these parts.
    pub fn fill<const N: usize>(template: &str, parts: [Self; N]) -> Self {
        let mut pieces = template.split("{}");
        let mut whole = Self::new(pieces.next().unwrap_or_default());
        debug_assert_eq!(pieces.clone().count(), N, "a part for each place");
        for (part, piece) in parts.into_iter().zip(pieces) {
            whole.sql.push_str(&part.sql);
            whole.sql.push_str(piece);
            whole.values.extend(part.values);
        }
        whole
    }

    /// Whether all of the parts hold.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        joined(parts, "({} AND {})").unwrap_or_else(|| Self::truth(true))
    }

    /// Whether one of the parts holds.
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        joined(parts, "({} OR {})").unwrap_or_else(|| Self::truth(false))
    }

    /// Parts in a list, with commas between them.
    pub fn list(parts: impl IntoIterator<Item = Self>) -> Self {
        joined(parts, "{}, {}").unwrap_or_default()
    }

    /// Whether the part does not hold.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::fill("(NOT {})", [self])
    }

    /// How many parameters it has.
    pub fn parameters(&self) -> usize {
        self.values.len()
    }

    /// The expression that it is, for a statement that is built otherwise.
    pub fn expression(self, engine: Engine) -> Expr {
        let sql = match engine {
            // The builder numbers these itself.
            Engine::Sqlite => self.sql,
            Engine::Postgres => self.numbered(engine),
        };
        Expr::cust_with_values(sql, self.values)
    }

    /// The statement that it is.
    pub fn statement(self, connection: &impl ConnectionTrait) -> Statement {
        let sql = self.numbered(Engine::of(connection));
        statement(connection, sql, self.values)
    }

    /// The text with the engine's names of parameters.
    fn numbered(&self, engine: Engine) -> String {
        let mut pieces = self.sql.split(PARAMETER);
        let mut sql = pieces.next().unwrap_or_default().to_owned();
        for (number, piece) in (1..).zip(pieces) {
            sql.push_str(&engine.parameter(number));
            sql.push_str(piece);
        }
        sql
    }
}

/// Parts joined two by two, so that however many there are, none is nested deep: SQLite refuses what is.
fn joined(parts: impl IntoIterator<Item = Part>, template: &str) -> Option<Part> {
    let mut parts: Vec<_> = parts.into_iter().collect();
    while parts.len() > 1 {
        let mut rest = parts.into_iter();
        let mut pairs = Vec::new();
        while let Some(one) = rest.next() {
            pairs.push(match rest.next() {
                Some(other) => Part::fill(template, [one, other]),
                None => one,
            });
        }
        parts = pairs;
    }
    parts.pop()
}

/// Shows the SQL and no value.
impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sql)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_in_the_order_of_their_places() {
        let between = Part::fill("(x > {} AND x < {})", [Part::value(1), Part::value(2)]);
        let any = Part::any([
            between,
            Part::fill("x = {}", [Part::value(3)]),
            Part::truth(false),
        ]);
        assert_eq!(
            format!("{any:?}"),
            "(((x > ? AND x < ?) OR x = ?) OR FALSE)"
        );
        assert_eq!(any.values, [1, 2, 3].map(Value::from));
    }

    #[test]
    fn no_part_holds_all_and_none_holds_any() {
        assert_eq!(format!("{:?}", Part::all([])), "TRUE");
        assert_eq!(format!("{:?}", Part::any([])), "FALSE");
    }
}
