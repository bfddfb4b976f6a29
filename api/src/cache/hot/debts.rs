//! What could not be put out in Redis yet, and is owed.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lazo_domain::id::ProfileId;
use tokio::time::Instant;

/// Profiles, each with its new version.
pub(super) type Changed = Arc<[(ProfileId, i64)]>;

/// Beyond so many commits and profiles nothing is owed any longer: Redis then needs a new epoch.
const MOST: usize = 10_000;

/// Commits that Redis has not confirmed. A profile is owed before its commit is put out anywhere, so that no reader takes from
/// Redis what the commit has made old.
#[derive(Default)]
pub(super) struct Debts(Mutex<Book>);

#[derive(Default)]
struct Book {
    commits: BTreeMap<i64, Owed>,
    /// The last commit that owes a profile.
    profiles: HashMap<ProfileId, i64>,
    given_up: i64,
}

struct Owed {
    changed: Changed,
    since: Instant,
}

impl Debts {
    /// From now on a commit is owed.
    pub(super) fn owe(&self, commit: i64, changed: &[(ProfileId, i64)], now: Instant) -> Changed {
        let changed = Changed::from(changed);
        let mut book = self.book();
        for (id, _) in changed.iter() {
            book.profiles.insert(*id, commit);
        }
        let owed = Owed {
            changed: Arc::clone(&changed),
            since: now,
        };
        book.commits.insert(commit, owed);
        changed
    }

    /// Redis confirmed a commit.
    pub(super) fn settle(&self, commit: i64) {
        self.book().remove(commit);
    }

    /// Whether Redis may hold an older value of this profile than this process has acknowledged.
    pub(super) fn owes(&self, id: ProfileId) -> bool {
        self.book().profiles.contains_key(&id)
    }

    /// The oldest commit, if it has been owed for longer than `patience`.
    pub(super) fn overdue(&self, now: Instant, patience: Duration) -> Option<(i64, Changed)> {
        let book = self.book();
        let (commit, owed) = book.commits.first_key_value()?;
        (now.duration_since(owed.since) > patience).then(|| (*commit, Arc::clone(&owed.changed)))
    }

    /// Whether more is owed than can be kept in mind; then the last commit that is.
    pub(super) fn too_many(&self) -> Option<i64> {
        let book = self.book();
        if book.commits.len() + book.profiles.len() <= MOST {
            return None;
        }
        book.commits.last_key_value().map(|(commit, _)| *commit)
    }

    /// Nothing up to this commit is owed any longer; Redis must not be read before it knows of these commits in another way.
    pub(super) fn give_up(&self, upto: i64) {
        let mut book = self.book();
        book.given_up = book.given_up.max(upto);
        while let Some(commit) = book.commits.first_key_value().map(|(commit, _)| *commit)
            && commit <= upto
        {
            book.remove(commit);
        }
    }

    /// The last commit that was given up.
    pub(super) fn given_up(&self) -> i64 {
        self.book().given_up
    }

    /// What is behind the lock is whole at every instant, so a panic elsewhere does not spoil it.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn remove(&mut self, commit: i64) {
        let Some(owed) = self.commits.remove(&commit) else {
            return;
        };
        for (id, _) in owed.changed.iter() {
            if self.profiles.get(id) == Some(&commit) {
                self.profiles.remove(id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id(n: u128) -> ProfileId {
        ProfileId(Uuid::from_u128(n))
    }

    #[test]
    fn a_profile_is_owed_until_its_last_commit_is_settled() {
        let debts = Debts::default();
        let now = Instant::now();
        debts.owe(1, &[(id(1), 1), (id(2), 1)], now);
        debts.owe(2, &[(id(1), 2)], now);
        debts.settle(1);
        assert!(debts.owes(id(1)) && !debts.owes(id(2)));
        debts.settle(2);
        assert!(!debts.owes(id(1)));
    }

    #[test]
    fn the_oldest_debt_comes_first_and_not_before_its_time() {
        let (debts, now) = (Debts::default(), Instant::now());
        let later = now + Duration::from_millis(100);
        debts.owe(8, &[(id(1), 2)], now);
        debts.owe(9, &[], later);
        assert!(debts.overdue(now, Duration::ZERO).is_none());
        let (commit, changed) = debts.overdue(later, Duration::ZERO).unwrap();
        assert_eq!((commit, changed.as_ref()), (8, [(id(1), 2)].as_slice()));
        debts.settle(8);
        assert!(debts.overdue(later, Duration::ZERO).is_none());
    }

    #[test]
    fn what_is_given_up_is_not_owed_and_not_forgotten_either() {
        let debts = Debts::default();
        for commit in 1..=10_001 {
            debts.owe(commit, &[], Instant::now());
        }
        let last = debts.too_many().unwrap();
        assert_eq!(last, 10_001);
        debts.give_up(last);
        assert!(
            debts.too_many().is_none() && debts.overdue(Instant::now(), Duration::ZERO).is_none()
        );
        assert_eq!(debts.given_up(), 10_001);
        debts.give_up(7);
        assert_eq!(debts.given_up(), 10_001);
    }
}
