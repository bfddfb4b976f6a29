//! Documents that have passed the guard, and the cache of them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use async_graphql::Value as Data;
use async_graphql::parser::{self, parse_query, types::ExecutableDocument};
use moka::future::Cache;
use serde_json::{Map, Value};

use super::{
    cost::{Operation, measure},
    limits::Limits,
    prescan::prescan,
    shape::shape,
    straight::is_straight,
    variables::Scalars,
};
use crate::error::{ApiError, Code};
use crate::graphql::{Straight, bare, is_written};

/// A document within all limits.
pub(super) struct Document {
    parsed: Arc<ExecutableDocument>,
    operations: Vec<Operation>,
    /// What it takes in memory, in bytes; an estimate from above.
    size: usize,
    shape: OnceLock<String>,
    /// Whether objects may be written as JSON while they are resolved.
    straight: bool,
    /// What variables a request must bring so that validating it gives what it gave before; none where nothing says so.
    scalars: Option<Scalars>,
    /// Whether it has passed validation against the schema with such variables.
    valid: AtomicBool,
    /// Without what its root fields select, once these have all been written.
    bare: OnceLock<ExecutableDocument>,
}

impl Document {
    /// Scans, parses and measures `text`, in this order.
    pub(super) fn read(text: &str, limits: &Limits) -> Result<Self, ApiError> {
        /// A parsed field, by far the largest part of a document, takes some 300 bytes.
        const TOKEN_SIZE: usize = 300;

        let tokens = prescan(text, limits)?;
        let parsed = parse_query(text).map_err(|error| syntax_error(&error))?;
        let operations = measure(&parsed, limits)?;
        let size = text
            .len()
            .saturating_mul(2)
            .saturating_add(tokens.saturating_mul(TOKEN_SIZE));
        Ok(Self {
            straight: is_straight(&parsed),
            scalars: Scalars::of(&parsed),
            valid: AtomicBool::new(false),
            bare: OnceLock::new(),
            parsed: Arc::new(parsed),
            operations,
            size,
            shape: OnceLock::new(),
        })
    }

    /// Whether validating the document with these variables gives the same for all of their values.
    pub(super) fn is_regular(&self, variables: Option<&Map<String, Value>>) -> bool {
        let scalars = self.scalars.as_ref();
        scalars.is_some_and(|scalars| scalars.fit(variables))
    }

    /// Whether it has passed validation with variables with which it is regular.
    pub(super) fn is_valid(&self) -> bool {
        self.valid.load(Ordering::Relaxed)
    }

    /// It has, and gave this.
    pub(super) fn passed(&self, data: &Data) {
        self.valid.store(true, Ordering::Relaxed);
        if self.straight && self.bare.get().is_none() && is_written(data) {
            self.bare.get_or_init(|| bare(&self.parsed));
        }
    }

    /// What the library executes, and what resolvers are to know of it. What is known to be valid need not be whole.
    pub(super) fn to_execute(&self, valid: bool) -> (ExecutableDocument, Option<Straight>) {
        match self.bare.get() {
            Some(bare) if valid => (
                bare.clone(),
                Some(Straight::behind(Arc::clone(&self.parsed))),
            ),
            _ => (
                ExecutableDocument::clone(&self.parsed),
                self.straight.then(Straight::default),
            ),
        }
    }

    /// What traces know it by; `text` is its own.
    pub(super) fn shape(&self, text: &str) -> &str {
        self.shape.get_or_init(|| shape(text))
    }

    /// The operation that a request with this `operationName` executes, if there is one.
    pub(super) fn operation(&self, name: Option<&str>) -> Option<&Operation> {
        match (name, self.operations.as_slice()) {
            (None, [operation]) => Some(operation),
            (None, _) => None,
            (Some(name), operations) => operations
                .iter()
                .find(|operation| operation.name.as_ref().is_some_and(|own| own == name)),
        }
    }
}

fn syntax_error(error: &parser::Error) -> ApiError {
    let message = match error {
        parser::Error::Syntax { start, .. } => {
            format!(
                "Syntax error at line {}, column {}.",
                start.line, start.column
            )
        }
        other => other.to_string(),
    };
    ApiError::new(Code::GraphqlParseFailed, message)
}

/// The documents that have passed lately, by their text.
#[derive(Clone)]
pub(super) struct Documents {
    cache: Cache<String, Arc<Document>>,
    limits: Arc<Limits>,
}

impl Documents {
    const MAX_DOCUMENTS: u32 = 1_000;
    const MAX_BYTES: u32 = 64 * 1024 * 1024;

    pub(super) fn new(limits: Arc<Limits>) -> Self {
        let cache = Cache::builder()
            .max_capacity(u64::from(Self::MAX_BYTES))
            // A small document weighs its share of the number of documents, so that one capacity
            // holds both limits.
            .weigher(|_, document: &Arc<Document>| {
                let size = u32::try_from(document.size).unwrap_or(u32::MAX);
                size.max(Self::MAX_BYTES / Self::MAX_DOCUMENTS)
            })
            .build();
        Self { cache, limits }
    }

    /// The document of `text`, out of the cache or through the guard.
    pub(super) async fn read(&self, text: &str) -> Result<Arc<Document>, ApiError> {
        if let Some(document) = self.cache.get(text).await {
            return Ok(document);
        }
        let document = Arc::new(Document::read(text, &self.limits)?);
        self.cache
            .insert(text.to_owned(), Arc::clone(&document))
            .await;
        Ok(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_cache_keeps_at_most_a_thousand_documents_and_none_that_was_refused() {
        let documents = Documents::new(Arc::new(Limits::default()));
        for number in 0..1_300 {
            assert!(documents.read(&format!("{{ a{number} }}")).await.is_ok());
            assert!(documents.read(&format!("{{ a{number} ")).await.is_err());
        }
        documents.cache.run_pending_tasks().await;
        assert!(documents.cache.entry_count() <= 1_000);
        assert!(documents.cache.entry_count() > 500);
    }

    #[tokio::test]
    async fn a_document_is_read_once() {
        let documents = Documents::new(Arc::new(Limits::default()));
        let (one, two) = (documents.read("{ a }").await, documents.read("{ a }").await);
        assert!(Arc::ptr_eq(&one.ok().unwrap(), &two.ok().unwrap()));
    }
}
