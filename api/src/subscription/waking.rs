//! Wakes those who wait, as this process hears of commits.

use std::time::Duration;

use sea_orm::DbErr;
use tokio::sync::broadcast::Receiver;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::Wakes;
use super::heard::Heard;
use crate::cache::hot::News;
use crate::db::Db;
use crate::profile::feed as profiles;
use crate::segment::feed as segments;

/// Commits that come within this time are heard together.
const TOGETHER: Duration = Duration::from_millis(20);
/// When the database is asked again that has not answered.
const PAUSE: Duration = Duration::from_millis(250);

/// Starts waking by this news, in a task that ends once `stop` is cancelled.
pub(crate) fn start(
    db: Db,
    news: Receiver<News>,
    stop: CancellationToken,
) -> (Wakes, JoinHandle<()>) {
    let wakes = Wakes::default();
    let waking = wake_all(wakes.clone(), db, news);
    let task = tokio::spawn(async move {
        stop.run_until_cancelled(waking).await;
    });
    (wakes, task)
}

async fn wake_all(wakes: Wakes, db: Db, mut news: Receiver<News>) {
    let mut tail = Tail::default();
    let mut owed = None;
    loop {
        let heard = match owed.take() {
            Some(heard) => heard,
            None => match Heard::from(&mut news).await {
                Some(heard) => heard,
                None => return,
            },
        };
        let woken = async {
            tail.wake(&wakes, &db).await?;
            wake_profiles(&wakes, &db, &heard).await
        };
        if woken.await.is_ok() {
            sleep(TOGETHER).await;
        } else {
            // Nobody is woken in vain while the database is away; and what happens meanwhile is found by the next look.
            tracing::debug!("the database does not say for whom there is something new");
            owed = Some(Heard::missed());
            sleep(PAUSE).await;
        }
    }
}

/// How far the transitions of all segments were looked at; nothing while nobody waits for any.
#[derive(Default)]
struct Tail(Option<i64>);

impl Tail {
    async fn wake(&mut self, wakes: &Wakes, db: &Db) -> Result<(), DbErr> {
        let waiting = wakes.segments();
        if waiting.is_empty() {
            self.0 = None;
            return Ok(());
        }
        let last = segments::last(db.read()).await?;
        let moved = match self.0 {
            Some(seen) => segments::moved(db.read(), seen, last).await?,
            None => waiting,
        };
        self.0 = Some(last);
        wakes.wake_segments(&moved);
        Ok(())
    }
}

async fn wake_profiles(wakes: &Wakes, db: &Db, heard: &Heard) -> Result<(), DbErr> {
    wakes.wake_changed(heard);
    if !heard.is_missing() {
        return Ok(());
    }
    let asked = wakes.profiles();
    if !asked.is_empty() {
        let now = profiles::places(db.read(), &asked).await?;
        wakes.wake_moved(&asked, &now);
    }
    Ok(())
}
