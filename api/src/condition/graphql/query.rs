//! Trying a condition out.

use async_graphql::{Context, Object, SimpleObject};
use lazo_domain::access::Scope;

use super::Condition;
use super::source::{ConditionSource, ConditionTextError, ConditionWarning, read};
use crate::error::{ApiError, Violation};
use crate::graphql::{ContextExt, UserError, allowed};

/// A condition that was read and checked, and stored nowhere.
#[derive(SimpleObject)]
pub struct ConditionParsePayload {
    /// The condition. Null means that it cannot be used.
    condition: Option<Condition<'static>>,
    /// What may be a mistake in it.
    warnings: Vec<ConditionWarning>,
    /// Where and why its text cannot be read. Null means that it can be, or that the source is no text.
    text_error: Option<ConditionTextError>,
    /// What the caller can mend; empty if there is a condition.
    user_errors: Vec<UserError>,
}

/// Conditions.
#[derive(Default)]
pub struct ConditionQuery;

#[Object]
impl ConditionQuery {
    /// Reads and checks a condition, as a segment would take it. It needs the scope `segments:read`. Null means that the caller lacks
    /// it, or that an error was met.
    async fn condition_parse(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The condition.")] source: ConditionSource,
    ) -> Option<Result<ConditionParsePayload, ApiError>> {
        allowed(ctx, Scope::SegmentsRead, async {
            let outcome = read(ctx.app(), source).await?;
            Ok(Some(ConditionParsePayload {
                condition: outcome.condition.map(Into::into),
                warnings: outcome.warnings,
                text_error: outcome.text_error,
                user_errors: outcome.violations.into_iter().map(about_source).collect(),
            }))
        })
        .await
    }
}

/// The argument is not called `input` here.
fn about_source(violation: Violation) -> UserError {
    let path = std::iter::once("source".to_owned()).chain(violation.field.iter().cloned());
    let field = Some(path.collect());
    UserError {
        field,
        ..UserError::from(violation)
    }
}
