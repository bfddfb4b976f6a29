//! Scalars: instants, opaque JSON, and whole numbers of 64 bits.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{
    ContextSelectionSet, InputValueError, InputValueResult, OutputType, Positioned, Scalar,
    ScalarType, ServerResult, Value,
};
use lazo_domain::clock::Timestamp;
use serde::Deserialize;

use super::answer_size::{located, take};
use crate::json::bytes_of;

/// An instant in UTC with milliseconds, as RFC 3339 writes it: `2026-11-22T08:15:00.000Z`. Other offsets are read too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime(pub Timestamp);

/// An instant in UTC with milliseconds, as RFC 3339 writes it: `2026-11-22T08:15:00.000Z`. Other offsets are read too.
#[Scalar]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let time = if let Value::String(text) = &value {
            text.parse().ok()
        } else {
            None
        };
        time.map(Self)
            .ok_or_else(|| InputValueError::custom("A time is written as RFC 3339 says."))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<Timestamp> for DateTime {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

/// Any JSON: an object, a list, a text, a number, a truth value or null.
#[derive(Clone, Debug, PartialEq)]
pub struct Json(pub serde_json::Value);

/// Any JSON: an object, a list, a text, a number, a truth value or null.
#[Scalar(name = "JSON")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        value
            .into_json()
            .map(Self)
            .map_err(|_| InputValueError::custom("This is not JSON."))
    }

    fn to_value(&self) -> Value {
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}

/// Any JSON that is kept elsewhere, so that it is copied once on its way out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JsonRef<'a>(pub &'a serde_json::Value);

impl OutputType for JsonRef<'_> {
    fn type_name() -> Cow<'static, str> {
        <Json as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Json as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        take(ctx, bytes_of(self.0)).map_err(|error| located(ctx, field, error))?;
        Ok(Value::deserialize(self.0).unwrap_or_default())
    }
}

/// A whole number of 64 bits with a sign. It is a JSON number, which some languages read as a float: be careful beyond 2^53.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Int64(pub i64);

/// A whole number of 64 bits with a sign. It is a JSON number, which some languages read as a float: be careful beyond 2^53.
#[Scalar]
impl ScalarType for Int64 {
    fn parse(value: Value) -> InputValueResult<Self> {
        let number = if let Value::Number(number) = &value {
            number.as_i64()
        } else {
            None
        };
        number
            .map(Self)
            .ok_or_else(|| InputValueError::custom("This is not a whole number of 64 bits."))
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
}
