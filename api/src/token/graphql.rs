//! Tokens in the schema.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use lazo_domain::access::Scope;
use lazo_entity::token::Model;
use secrecy::ExposeSecret;

use super::{CreateIntegration, IssueVisitor, Issued, service, visitor};
use crate::auth::service::KIND_INTERNAL;
use crate::error::ApiError;
use crate::graphql::{
    Connection, ContextExt, DateTime, Paging, UserError, check, needs, once, read_id, settled,
    wants_total,
};

/// Who holds a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum TokenKind {
    /// A third-party integration.
    Integration,
    /// A person at the company, or an internal tool.
    Internal,
}

/// A token as the schema shows it, without its text.
pub struct Token(pub Model);

/// A token of an integration or of a person at the company. Its text is not kept.
#[Object]
impl Token {
    /// The global id of the token. It is opaque.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Who holds it.
    async fn kind(&self) -> TokenKind {
        let internal = self.0.kind == KIND_INTERNAL;
        if internal {
            TokenKind::Internal
        } else {
            TokenKind::Integration
        }
    }

    /// The integration's name, or whom an internal token is for.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What the holder of an internal token is there for. Null means that it is an integration's.
    async fn role(&self) -> Option<&str> {
        self.0.role.as_deref()
    }

    /// What it may do: its own scopes, or those of its role.
    async fn scopes(&self) -> Vec<String> {
        service::scopes(&self.0)
            .iter()
            .map(|scope| scope.to_string())
            .collect()
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// Until when it is valid. Null means until it is revoked.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(Into::into)
    }

    /// From when it is refused. Null means that it was not revoked.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(Into::into)
    }
}

/// What can be read of tokens.
#[derive(Default)]
pub struct TokenQuery;

#[Object]
impl TokenQuery {
    /// All tokens of integrations and of people at the company, revoked ones included, the newest first.
    #[graphql(guard = "needs(Scope::TokensRead)")]
    async fn tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The most items to return, from the start. At most 250; 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
        #[graphql(desc = "The most items to return, from the end. At most 250.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Token>, ApiError> {
        let paging = Paging::read("token", first, after, last, before)?;
        let listed = service::list(ctx.app(), &paging.page, wants_total(ctx)).await?;
        Ok(paging.connection(listed, Token))
    }
}

/// A token to be created for an integration.
#[derive(InputObject)]
pub struct TokenCreateInput {
    /// The integration's name: 1 to 64 characters.
    name: String,
    /// What it may do, such as `profiles:read`: at least one scope, and none that the caller does not hold.
    scopes: Vec<String>,
    /// The purposes for which it may read data.
    purposes: Option<Vec<String>>,
    /// Until when it is valid. Without it the token is valid until it is revoked.
    expires_at: Option<DateTime>,
    /// A text of your own: a repeat under the same one gives the same token, and no second one.
    idempotency_key: Option<String>,
}

impl TokenCreateInput {
    fn create(&self) -> CreateIntegration {
        CreateIntegration {
            name: self.name.clone(),
            scopes: self.scopes.clone(),
            purposes: self.purposes.clone().unwrap_or_default(),
            expires_at: self.expires_at.map(|end| end.0),
        }
    }
}

/// A token that was created.
#[derive(SimpleObject)]
pub struct TokenCreatePayload {
    /// The token. Null means that none was created.
    token: Option<Token>,
    /// Its text, which is shown this once. Null means that none was created, or that this is a repeat.
    secret: Option<String>,
    /// What the caller can mend.
    user_errors: Vec<UserError>,
}

/// Which token to revoke.
#[derive(InputObject)]
pub struct TokenRevokeInput {
    /// The token.
    id: ID,
}

/// A token that was revoked.
#[derive(SimpleObject)]
pub struct TokenRevokePayload {
    /// The token as it is now. Null means that nothing was changed.
    token: Option<Token>,
    /// What the caller can mend.
    user_errors: Vec<UserError>,
}

/// The visitor to issue a token for: a customer, a device, or both.
#[derive(InputObject)]
pub struct VisitorTokenIssueInput {
    /// The customer's id in the shop, whom the caller has authenticated.
    customer_id: Option<String>,
    /// The anonymous id of the visitor's device. With both, the link between them is verified from now on.
    anonymous_id: Option<String>,
    /// How long the token is valid, from 60 to 3600 seconds.
    #[graphql(default = 900)]
    expires_in_seconds: i64,
}

/// A visitor token.
#[derive(SimpleObject)]
pub struct VisitorTokenIssuePayload {
    /// The text of the token, which is shown this once. Null means that none was issued.
    token: Option<String>,
    /// Until when it is valid. Null means that none was issued.
    expires_at: Option<DateTime>,
    /// What the caller can mend.
    user_errors: Vec<UserError>,
}

/// What can be changed of tokens.
#[derive(Default)]
pub struct TokenMutation;

#[Object]
impl TokenMutation {
    /// Creates a token for an integration, which may do no more than the caller.
    async fn token_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token to be created.")] input: TokenCreateInput,
    ) -> Option<Result<TokenCreatePayload, ApiError>> {
        Some(create(ctx, &input).await)
    }

    /// Revokes a token for good: it is refused within 5 seconds on all processes.
    async fn token_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which token to revoke.")] input: TokenRevokeInput,
    ) -> Option<Result<TokenRevokePayload, ApiError>> {
        Some(revoke(ctx, &input).await)
    }

    /// Issues a token with which a visitor of the storefront reads their own profile, and nobody else's.
    async fn visitor_token_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The visitor to issue a token for.")] input: VisitorTokenIssueInput,
    ) -> Option<Result<VisitorTokenIssuePayload, ApiError>> {
        Some(issue(ctx, input).await)
    }
}

async fn create(
    ctx: &Context<'_>,
    input: &TokenCreateInput,
) -> Result<TokenCreatePayload, ApiError> {
    let caller = check(ctx, Scope::TokensWrite)?;
    let outcome = match once(caller, input.idempotency_key.as_deref(), input) {
        Ok(once) => {
            service::create_integration(ctx.app(), caller, &input.create(), once.as_ref()).await
        }
        Err(error) => Err(error),
    };
    let (issued, user_errors) = settled(outcome)?;
    let (token, secret) = shown(issued);
    Ok(TokenCreatePayload {
        token,
        secret,
        user_errors,
    })
}

async fn revoke(
    ctx: &Context<'_>,
    input: &TokenRevokeInput,
) -> Result<TokenRevokePayload, ApiError> {
    let caller = check(ctx, Scope::TokensWrite)?;
    let outcome = match read_id(&input.id, "token") {
        Ok(id) => service::revoke(ctx.app(), caller, id).await,
        Err(error) => Err(error),
    };
    let (token, user_errors) = settled(outcome)?;
    Ok(TokenRevokePayload {
        token: token.map(Token),
        user_errors,
    })
}

async fn issue(
    ctx: &Context<'_>,
    input: VisitorTokenIssueInput,
) -> Result<VisitorTokenIssuePayload, ApiError> {
    let caller = check(ctx, Scope::VisitorsIssue)?;
    let request = IssueVisitor {
        customer_id: input.customer_id,
        anonymous_id: input.anonymous_id,
        expires_in_seconds: Some(input.expires_in_seconds),
    };
    let (issued, user_errors) = settled(visitor::issue(ctx.app(), caller, &request).await)?;
    let (token, expires_at) = issued
        .map(|issued| {
            (
                issued.text.expose_secret().to_owned(),
                issued.expires_at.into(),
            )
        })
        .unzip();
    Ok(VisitorTokenIssuePayload {
        token,
        expires_at,
        user_errors,
    })
}

/// A token, and its text where it is new, as the schema shows them.
fn shown(issued: Option<Issued>) -> (Option<Token>, Option<String>) {
    let Some(Issued { token, secret }) = issued else {
        return (None, None);
    };
    (
        Some(Token(token)),
        secret.map(|text| text.expose_secret().to_owned()),
    )
}
