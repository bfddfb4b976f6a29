//! The HTTP client that carries traces to the collector.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use tokio::runtime::Handle;

/// How long the collector may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much of an answer is read.
const MOST_BYTES: usize = 64 * 1024;

/// Spans are gathered on a thread of their own; what that thread sends goes out through our runtime.
#[derive(Clone, Debug)]
pub(super) struct Client {
    http: Http<HttpConnector, Full<Bytes>>,
    runtime: Handle,
}

impl Client {
    pub(super) fn new() -> Self {
        Self {
            http: Http::builder(TokioExecutor::new()).build_http(),
            runtime: Handle::current(),
        }
    }
}

async fn send(
    http: Http<HttpConnector, Full<Bytes>>,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, HttpError> {
    let response = http.request(request.map(Full::new)).await?;
    let (head, body) = response.into_parts();
    let body = Limited::new(body, MOST_BYTES).collect().await?;
    Ok(Response::from_parts(head, body.to_bytes()))
}

impl HttpClient for Client {
    fn send_bytes<'client, 'sending>(
        &'client self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'sending>>
    where
        'client: 'sending,
        Self: 'sending,
    {
        let http = self.http.clone();
        let task = self
            .runtime
            .spawn(async move { tokio::time::timeout(PATIENCE, send(http, request)).await });
        Box::pin(async move { task.await?? })
    }
}
