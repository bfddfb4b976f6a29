//! The timer: decides profiles when an instant has come at which time alone may change something, and goes on with the sweep.
//!
//! Each process of a deployment has one. They need not agree: what one has decided is not due any more for another.

use std::convert::Infallible;
use std::time::Duration;

use lazo_domain::clock::Timestamp;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Step, Sweeper};
use crate::app::App;
use crate::error::Error;
use crate::{lifecycle, score};

/// How often is looked for what is due: whoever leaves a segment because time passed has left it within a second.
const TICK: Duration = Duration::from_millis(250);
/// How often is looked whether the population is to be measured again.
const MEASURING: Duration = Duration::from_mins(1);
/// So many at once that are due come before the sweep,
const MANY: usize = 50;
/// which then has a turn in so many.
const TURN_OF_THE_SWEEP: u64 = 4;
/// By how much the clock may go back before everybody is decided anew, in milliseconds.
const GONE_BACK: i64 = 60_000;
/// How long is waited after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Starts the timer, which ends once `stop` is cancelled.
pub fn start(app: App, stop: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        // Measuring takes long where there are many customers, and what is due does not wait for it.
        let both = async { tokio::join!(deciding(&app), measuring(&app)) };
        stop.run_until_cancelled(Box::pin(both)).await;
    })
}

async fn deciding(app: &App) {
    while super::sweep::begin_first(app).await.is_err() {
        tokio::time::sleep(AFTER_FAILURE).await;
    }
    let (mut sweeper, mut latest) = (Sweeper::default(), app.now());
    for number in 0_u64.. {
        let done = async {
            heed_the_clock(app, &mut latest).await?;
            round(app, &mut sweeper, number).await
        };
        let pause = match done.await {
            Ok(true) => Duration::ZERO,
            Ok(false) => TICK,
            Err(error) => {
                // Of what passes, the writer says that the database is away.
                if !error.is_passing() {
                    let error = error.for_the_log();
                    tracing::error!(error, "who is due is not decided");
                }
                AFTER_FAILURE
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Begins to decide everybody anew where the clock went back: who was decided for a time that is still to come has no instant any more
/// at which that would be seen.
async fn heed_the_clock(app: &App, latest: &mut Timestamp) -> Result<(), Error> {
    let now = app.now();
    if now.plus_millis(GONE_BACK) < *latest {
        tracing::warn!("the clock went back: where profiles stand is decided anew");
        let transaction = app.db().begin().await?;
        super::sweep::begin(&transaction, now).await?;
        transaction.commit().await?;
    }
    *latest = now;
    Ok(())
}

async fn measuring(app: &App) -> Infallible {
    loop {
        let measured = [
            lifecycle::service::measure_if_due(app).await,
            score::daily::measure_if_due(app).await,
        ];
        for error in measured.into_iter().filter_map(Result::err) {
            let error = error.for_the_log();
            tracing::error!(error, "the population was not measured");
        }
        tokio::time::sleep(MEASURING).await;
    }
}

/// Does one step of what is due, and one of the sweep where not many are due. Returns whether there may be more to do at once.
async fn round(app: &App, sweeper: &mut Sweeper, number: u64) -> Result<bool, Error> {
    let mut due = 0;
    if super::store::is_due(app.db().read(), app.now()).await? {
        due = app.writer().stand(Step::Due).await?;
    }
    // Who is due has an instant to be kept.
    if due >= MANY && !number.is_multiple_of(TURN_OF_THE_SWEEP) {
        return Ok(true);
    }
    let swept = sweeper.step(app).await?;
    Ok(due + swept > 0)
}
