//! Taking a sweep on: outside of the writer is found out whom it is about, so that nobody waits for that, and the writer decides them.

use std::time::Duration;

use lazo_domain::id::ProfileId;
use lazo_entity::sweep::Model;

use super::sweep::{self, Listed, Visit};
use super::{Step, candidates, store};
use crate::app::App;
use crate::condition::sql::all_placed;
use crate::error::Error;

/// How many ids are given to the writer with a step; it decides as many of them as it has time for.
const AT_A_TIME: usize = 2_000;

/// How many ids are kept of those whom a sweep is about.
const PAGE: u32 = 100_000;

/// How long finding out whom a sweep is about may take. Beyond that it is about everybody.
const PATIENCE: Duration = Duration::from_mins(5);

/// What a process knows of the sweep.
#[derive(Debug, Default)]
pub(crate) struct Sweeper {
    /// The number of the definitions of the sweep that is known.
    target: i64,
    /// How many profiles there are to be decided.
    total: Option<i64>,
    /// A part of those whom it is about; none if these are all profiles.
    page: Option<Listed>,
}

impl Sweeper {
    /// Decides the next profiles of the sweep. Returns how many they were; none where the sweep is at its end.
    pub(crate) async fn step(&mut self, app: &App) -> Result<usize, Error> {
        let Some(sweep) = sweep::open(app.db().read()).await? else {
            return Ok(0);
        };
        if self.target != sweep.target {
            self.learn(app, &sweep).await?;
        } else if self.is_through(&sweep) {
            self.page = self.list(app, &sweep).await?;
        }
        let visit = self.visit(&sweep);
        app.writer().stand(Step::Sweep(visit)).await
    }

    /// Whether there are others to be decided than those that are known.
    fn is_through(&self, sweep: &Model) -> bool {
        let mut page = self.page.iter();
        page.any(|page| !page.are_last && page.after(sweep.position).is_empty())
    }

    fn visit(&self, sweep: &Model) -> Visit {
        let Some(page) = &self.page else {
            return Visit::Everybody(self.total);
        };
        let left = page.after(sweep.position);
        let next: Vec<ProfileId> = left.iter().copied().take(AT_A_TIME).collect();
        Visit::These(Listed {
            target: page.target,
            are_last: page.are_last && next.len() == left.len(),
            profiles: next,
            total: page.total,
        })
    }

    /// Finds out whom a sweep is about, and how many they are.
    async fn learn(&mut self, app: &App, sweep: &Model) -> Result<(), Error> {
        self.total = sweep.total;
        self.page = self.list(app, sweep).await?;
        self.total = match &self.page {
            Some(page) => Some(page.total),
            None if self.total.is_some() => self.total,
            None => Some(store::count_profiles(app.db().read()).await?),
        };
        self.target = sweep.target;
        Ok(())
    }

    /// The next of those whom a sweep is about; none if these are all profiles, or if the database does not tell in time.
    async fn list(&self, app: &App, sweep: &Model) -> Result<Option<Listed>, Error> {
        let listed = tokio::time::timeout(PATIENCE, self.list_now(app, sweep));
        listed.await.unwrap_or(Ok(None))
    }

    async fn list_now(&self, app: &App, sweep: &Model) -> Result<Option<Listed>, Error> {
        let Some(segments) = sweep::segments(sweep) else {
            return Ok(None);
        };
        // The instant of the conditions is later than that of what is seen, so that nothing that is seen lies ahead.
        let snapshot = app.db().preview(PATIENCE + Duration::from_secs(1)).await?;
        let connection = snapshot.connection();
        let definitions = app.definitions().current(connection).await?;
        let placed = all_placed(connection, app.now()).await?;
        let Some(candidates) = candidates::of(app, &definitions, &segments, placed) else {
            return Ok(None);
        };
        let profiles = candidates.page(connection, sweep.position, PAGE).await?;
        let are_last = u32::try_from(profiles.len()).is_ok_and(|read| read < PAGE);
        let counted = i64::try_from(profiles.len()).unwrap_or(i64::MAX);
        let total = match self.total {
            Some(total) => total,
            None if are_last => sweep.done.saturating_add(counted),
            None => candidates.count(connection).await?,
        };
        snapshot.end().await?;
        Ok(Some(Listed {
            target: sweep.target,
            profiles,
            are_last,
            total,
        }))
    }
}
