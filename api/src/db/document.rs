//! Columns that hold JSON, read for what they stand for.

use sea_orm::TryGetableFromJson;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The JSON of a column, read straight from its text into a `T`, with no tree of JSON values in between.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub struct Document<T>(pub T);

impl<T: DeserializeOwned> TryGetableFromJson for Document<T> {}
