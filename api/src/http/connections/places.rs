//! How many connections there may be at a time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::Networks;
use crate::http::limits::neighbourhood;

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// There are as many connections as there may be.
    All,
    /// There are as many of this address as there may be.
    Address,
}

/// The places for connections; 0 stands for no limit.
#[derive(Debug)]
pub(super) struct Places {
    most: usize,
    most_of_address: usize,
    trusted_proxies: Networks,
    taken: AtomicUsize,
    by_address: Mutex<HashMap<IpAddr, usize>>,
}

impl Places {
    pub(super) fn new(most: usize, most_of_address: usize, trusted_proxies: Networks) -> Arc<Self> {
        Arc::new(Self {
            most,
            most_of_address,
            trusted_proxies,
            taken: AtomicUsize::new(0),
            by_address: Mutex::default(),
        })
    }

    /// How many are taken.
    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    /// Takes a place, which is given back when it is dropped.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr) -> Result<Place, Full> {
        if self.most > 0 && self.taken() >= self.most {
            return Err(Full::All);
        }
        let counted = self.most_of_address > 0 && !self.trusted_proxies.hold(address);
        let address = counted.then(|| neighbourhood(address));
        if let Some(address) = address {
            let mut by_address = self.by_address();
            let taken = by_address.entry(address).or_default();
            if *taken >= self.most_of_address {
                return Err(Full::Address);
            }
            *taken += 1;
        }
        self.taken.fetch_add(1, Ordering::Relaxed);
        Ok(Place {
            places: Arc::clone(self),
            address,
        })
    }

    fn by_address(&self) -> std::sync::MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.by_address
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place that is taken.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    address: Option<IpAddr>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.taken.fetch_sub(1, Ordering::Relaxed);
        if let Some(address) = self.address {
            let mut by_address = self.places.by_address();
            if let Some(taken) = by_address.get_mut(&address) {
                *taken -= 1;
                if *taken == 0 {
                    by_address.remove(&address);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn a_place_is_free_again_when_its_connection_ends() {
        let places = Places::new(3, 2, Networks::default());
        let first = places.take(address(1)).unwrap();
        let _second = places.take(address(1)).unwrap();
        assert_eq!(places.take(address(1)).unwrap_err(), Full::Address);
        let _third = places.take(address(2)).unwrap();
        assert_eq!(places.take(address(3)).unwrap_err(), Full::All);
        drop(first);
        assert!(places.take(address(1)).is_ok());
        assert_eq!(places.taken(), 2);
    }

    #[test]
    fn a_trusted_proxy_has_as_many_as_it_needs_and_zero_is_no_limit() {
        let trusted = serde_json::from_value(serde_json::json!(["192.0.2.1"])).unwrap();
        let places = Places::new(0, 1, trusted);
        let held: Vec<_> = (0..100).map(|_| places.take(address(1))).collect();
        assert!(held.iter().all(Result::is_ok));
        let _one = places.take(address(2)).unwrap();
        assert!(places.take(address(2)).is_err());
    }
}
