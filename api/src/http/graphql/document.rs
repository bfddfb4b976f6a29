//! Documents that have passed the guard, and the cache of them.

use std::sync::Arc;

use async_graphql::parser::{self, parse_query, types::ExecutableDocument};
use moka::future::Cache;

use super::{
    cost::{Operation, measure},
    limits::Limits,
    prescan::prescan,
};
use crate::error::{ApiError, Code};

/// A document within all limits. It is not yet validated against a schema.
pub(super) struct Document {
    pub(super) parsed: ExecutableDocument,
    operations: Vec<Operation>,
    /// What it takes in memory, in bytes; an estimate from above.
    size: usize,
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
            parsed,
            operations,
            size,
        })
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
