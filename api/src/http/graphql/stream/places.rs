//! How many streams there may be at a time, in all and for each caller.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// There are as many streams as there may be.
    All,
    /// There are as many of this caller as there may be.
    Token,
}

/// The places for streams; 0 stands for no limit.
#[derive(Debug)]
pub(super) struct Places {
    most: usize,
    most_of_caller: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_caller: HashMap<String, usize>,
}

impl Places {
    pub(super) fn new(most: usize, most_of_caller: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            most_of_caller,
            taken: Mutex::default(),
        })
    }

    /// How many are taken.
    pub(super) fn taken(&self) -> usize {
        self.lock().all
    }

    /// Takes a place, which is given back when it is dropped.
    pub(super) fn take(self: &Arc<Self>, caller: &str) -> Result<Place, Full> {
        let is_full = |most: usize, taken: usize| most > 0 && taken >= most;
        let mut taken = self.lock();
        if is_full(self.most, taken.all) {
            return Err(Full::All);
        }
        let own = taken.by_caller.get(caller).copied().unwrap_or_default();
        if is_full(self.most_of_caller, own) {
            return Err(Full::Token);
        }
        taken.all += 1;
        taken.by_caller.insert(caller.to_owned(), own + 1);
        Ok(Place {
            places: Arc::clone(self),
            caller: caller.to_owned(),
        })
    }

    /// What is behind the lock is whole at every instant, so a panic elsewhere does not spoil it.
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place that is taken.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    caller: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        taken.all = taken.all.saturating_sub(1);
        if let Some(own) = taken.by_caller.get_mut(&self.caller) {
            *own -= 1;
            if *own == 0 {
                taken.by_caller.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_stream_ends() {
        let places = Places::new(3, 2);
        let first = places.take("one").unwrap();
        let _second = places.take("one").unwrap();
        assert_eq!(places.take("one").unwrap_err(), Full::Token);
        let _third = places.take("two").unwrap();
        assert_eq!(places.take("three").unwrap_err(), Full::All);
        drop(first);
        assert!(places.take("one").is_ok());
        assert_eq!(places.taken(), 2);
        assert_eq!(places.lock().by_caller.len(), 2);
    }

    #[test]
    fn zero_is_no_limit() {
        let places = Places::new(0, 0);
        let held: Vec<_> = (0..100).map(|_| places.take("one")).collect();
        assert!(held.iter().all(Result::is_ok));
    }
}
