//! Scalars in SQL: those in the properties of touchpoints and in lists that are parameters, which the engines read differently.

use lazo_domain::profile::{folded_key, is_plain_name};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::rows::{postgres_list, postgres_type};
use super::{ColumnKind, Engine, Part};

/// Expressions for a scalar: what it is of each type, and null of all others.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// Its folded text.
    pub text: Part,
    /// Its number.
    pub number: Part,
    /// The instant that its text names.
    pub time: Part,
    /// Its truth value.
    pub truth: Part,
    /// Whether it is there at all; never null.
    pub is_there: Part,
}

impl Scalar {
    /// The scalar in the columns of a relation of typed rows.
    pub fn of_row(relation: &str) -> Self {
        let column = |name| Part::new(format!("{relation}.{name}"));
        Self {
            text: column("text"),
            number: column("number"),
            time: column("time"),
            truth: column("truth"),
            is_there: Part::truth(true),
        }
    }
}

/// A relation that has a row for each scalar, to be joined, and the scalar of a row.
#[derive(Clone, Debug)]
pub struct Scalars {
    /// What stands behind a comma in `FROM`.
    pub relation: Part,
    /// The scalar.
    pub scalar: Scalar,
}

impl Engine {
    /// Whether an expression is one of texts.
    pub fn is_text_of(self, expression: Part, texts: &[String]) -> Part {
        let value = |text: &String| Part::value(text.as_str());
        self.is_one_of(expression, texts, ColumnKind::Text, value)
    }

    /// Whether an expression is one of numbers.
    pub fn is_number_of(self, expression: Part, numbers: &[f64]) -> Part {
        let value = |number: &f64| self.number(*number);
        self.is_one_of(expression, numbers, ColumnKind::Double, value)
    }

    /// Whether an expression is one of ids.
    pub fn is_id_of(self, expression: Part, ids: &[Uuid]) -> Part {
        self.is_one_of(expression, ids, ColumnKind::Uuid, |id| Part::value(*id))
    }

    /// Whether an expression is one of values: the only one, or one of a list, which is one parameter.
    fn is_one_of<T: Serialize>(
        self,
        expression: Part,
        values: &[T],
        kind: ColumnKind,
        value: impl Fn(&T) -> Part,
    ) -> Part {
        match values {
            [] => Part::truth(false),
            [one] => Part::fill("{} = {}", [expression, value(one)]),
            many => self.is_in_list(expression, kind, many),
        }
    }

    fn is_in_list<T: Serialize>(self, expression: Part, kind: ColumnKind, list: &[T]) -> Part {
        let cells = || list.iter().map(|one| json!(one).to_string());
        match self {
            Self::Sqlite => {
                let element = match kind {
                    ColumnKind::Uuid => "unhex(value, '-')",
                    ColumnKind::Double => "CAST(value AS REAL)",
                    _ => "value",
                };
                let template = format!("{{}} IN (SELECT {element} FROM json_each({{}}))");
                let list = format!("[{}]", cells().collect::<Vec<_>>().join(","));
                Part::fill(&template, [expression, Part::value(list)])
            }
            Self::Postgres => {
                let cells: Vec<_> = cells().collect();
                let list = postgres_list(kind, cells.iter().map(String::as_str));
                let template = format!("{{}} = ANY ({{}}::text::{}[])", postgres_type(kind));
                Part::fill(&template, [expression, Part::value(list)])
            }
        }
    }

    /// A number as a parameter.
    ///
    /// SQLite reads it of its shortest text, as it reads the numbers in JSON: near the smallest there are it comes to a neighbour
    /// (<https://www.sqlite.org/floatingpoint.html>), and what is equal is to be read alike.
    pub fn number(self, number: f64) -> Part {
        match self {
            Self::Sqlite => {
                let text = json!(number).to_string();
                Part::fill("CAST({} AS REAL)", [Part::value(text)])
            }
            Self::Postgres => Part::value(number),
        }
    }

    /// The number at a path inside a column of JSON, or null.
    pub fn number_within(self, column: &str, [outer, inner]: [&str; 2]) -> Part {
        Part::new(match self {
            Self::Sqlite => format!("CAST({column} ->> '$.{outer}.{inner}' AS REAL)"),
            Self::Postgres => format!("({column} -> '{outer}' ->> '{inner}')::float8"),
        })
    }

    /// Whether a text is in another.
    pub fn contains(self, expression: Part, part: &str) -> Part {
        let template = match self {
            Self::Sqlite => "instr({}, {}) > 0",
            Self::Postgres => "strpos({}, {}) > 0",
        };
        Part::fill(template, [expression, Part::value(part)])
    }

    /// The scalar of a name in the plain properties of the touchpoint `t`; none if plain properties never have that name.
    pub fn plain_property(self, name: &str) -> Option<Scalar> {
        if !is_plain_name(name) {
            return None;
        }
        let value = || Part::fill("(t.properties -> {})", [Part::value(name)]);
        Some(match self {
            Self::Sqlite => {
                let path = format!("$.\"{name}\"");
                let kind =
                    || Part::fill("json_type(t.properties, {})", [Part::value(path.as_str())]);
                let scalar = || Part::fill("(t.properties ->> {})", [Part::value(name)]);
                sqlite_scalar(kind, scalar, false)
            }
            Self::Postgres => postgres_scalar(value, false),
        })
    }

    /// The scalars of a name in the folded properties of the touchpoint `t`.
    pub fn folded_property(self, name: &str) -> Scalars {
        let key = folded_key(name);
        match self {
            Self::Sqlite => {
                let path = format!("$.\"{key}\"");
                Scalars {
                    relation: Part::fill("json_each(t.folded, {}) AS e", [Part::value(path)]),
                    scalar: sqlite_element(),
                }
            }
            Self::Postgres => Scalars {
                relation: Part::fill(
                    "jsonb_array_elements(t.folded -> {}) AS e(v)",
                    [Part::value(key.as_ref())],
                ),
                scalar: postgres_element(),
            },
        }
    }

    /// The scalars of a name in the properties of the touchpoint `t`, be they plain or folded.
    pub fn property(self, name: &str) -> Scalars {
        if !is_plain_name(name) {
            return self.folded_property(name);
        }
        let names = || [Part::value(name), Part::value(folded_key(name).as_ref())];
        match self {
            Self::Sqlite => Scalars {
                relation: Part::fill(
                    "json_each(CASE WHEN t.folded IS NULL THEN json_array(t.properties -> {}) ELSE t.folded -> {} END) AS e",
                    names(),
                ),
                scalar: sqlite_element(),
            },
            Self::Postgres => Scalars {
                relation: Part::fill(
                    "LATERAL (SELECT t.properties -> {} WHERE t.folded IS NULL \
                     UNION ALL SELECT jsonb_array_elements(t.folded -> {})) AS e(v)",
                    names(),
                ),
                scalar: postgres_element(),
            },
        }
    }

    /// A float without its fraction, as an integer.
    pub fn truncated(self, expression: Part) -> Part {
        let template = match self {
            Self::Sqlite => "CAST({} AS INTEGER)",
            Self::Postgres => "trunc({})::bigint",
        };
        Part::fill(template, [expression])
    }

    /// A text column with its letters in lower case, which folds it if it is ASCII.
    pub fn lower(self, expression: Part) -> Part {
        let template = match self {
            Self::Sqlite => "lower({})",
            Self::Postgres => "lower({} COLLATE \"C\")",
        };
        Part::fill(template, [expression])
    }
}

fn sqlite_element() -> Scalar {
    sqlite_scalar(|| Part::new("e.type"), || Part::new("e.value"), true)
}

fn sqlite_scalar(kind: impl Fn() -> Part, scalar: impl Fn() -> Part, has_times: bool) -> Scalar {
    let (text, time) = if has_times {
        (
            Part::fill(
                "(CASE {} WHEN 'text' THEN lower({}) WHEN 'object' THEN {} ->> 's' END)",
                [kind(), scalar(), scalar()],
            ),
            Part::fill(
                "(CASE {} WHEN 'object' THEN {} ->> 't' END)",
                [kind(), scalar()],
            ),
        )
    } else {
        (
            Part::fill(
                "(CASE {} WHEN 'text' THEN lower({}) END)",
                [kind(), scalar()],
            ),
            Part::new("CAST(NULL AS BIGINT)"),
        )
    };
    Scalar {
        text,
        time,
        number: Part::fill(
            "(CASE WHEN {} IN ('integer', 'real') THEN CAST({} AS REAL) END)",
            [kind(), scalar()],
        ),
        truth: Part::fill(
            "(CASE {} WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END)",
            [kind()],
        ),
        is_there: Part::fill(
            "coalesce({} IN ('text', 'integer', 'real', 'true', 'false'{}), FALSE)",
            [kind(), Part::new(if has_times { ", 'object'" } else { "" })],
        ),
    }
}

fn postgres_element() -> Scalar {
    postgres_scalar(|| Part::new("e.v"), true)
}

fn postgres_scalar(value: impl Fn() -> Part, has_times: bool) -> Scalar {
    let (text, time) = if has_times {
        (
            Part::fill(
                "(CASE jsonb_typeof({}) WHEN 'string' THEN lower(({} #>> ARRAY[]::text[]) COLLATE \"C\") WHEN 'object' THEN {} ->> 's' END)",
                [value(), value(), value()],
            ),
            Part::fill(
                "(CASE jsonb_typeof({}) WHEN 'object' THEN ({} ->> 't')::bigint END)",
                [value(), value()],
            ),
        )
    } else {
        (
            Part::fill(
                "(CASE jsonb_typeof({}) WHEN 'string' THEN lower(({} #>> ARRAY[]::text[]) COLLATE \"C\") END)",
                [value(), value()],
            ),
            Part::new("NULL::bigint"),
        )
    };
    Scalar {
        text,
        time,
        number: Part::fill(
            "(CASE jsonb_typeof({}) WHEN 'number' THEN {}::float8 END)",
            [value(), value()],
        ),
        truth: Part::fill(
            "(CASE jsonb_typeof({}) WHEN 'boolean' THEN {}::boolean END)",
            [value(), value()],
        ),
        is_there: Part::fill(
            "coalesce(jsonb_typeof({}) IN ('string', 'number', 'boolean'{}), FALSE)",
            [
                value(),
                Part::new(if has_times { ", 'object'" } else { "" }),
            ],
        ),
    }
}
