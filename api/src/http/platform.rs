//! The two GraphQL doors: the platform's, and the storefront's for browsers.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::Executor;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderMap, HeaderValue, Method, header};
use axum::response::Response;
use axum::routing::any;
use futures::FutureExt;
use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::RateLimits;
use super::graphql::{Check, Endpoint, Limits, Listener, Streams, refuse, takes_events};
use super::limits::Stranger;
use crate::app::App;
use crate::audit::Reads;
use crate::auth::AuthError;
use crate::auth::caller::Caller;
use crate::auth::service::Door;
use crate::config::Origin;
use crate::error::{ApiError, Code};
use crate::graphql;
use crate::viewer::graphql::PageOrigin;

/// What callers without a valid token are to try again after.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// One of the doors.
struct Entrance<E> {
    app: App,
    door: Door,
    endpoint: Endpoint<E>,
    rates: RateLimits,
    introspection: bool,
}

/// Both doors. Their streams end once `closing` is cancelled.
pub(super) fn router(
    app: &App,
    rates: &RateLimits,
    graphiql: bool,
    closing: CancellationToken,
) -> Router {
    let streams = Streams::new(&app.config().subscriptions, app.meters(), closing);
    let [platform_meters, storefront_meters] = app.meters().graphql(["platform", "storefront"]);
    let platform = Arc::new(Entrance {
        app: app.clone(),
        door: Door::Platform,
        endpoint: Endpoint::new(graphql::platform(app), Limits::default())
            .executing_valid_by(graphql::platform_of_valid(app))
            .measured_by(platform_meters)
            .streaming(streams),
        rates: rates.clone(),
        introspection: true,
    });
    let storefront = Arc::new(Entrance {
        app: app.clone(),
        door: Door::Storefront,
        endpoint: Endpoint::new(graphql::storefront(app), Limits::storefront())
            .executing_valid_by(graphql::storefront_of_valid(app))
            .measured_by(storefront_meters),
        rates: rates.clone(),
        introspection: graphiql,
    });
    let router = Router::new()
        .route("/graphql", any(serve).with_state(platform))
        .merge(
            Router::new()
                .route("/storefront/graphql", any(serve).with_state(storefront))
                .layer(cross_origin(&app.config().storefront.origins)),
        );
    if graphiql {
        router.merge(super::graphiql::router())
    } else {
        router
    }
}

/// Pages of these origins may ask, or all pages if none are listed: a token in a header is needed, and nothing is taken from cookies.
fn cross_origin(origins: &[Origin]) -> CorsLayer {
    let listed = origins
        .iter()
        .filter_map(|origin| HeaderValue::from_str(origin.as_str()).ok());
    let allowed = if origins.is_empty() {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(listed)
    };
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT])
        .expose_headers([header::RETRY_AFTER])
        .max_age(Duration::from_hours(24))
}

/// The page that a browser says the request comes from. What is no text is no origin that anybody could have listed.
fn page_origin(headers: &HeaderMap) -> PageOrigin {
    let origin = headers.get(header::ORIGIN);
    PageOrigin(origin.map(|origin| String::from_utf8_lossy(origin.as_bytes()).into_owned()))
}

async fn serve<E: Executor>(
    State(entrance): State<Arc<Entrance<E>>>,
    request: Request,
) -> Response {
    match entrance
        .caller(request.headers(), request.extensions())
        .await
    {
        Ok(caller) => {
            let budget = entrance.rates.budget(&caller);
            let reads = Reads::told_to(entrance.app.recorder());
            let listener = entrance.listener(request.headers(), &caller, &reads);
            let media_type = request.headers().get(header::ACCEPT).cloned();
            let mut data = graphql::request_data(&entrance.app, Some(caller));
            data.insert(page_origin(request.headers()));
            data.insert(reads.clone());
            let response = entrance
                .endpoint
                .handle_within(
                    request,
                    data,
                    entrance.introspection,
                    budget.as_ref(),
                    listener,
                )
                .await;
            match reads.settle().await {
                Ok(()) => response,
                Err(error) => {
                    let accepted = media_type.map(|given| (header::ACCEPT, given));
                    refuse(&accepted.into_iter().collect(), &error.into())
                }
            }
        }
        Err(refused) => refused,
    }
}

impl<E: Executor> Entrance<E> {
    /// Who asks, if it takes a stream of events.
    fn listener(&self, headers: &HeaderMap, caller: &Caller, reads: &Reads) -> Option<Listener> {
        let shown = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        takes_events(headers).then(|| Listener {
            name: caller.actor(),
            check: self.check(SecretString::from(shown), caller.clone()),
            reads: reads.clone(),
        })
    }

    /// Whether what a caller has shown still stands for the same rights.
    fn check(&self, shown: SecretString, caller: Caller) -> Check {
        let known = Arc::new((self.app.clone(), shown, caller));
        let door = self.door;
        Arc::new(move || {
            let known = Arc::clone(&known);
            let check = async move {
                let (app, shown, caller) = known.as_ref();
                let authenticator = app.authenticator();
                let now = authenticator.authenticate(door, Some(shown.expose_secret()));
                match now.await {
                    Ok(now) if now == *caller => Ok(()),
                    Err(AuthError::Unavailable) => Err(ApiError::unavailable(RETRY_AFTER)),
                    Ok(_) | Err(AuthError::Missing | AuthError::Invalid) => {
                        let message = "The token is not valid any more.";
                        Err(ApiError::new(Code::Unauthenticated, message))
                    }
                }
            };
            check.boxed()
        })
    }

    async fn caller(
        &self,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Result<Caller, Response> {
        let refused = |stranger, message| match self.rates.admit(extensions, headers, stranger) {
            Ok(()) => unauthenticated(headers, message),
            Err(throttled) => refuse(headers, &throttled),
        };
        let authorization = headers.get(header::AUTHORIZATION).map(HeaderValue::to_str);
        let Ok(authorization) = authorization.transpose() else {
            return Err(refused(Stranger::Wrong, "The token is not valid."));
        };
        self.app
            .authenticator()
            .authenticate(self.door, authorization)
            .await
            .map_err(|error| match error {
                AuthError::Missing => refused(
                    Stranger::Public,
                    "A token is needed: `Authorization: Bearer …`.",
                ),
                AuthError::Invalid => refused(Stranger::Wrong, "The token is not valid."),
                AuthError::Unavailable => refuse(headers, &ApiError::unavailable(RETRY_AFTER)),
            })
    }
}

fn unauthenticated(headers: &HeaderMap, message: &'static str) -> Response {
    let mut response = refuse(headers, &ApiError::new(Code::Unauthenticated, message));
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
