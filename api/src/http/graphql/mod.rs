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
mod shape;
mod straight;
mod stream;
mod variables;

#[cfg(test)]
mod tests;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};

use async_graphql::{
    Data, Executor, Variables,
    parser::types::{ExecutableDocument, OperationType},
};
use axum::{
    extract::Request,
    http::{HeaderValue, Method, header},
    response::Response,
};
use futures::FutureExt;
use tracing::{Instrument, field};

pub(super) use accept::takes_events;
pub use limits::Limits;
pub use response::refuse;
pub use stream::{Check, Listener, Streams};

use self::{
    accept::{MediaType, takes_only_events},
    document::{Document, Documents},
    request::Params,
    response::{Cost, ThrottleStatus},
    stream::{Seat, Telling},
};
use super::limits::{Budget, Taken};
use crate::error::{ApiError, Code};
use crate::graphql::{AnswerSize, Delivery};
use crate::metrics::{GraphqlMeters, GraphqlOutcome};

/// One schema behind the front. Cheap to clone; all clones share one cache of documents.
#[derive(Clone)]
pub struct Endpoint<E> {
    executor: E,
    /// Executes what has been found valid.
    quick: Option<E>,
    documents: Documents,
    /// Where subscriptions are answered; none where there are none.
    streams: Option<Streams>,
    limits: Arc<Limits>,
    meters: GraphqlMeters,
}

impl<E: Executor> Endpoint<E> {
    /// A front before `executor`, which is a schema.
    pub fn new(executor: E, limits: Limits) -> Self {
        let limits = Arc::new(limits);
        Self {
            executor,
            quick: None,
            documents: Documents::new(Arc::clone(&limits)),
            streams: None,
            limits,
            meters: GraphqlMeters::default(),
        }
    }

    /// The same, which executes a document that was found valid by this executor: the same schema, which does not validate all
    /// anew.
    #[must_use]
    pub fn executing_valid_by(self, quick: E) -> Self {
        Self {
            quick: Some(quick),
            ..self
        }
    }

    /// The same, which answers subscriptions as streams among these.
    #[must_use]
    pub fn streaming(self, streams: Streams) -> Self {
        Self {
            streams: Some(streams),
            ..self
        }
    }

    /// The same, which counts with these meters.
    #[must_use]
    pub fn measured_by(self, meters: GraphqlMeters) -> Self {
        Self { meters, ..self }
    }

    /// Answers one HTTP request.
    ///
    /// `data` is what resolvers find in their context during this request alone, as the caller and
    /// its data loaders. Without `introspection`, `__schema` and `__type` answer null.
    pub async fn handle(&self, request: Request, data: Data, introspection: bool) -> Response {
        self.handle_within(request, data, introspection, None, None)
            .await
    }

    /// The same for a caller who pays for operations by their cost, where there is a budget, and who may listen to a stream of
    /// events, where there is a listener.
    ///
    /// A document that is refused is paid for as well: reading it is work.
    pub async fn handle_within(
        &self,
        request: Request,
        data: Data,
        introspection: bool,
        budget: Option<&Budget>,
        listener: Option<Listener>,
    ) -> Response {
        let (response, outcome) = self
            .answer(request, data, introspection, budget, listener)
            .await;
        self.meters.answered(outcome);
        response
    }

    async fn answer(
        &self,
        request: Request,
        data: Data,
        introspection: bool,
        budget: Option<&Budget>,
        listener: Option<Listener>,
    ) -> (Response, GraphqlOutcome) {
        let refused = |response| (response, GraphqlOutcome::Refused);
        let (parts, body) = request.into_parts();
        let headers = &parts.headers;
        let media_type = MediaType::accepted(headers);

        let params = match Params::read(&parts, body, &self.limits).await {
            Ok(params) => params,
            Err(error) => {
                return refused(allowing("GET, POST", refuse(headers, &error), &error));
            }
        };
        let document = match self.documents.read(&params.query).await {
            Ok(document) => document,
            Err(error) => {
                return match pay(budget, REFUSED_COST) {
                    Ok(_) if self.streams.is_some() && takes_only_events(headers) => {
                        refused(stream::refuse_document(&error))
                    }
                    Ok(_) => refused(response::refuse_document(media_type, &error)),
                    Err(throttled) => throttle(media_type, &throttled, None),
                };
            }
        };
        let operation = document.operation(params.operation_name.as_deref());
        let asks = |ty| operation.is_some_and(|operation| operation.ty == ty);
        let streams = self.streams.as_ref();
        let streams = streams.filter(|_| asks(OperationType::Subscription));
        // A link or an image can make a browser send a GET, so a GET changes nothing.
        if parts.method == Method::GET
            && streams.is_none()
            && operation.is_some_and(|operation| operation.ty != OperationType::Query)
        {
            let error = ApiError::new(Code::MethodNotAllowed, "Only queries may use GET.");
            return refused(allowing("POST", refuse(headers, &error), &error));
        }
        let seat = match streams.map(|streams| admit(streams, listener)) {
            None => None,
            Some(Ok(seat)) => Some(seat),
            Some(Err((error, outcome))) => return (refuse(headers, &error), outcome),
        };
        let cost = operation.map_or(0, |operation| operation.cost);

        let cost = match pay(budget, cost) {
            Ok(status) => Cost::new(cost, status),
            Err(throttled) => {
                let cost = Cost::new(cost, budget.map(|budget| status(budget, throttled.taken)));
                return throttle(media_type, &throttled, Some(cost));
            }
        };
        self.meters.measured(cost.requested_query_cost);
        if let Some(seat) = seat {
            let delivery = stream::delivery(headers);
            let (parsed, _) = document.to_execute(false);
            let request = Self::request(params, parsed, data, introspection);
            let telling = self.telling(request, delivery, budget, cost);
            // Apart, since the future would be large for the rare case.
            return match Box::pin(stream::open(seat, telling)).await {
                Ok(response) => (response, GraphqlOutcome::Success),
                Err(error) => (refuse(headers, &error), GraphqlOutcome::Failed),
            };
        }
        let began = Instant::now();
        let executed = self.execute(params, &document, data, introspection).await;
        self.meters.executed(began.elapsed());
        match executed {
            Ok(response) => {
                let outcome = if response.is_ok() {
                    GraphqlOutcome::Success
                } else {
                    GraphqlOutcome::Errors
                };
                let answer = response::answer(media_type, response, cost, self.limits.errors);
                (answer, outcome)
            }
            Err(error) => (refuse(headers, &error), GraphqlOutcome::Failed),
        }
    }

    /// What a subscription tells.
    fn telling(
        &self,
        mut request: async_graphql::Request,
        delivery: Delivery,
        budget: Option<&Budget>,
        cost: Cost,
    ) -> Telling {
        let size = AnswerSize::default();
        request.data.insert(size.clone());
        request.data.insert(delivery.clone());
        Telling {
            source: self.executor.execute_stream(request, None),
            delivery,
            size,
            budget: budget.cloned(),
            cost: Cost::new(cost.requested_query_cost, None),
            patience: self.limits.execution_time,
            errors: self.limits.errors,
        }
    }

    /// What the library executes, all of it.
    fn request(
        params: Params,
        document: ExecutableDocument,
        data: Data,
        introspection: bool,
    ) -> async_graphql::Request {
        let variables = serde_json::Value::Object(params.variables.unwrap_or_default());
        let mut request =
            async_graphql::Request::new(params.query).variables(Variables::from_json(variables));
        request.operation_name = params.operation_name;
        request.data = data;
        request.set_parsed_query(document);
        if introspection {
            request
        } else {
            request.disable_introspection()
        }
    }

    async fn execute(
        &self,
        params: Params,
        document: &Document,
        data: Data,
        introspection: bool,
    ) -> Result<async_graphql::Response, ApiError> {
        let span = span_of(&params, document);
        let regular = document.is_regular(params.variables.as_ref());
        let quick = self
            .quick
            .as_ref()
            .filter(|_| regular && document.is_valid());
        let (parsed, straight) = document.to_execute(quick.is_some());
        let mut request = Self::request(params, parsed, data, introspection);
        request.data.insert(AnswerSize::default());
        if let Some(straight) = straight {
            request.data.insert(straight);
        }

        let executor = quick.unwrap_or(&self.executor);
        let execution = AssertUnwindSafe(executor.execute(request)).catch_unwind();
        let execution = tokio::time::timeout(self.limits.execution_time, execution);
        match execution.instrument(span).await {
            Ok(Ok(response)) => {
                if regular && response.is_ok() {
                    document.passed(&response.data);
                }
                Ok(response)
            }
            Ok(Err(_)) => {
                tracing::error!("a resolver panicked");
                Err(ApiError::internal())
            }
            Err(_) => Err(ApiError::new(Code::Timeout, "The answer took too long.")),
        }
    }
}

/// A seat for a stream of that listener.
fn admit(
    streams: &Streams,
    listener: Option<Listener>,
) -> Result<Seat, (ApiError, GraphqlOutcome)> {
    let Some(listener) = listener else {
        let message =
            "Subscriptions are answered as server-sent events: send `Accept: text/event-stream`.";
        let error = ApiError::new(Code::NotAcceptable, message);
        return Err((error, GraphqlOutcome::Refused));
    };
    streams
        .admit(listener)
        .map_err(|error| (error, GraphqlOutcome::Throttled))
}

/// For traces: what is executed, without its name, its values and its variables.
fn span_of(params: &Params, document: &Document) -> tracing::Span {
    let span = tracing::debug_span!(
        "graphql",
        graphql.operation.type = field::Empty,
        graphql.document.hash = field::Empty,
        cost = field::Empty
    );
    if !span.is_disabled()
        && let Some(operation) = document.operation(params.operation_name.as_deref())
    {
        span.record("graphql.operation.type", field::display(operation.ty));
        span.record("graphql.document.hash", document.shape(&params.query));
        span.record("cost", operation.cost);
    }
    span
}

/// What a document costs that is refused before it is measured.
const REFUSED_COST: usize = 10;

/// There is not enough in the budget.
struct Throttled {
    taken: Taken,
    error: ApiError,
}

/// Pays, and says what is left; nothing where the caller has no budget.
fn pay(budget: Option<&Budget>, cost: usize) -> Result<Option<ThrottleStatus>, Throttled> {
    let Some(budget) = budget else {
        return Ok(None);
    };
    let taken = budget.pay(cost);
    match taken.wait {
        None => Ok(Some(status(budget, taken))),
        Some(wait) => Err(Throttled {
            taken,
            error: ApiError::throttled(wait),
        }),
    }
}

fn status(budget: &Budget, taken: Taken) -> ThrottleStatus {
    let rate = budget.rate();
    ThrottleStatus {
        maximum_available: rate.burst,
        currently_available: taken.left,
        restore_rate: rate.per_second,
    }
}

fn throttle(
    media_type: MediaType,
    throttled: &Throttled,
    cost: Option<Cost>,
) -> (Response, GraphqlOutcome) {
    let response = response::throttle(media_type, &throttled.error, cost);
    (response, GraphqlOutcome::Throttled)
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
