//! Columns that hold JSON, read for what they stand for.

use sea_orm::TryGetableFromJson;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::ser::{Error, Serialize, Serializer};

/// The JSON of a column, read straight from its text into a `T`, with no tree of JSON values in between.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub struct Document<T>(pub T);

impl<T: DeserializeOwned> TryGetableFromJson for Document<T> {}

/// A document as the text of its JSON, for a column that is only ever read whole: nobody has to parse it on its way there.
#[derive(Clone, Copy, Debug)]
pub struct Written<'d, T>(pub &'d T);

impl<T: Serialize> Serialize for Written<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = serde_json::to_string(self.0).map_err(S::Error::custom)?;
        serializer.serialize_str(&text)
    }
}
