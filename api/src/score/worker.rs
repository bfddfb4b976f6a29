//! Once a day, what score models compare with is measured anew. Of several processes one does it.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{service, store};
use crate::app::App;
use crate::error::Error;

/// How often is looked whether it is time.
const TICK: Duration = Duration::from_mins(1);
/// How long measured values stand, in milliseconds.
const DAY: i64 = 86_400_000;
/// Who measures, for the audit log.
const ACTOR: &str = "timer";

/// Starts looking, which ends once `stop` is cancelled.
pub fn start(app: App, stop: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        while stop
            .run_until_cancelled(tokio::time::sleep(TICK))
            .await
            .is_some()
        {
            match stop.run_until_cancelled(measure_if_due(&app)).await {
                None => return,
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    let error = error.for_the_log();
                    tracing::warn!(error, "score models are not measured");
                }
            }
        }
    })
}

/// Measures what all score models compare with, unless it was measured less than a day ago. Returns whether it did.
pub async fn measure_if_due(app: &App) -> Result<bool, Error> {
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
    store::set_measured(&transaction, now).await?;
    transaction.commit().await?;
    for model in service::decided(app.db().read()).await? {
        if service::is_measured(&model.model) {
            match service::measure(app, ACTOR, model.id).await {
                // It was changed meanwhile, and measured with that.
                Ok(_) | Err(Error::Invalid(_)) => {}
                Err(other) => return Err(other),
            }
        }
    }
    Ok(true)
}
