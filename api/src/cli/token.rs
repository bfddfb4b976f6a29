//! `lazo token`: tokens of integrations and of people at the company.

use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};
use lazo_domain::access::{Role, Scope};
use lazo_domain::clock::Timestamp;
use lazo_domain::id::TokenId;
use lazo_entity::token::Model;
use secrecy::ExposeSecret;

use super::output::{Failure, Output};
use super::session::Session;
use crate::app::App;
use crate::auth::caller::Caller;
use crate::config::Config;
use crate::page::Page;
use crate::token::{CreateIntegration, CreateInternal, Issued, service};

#[derive(Debug, Subcommand)]
pub(super) enum Options {
    /// Creates a token and prints it, this once.
    Create(Create),
    /// Prints all tokens, the newest first: id, kind, name, what they may do, when they were created, and their state.
    List,
    /// Revokes a token for good.
    Revoke {
        /// The token's id, as `lazo token list` prints it.
        id: TokenId,
    },
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// Who is to hold the token.
    #[arg(long, value_enum)]
    kind: Kind,
    /// What the holder of an internal token is there for.
    #[arg(long, value_parser = role(), required_if_eq("kind", "internal"), conflicts_with_all = ["scope", "purpose"])]
    role: Option<Role>,
    /// What an integration may do, such as `profiles:read`; may be given again.
    #[arg(long, value_parser = scope(), required_if_eq("kind", "integration"))]
    scope: Vec<Scope>,
    /// A purpose for which an integration may read data; may be given again.
    #[arg(long)]
    purpose: Vec<String>,
    /// The integration's name, or whom the token is for.
    #[arg(long)]
    name: Option<String>,
    /// How long it is valid, such as 90s, 30m, 12h or 7d. An internal token is valid for 12h without it, an integration's until
    /// it is revoked.
    #[arg(long, value_parser = duration)]
    ttl: Option<Duration>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// A third-party integration.
    Integration,
    /// A person at the company, or an internal tool.
    Internal,
}

impl Options {
    pub(super) async fn run(self, config: Config, output: &mut Output<'_>) -> Result<(), Failure> {
        let session = Session::open(config).await?;
        match self {
            Self::Create(create) => {
                let issued = create.run(&session.app).await?;
                let text = issued
                    .secret
                    .as_ref()
                    .map_or("", |text| text.expose_secret());
                output.data(text)?;
                output.note(format!(
                    "Created {}. It is not shown again.",
                    issued.token.id
                ))?;
            }
            Self::List => list(&session.app, output).await?,
            Self::Revoke { id } => {
                service::revoke(&session.app, &Caller::Local, id).await?;
                output.note(format!("Revoked {id}."))?;
            }
        }
        session.close().await
    }
}

impl Create {
    async fn run(self, app: &App) -> Result<Issued, Failure> {
        let caller = Caller::Local;
        let Some(role) = self.role else {
            let create = CreateIntegration {
                name: self.name.unwrap_or_else(|| "integration".to_owned()),
                scopes: self.scope.iter().map(ToString::to_string).collect(),
                purposes: self.purpose,
                expires_at: self.ttl.map(|ttl| after(app.now(), ttl)),
            };
            return Ok(service::create_integration(app, &caller, &create, None).await?);
        };
        let name = self.name.unwrap_or_else(|| role.to_string());
        let create = CreateInternal {
            name,
            role,
            lifetime: self.ttl,
        };
        Ok(service::create_internal(app, &caller, &create).await?)
    }
}

async fn list(app: &App, output: &mut Output<'_>) -> Result<(), Failure> {
    let mut page = Page::all_by(250);
    loop {
        let listed = service::list(app, &page, false).await?;
        for (_, token) in &listed.rows {
            output.data(line(token, app.now()))?;
        }
        page.after = listed.rows.last().map(|(key, _)| *key);
        if !listed.more {
            return Ok(());
        }
    }
}

fn line(token: &Model, now: Timestamp) -> String {
    let may = token
        .role
        .clone()
        .unwrap_or_else(|| service::scopes(token).to_string());
    let state = match (token.revoked_at, token.expires_at) {
        (Some(at), _) => format!("revoked {at}"),
        (None, Some(end)) if end <= now => format!("expired {end}"),
        (None, Some(end)) => format!("expires {end}"),
        (None, None) => "valid".to_owned(),
    };
    let Model {
        id,
        kind,
        name,
        created_at,
        ..
    } = token;
    format!("{id}\t{kind}\t{name}\t{may}\t{created_at}\t{state}")
}

fn after(now: Timestamp, ttl: Duration) -> Timestamp {
    now.plus_millis(i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX))
}

fn role() -> impl TypedValueParser<Value = Role> {
    PossibleValuesParser::new(Role::ALL.iter().map(|role| role.as_str()))
        .try_map(|text| text.parse())
}

fn scope() -> impl TypedValueParser<Value = Scope> {
    PossibleValuesParser::new(Scope::ALL.iter().map(|scope| scope.as_str()))
        .try_map(|text| text.parse())
}

/// Reads a whole number and its unit.
fn duration(text: &str) -> Result<Duration, &'static str> {
    const FORM: &str = "write a number and one of s, m, h and d, such as 12h";
    let (number, seconds) = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)]
        .into_iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)))
        .ok_or(FORM)?;
    let number: u64 = number.parse().map_err(|_| FORM)?;
    number
        .checked_mul(seconds)
        .map(Duration::from_secs)
        .ok_or(FORM)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("90s", Some(90))]
    #[case("12h", Some(43_200))]
    #[case("7d", Some(604_800))]
    #[case("12", None)]
    #[case("h", None)]
    #[case("-1h", None)]
    #[case("1.5h", None)]
    #[case("999999999999999999d", None)]
    fn a_time_to_live_is_a_number_and_a_unit(#[case] text: &str, #[case] seconds: Option<u64>) {
        assert_eq!(duration(text).ok(), seconds.map(Duration::from_secs));
    }
}
