//! `lazo demo`.

use std::time::Duration;

use lazo_domain::access::{Role, Scope};
use secrecy::{ExposeSecret, SecretString};

use super::output::{Failure, Output};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::config::Config;
use crate::demo::{self, Filled};
use crate::serve::Server;
use crate::token::{CreateIntegration, CreateInternal, IssueVisitor, service, visitor};
use crate::traces::Traces;

/// Where the demo lives unless it is told otherwise; delete the file to begin anew.
pub(super) const DATABASE: &str = "sqlite://lazo-demo.db";
/// The customer that the printed queries ask for.
const CUSTOMER: &str = "C-1001";
/// What the printed integration token may do: all that the README shows with it.
const SCOPES: [Scope; 6] = [
    Scope::ProfilesRead,
    Scope::TouchpointsRead,
    Scope::SegmentsRead,
    Scope::SegmentsWrite,
    Scope::ScoresRead,
    Scope::ScoresWrite,
];
/// How long the printed tokens are valid.
const HALF_A_DAY: Duration = Duration::from_hours(12);

/// Fills an embedded database with a year of a small shop, prints tokens and queries to paste, and serves.
#[derive(clap::Args, Debug)]
pub(super) struct Options {}

/// What the demo prints.
struct Greeting {
    address: String,
    admin: String,
    integration: String,
    visitor: String,
    web_key: String,
    filled: Option<Filled>,
}

impl Options {
    pub(super) async fn run(self, config: Config, output: &mut Output<'_>) -> Result<(), Failure> {
        crate::logs::start(&config.log, &Traces::default());
        let server = Server::start(config, true, true).await?;
        let greeting = prepare(server.app(), server.address()?.to_string()).await?;
        output.text(&greeting.text())?;
        Ok(server.run().await?)
    }
}

async fn prepare(app: &App, address: String) -> Result<Greeting, Failure> {
    let (sources, web_key) = demo::sources(app).await?;
    let filled = demo::fill_once(app, &sources).await?;
    let admin = CreateInternal {
        name: "demo".to_owned(),
        role: Role::Admin,
        lifetime: Some(HALF_A_DAY),
    };
    let admin = service::create_internal(app, &Caller::Local, &admin).await?;
    let millis = i64::try_from(HALF_A_DAY.as_millis()).unwrap_or(i64::MAX);
    let integration = CreateIntegration {
        name: "demo integration".to_owned(),
        scopes: SCOPES.iter().map(ToString::to_string).collect(),
        purposes: Vec::new(),
        expires_at: Some(app.now().plus_millis(millis)),
    };
    let integration = service::create_integration(app, &Caller::Local, &integration, None).await?;
    let visitor = IssueVisitor {
        customer_id: Some(CUSTOMER.to_owned()),
        anonymous_id: None,
        expires_in_seconds: Some(3600),
    };
    let visitor = visitor::issue(app, &Caller::Local, &visitor).await?;
    Ok(Greeting {
        address,
        admin: shown(admin.secret.as_ref()),
        integration: shown(integration.secret.as_ref()),
        visitor: visitor.text.expose_secret().to_owned(),
        web_key: web_key.expose().to_owned(),
        filled,
    })
}

fn shown(secret: Option<&SecretString>) -> String {
    secret
        .map(|text| text.expose_secret().to_owned())
        .unwrap_or_default()
}

impl Greeting {
    fn text(&self) -> String {
        let Self {
            address,
            admin,
            integration,
            visitor,
            web_key,
            ..
        } = self;
        let told = match self.filled {
            Some(filled) => format!(
                "A year of a small shop was told to it: {} touchpoints, {} of them sent twice.",
                filled.accepted, filled.duplicates
            ),
            None => "The year of the shop was there already.".to_owned(),
        };
        format!(
            r#"Lazo's demo is at http://{address}. {told}

GraphiQL, with an administrator's token for 12 hours:
  http://{address}/graphiql#token={admin}

1. An integration asks for a customer by email:
curl -s http://{address}/graphql -H 'Content-Type: application/json' \
  -H 'Authorization: Bearer {integration}' \
  -d '{{"query":"{{ profile(by: {{ email: \"lucia.ferrer@example.com\" }}) {{ traits(names: [\"firstName\", \"lastName\", \"preferredCategory\"]) {{ name value }} summary {{ touchpoints orders spend {{ amount currency }} }} }} }}"}}'

2. The storefront asks for the visitor, who is that customer, for an hour:
curl -s http://{address}/storefront/graphql -H 'Content-Type: application/json' \
  -H 'Authorization: Bearer {visitor}' \
  -d '{{"query":"{{ viewer {{ whole purchases(first: 3) {{ nodes {{ orderId status amount {{ amount currency }} }} }} }} }}"}}'

3. A browser sends a touchpoint with the public key of the web shop:
curl -s http://{address}/v1/track -u {web_key}: -H 'Content-Type: application/json' \
  -d '{{"anonymousId":"my-first-visitor","event":"Product Viewed","properties":{{"product_id":"P-1"}}}}'
"#
        )
    }
}
