//! What the cache counts, for whoever operates it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::metrics::{Meters, Series};

/// Declares the counters and their readings side by side.
macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Counts since the process began.
        #[derive(Debug, Default)]
        pub struct Counters {
            $($(#[$doc])* pub(super) $name: Count,)*
        }

        /// The counts at one instant.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Counted {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Counters {
            /// The counts now.
            pub fn snapshot(&self) -> Counted {
                Counted { $($name: self.$name.get(),)* }
            }
        }
    };
}

counters! {
    /// Reads answered by the process.
    process_hits,
    /// Reads answered by Redis.
    redis_hits,
    /// Reads that the process could not answer.
    misses,
    /// Loads from the database that began.
    loads,
    /// Values that were not kept, because something had changed since they were read.
    refused_fills,
    /// Profiles put out, by this process's commits and by others of which it heard.
    put_outs,
    /// Commits that could not be put out in Redis at the first attempt.
    debts,
    /// Times that Redis was given up on for a while.
    breaker_openings,
    /// Times that the process forgot everything.
    forgotten,
    /// New cache epochs that this process started.
    epochs,
}

impl Counters {
    /// Shows the counts to the operator.
    pub(super) fn show(self: &Arc<Self>, meters: &Meters) {
        let series = |labels: &[(&'static str, &'static str)], count: fn(&Self) -> &Count| {
            let counters = Arc::clone(self);
            Series::of(labels, move || count(&counters).get())
        };
        meters.counters(
            "hot_profile_hits",
            "Reads of hot profiles that a cache answered",
            vec![
                series(&[("cache", "process")], |counts| &counts.process_hits),
                series(&[("cache", "redis")], |counts| &counts.redis_hits),
            ],
        );
        let one = |name, help, count| meters.counters(name, help, vec![series(&[], count)]);
        one(
            "hot_profile_misses",
            "Reads of hot profiles that the process's cache could not answer",
            |counts| &counts.misses,
        );
        one(
            "hot_profile_loads",
            "Loads of hot profiles from the database",
            |counts| &counts.loads,
        );
        one(
            "hot_profile_refused_fills",
            "Hot profiles that were not kept, because something had changed since they were read",
            |counts| &counts.refused_fills,
        );
        one(
            "hot_profile_put_outs",
            "Profiles whose hot form was put out by a commit",
            |counts| &counts.put_outs,
        );
        one(
            "hot_profile_debts",
            "Commits that could not be put out in Redis at the first attempt",
            |counts| &counts.debts,
        );
        one(
            "hot_profile_breaker_openings",
            "Times that Redis was given up on for a while",
            |counts| &counts.breaker_openings,
        );
        one(
            "hot_profile_forgotten",
            "Times that the process forgot all hot profiles",
            |counts| &counts.forgotten,
        );
        one(
            "hot_profile_epochs",
            "Cache epochs that this process started",
            |counts| &counts.epochs,
        );
    }
}

/// One count.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    /// One more.
    pub(super) fn up(&self) {
        self.add(1);
    }

    /// So many more.
    pub(super) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
