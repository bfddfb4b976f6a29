//! The front before the GraphQL library: it reads the request, refuses what would cost too much,
//! hands the parsed document to the library, and writes the answer.
//!
//! Each step is linear in the request, and each bounds the next: HTTP method and content type, size
//! of the body, a scan of the document's bytes, the parser, the cost with fragments expanded, and
//! only then validation and execution.

mod accept;
mod cost;
mod document;
mod limits;
mod page_size;
mod prescan;
mod request;
mod response;

#[cfg(test)]
mod tests;

use std::{panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{Data, Executor, Variables, parser::types::OperationType};
use axum::{
    extract::Request,
    http::{HeaderValue, Method, header},
    response::Response,
};
use futures::FutureExt;

pub use limits::Limits;
pub use response::refuse;

use self::{
    accept::MediaType,
    document::{Document, Documents},
    request::Params,
};
use crate::error::{ApiError, Code};

/// One schema behind the front. Cheap to clone; all clones share one cache of documents.
#[derive(Clone)]
pub struct Endpoint<E> {
    executor: E,
    documents: Documents,
    limits: Arc<Limits>,
}

impl<E: Executor> Endpoint<E> {
    /// A front before `executor`, which is a schema.
    pub fn new(executor: E, limits: Limits) -> Self {
        let limits = Arc::new(limits);
        Self {
            executor,
            documents: Documents::new(Arc::clone(&limits)),
            limits,
        }
    }

    /// Answers one HTTP request.
    ///
    /// `data` is what resolvers find in their context during this request alone, as the caller and
    /// its data loaders. Without `introspection`, `__schema` and `__type` answer null.
    pub async fn handle(&self, request: Request, data: Data, introspection: bool) -> Response {
        let headers = request.headers().clone();
        let method = request.method().clone();
        let media_type = MediaType::accepted(&headers);

        let params = match Params::read(request, &self.limits).await {
            Ok(params) => params,
            Err(error) => return allowing("GET, POST", refuse(&headers, &error), &error),
        };
        let document = match self.documents.read(&params.query).await {
            Ok(document) => document,
            Err(error) => return response::refuse_document(media_type, &error),
        };
        let operation = document.operation(params.operation_name.as_deref());
        // A link or an image can make a browser send a GET, so a GET changes nothing.
        if method == Method::GET
            && operation.is_some_and(|operation| operation.ty != OperationType::Query)
        {
            let error = ApiError::new(Code::MethodNotAllowed, "Only queries may use GET.");
            return allowing("POST", refuse(&headers, &error), &error);
        }
        let cost = operation.map_or(0, |operation| operation.cost);

        match self.execute(params, &document, data, introspection).await {
            Ok(response) => response::answer(media_type, response, cost, self.limits.errors),
            Err(error) => refuse(&headers, &error),
        }
    }

    async fn execute(
        &self,
        params: Params,
        document: &Document,
        data: Data,
        introspection: bool,
    ) -> Result<async_graphql::Response, ApiError> {
        let variables = serde_json::Value::Object(params.variables.unwrap_or_default());
        let mut request =
            async_graphql::Request::new(params.query).variables(Variables::from_json(variables));
        request.operation_name = params.operation_name;
        request.data = data;
        request.set_parsed_query(document.parsed.clone());
        if !introspection {
            request = request.disable_introspection();
        }

        let execution = AssertUnwindSafe(self.executor.execute(request)).catch_unwind();
        match tokio::time::timeout(self.limits.execution_time, execution).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(_)) => {
                tracing::error!("a resolver panicked");
                Err(ApiError::internal())
            }
            Err(_) => Err(ApiError::new(Code::Timeout, "The answer took too long.")),
        }
    }
}

/// Adds `Allow` where the method is refused (RFC 9110, section 15.5.6).
fn allowing(methods: &'static str, mut response: Response, error: &ApiError) -> Response {
    if error.code() == Code::MethodNotAllowed {
        response
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static(methods));
    }
    response
}
