//! Once a day, what score models compare with is measured anew. Of several processes one does it.

use super::{service, store};
use crate::app::App;
use crate::error::Error;

/// How long measured values stand, in milliseconds.
const DAY: i64 = 86_400_000;
/// How long until what could not be measured is tried again, in milliseconds.
const AGAIN: i64 = 600_000;
/// Who measures, for the audit log.
const ACTOR: &str = "timer";

/// Measures what all score models compare with, unless it was measured less than a day ago. Returns whether it did. Where one cannot be
/// measured, the others are, and it is due again soon.
pub(crate) async fn measure_if_due(app: &App) -> Result<bool, Error> {
    let now = app.now();
    let is_due = |last: Option<lazo_domain::clock::Timestamp>| {
        last.is_none_or(|last| last.plus_millis(DAY) <= now)
    };
    if !is_due(store::last_measured(app.db().read()).await?) {
        return Ok(false);
    }
    let transaction = app.db().begin().await?;
    if !is_due(store::last_measured(&transaction).await?) {
        return Ok(false);
    }
    // It is due again soon even if the process ends before all are measured.
    store::set_measured(&transaction, now.plus_millis(AGAIN - DAY)).await?;
    transaction.commit().await?;
    let mut failed = None;
    for model in service::decided(app.db().read()).await? {
        if service::is_measured(&model.model) {
            match service::measure(app, ACTOR, model.id).await {
                // It was changed meanwhile, and measured with that.
                Ok(_) | Err(Error::Invalid(_)) => {}
                Err(other) => {
                    tracing::error!(model = %model.id, "a score model was not measured");
                    failed = Some(other);
                }
            }
        }
    }
    if let Some(error) = failed {
        return Err(error);
    }
    let transaction = app.db().begin().await?;
    store::set_measured(&transaction, now).await?;
    transaction.commit().await?;
    Ok(true)
}
