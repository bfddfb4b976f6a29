//! The memory that waiting requests may take, and who may take how much of it.
//!
//! Anybody can begin a request and never end it. So strangers together leave some of the memory to those who are trusted, and one
//! address leaves some of the strangers' to the others.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What one address has at least where there is as much: more than a body without a key in a header may take.
const LEAST_OF_ADDRESS_KIB: usize = 1024;

/// Who asks for memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// The key of a trusted source, or a token.
    Trusted,
    /// Whoever shows nothing yet, or what anybody holds; by the address they come from, where it is known.
    Stranger(Option<IpAddr>),
}

/// The memory of all requests that were read and not yet answered.
pub(super) struct Memory {
    all_kib: usize,
    all: Arc<Semaphore>,
    strangers_kib: usize,
    strangers: Arc<Semaphore>,
    address_kib: usize,
    addresses: Arc<Addresses>,
}

#[derive(Default)]
struct Addresses(Mutex<HashMap<IpAddr, usize>>);

/// A share of the memory that waiting requests may take; it is given back when dropped.
pub struct Share {
    _whole: OwnedSemaphorePermit,
    _strangers: Option<OwnedSemaphorePermit>,
    _address: Option<OfAddress>,
}

struct OfAddress {
    addresses: Arc<Addresses>,
    address: IpAddr,
    kib: usize,
}

impl Memory {
    /// So much memory in all: strangers have five eighths of it, one address an eighth.
    pub(super) fn new(all_kib: usize) -> Self {
        let strangers_kib = all_kib / 8 * 5;
        Self {
            all_kib,
            all: Arc::new(Semaphore::new(all_kib)),
            strangers_kib,
            strangers: Arc::new(Semaphore::new(strangers_kib)),
            address_kib: (all_kib / 8).max(LEAST_OF_ADDRESS_KIB).min(strangers_kib),
            addresses: Arc::default(),
        }
    }

    /// What is left of the whole.
    pub(super) fn all(&self) -> &Arc<Semaphore> {
        &self.all
    }

    /// The most that one request of that holder ever gets, in bytes.
    pub(super) fn most(&self, holder: Holder) -> usize {
        let kib = match holder {
            Holder::Trusted => self.all_kib,
            Holder::Stranger(None) => self.strangers_kib,
            Holder::Stranger(Some(_)) => self.address_kib,
        };
        kib.saturating_mul(1024)
    }

    /// Takes so many bytes, where there are as many for that holder.
    pub(super) fn take(&self, bytes: usize, holder: Holder) -> Option<Share> {
        let kib = bytes / 1024 + 1;
        let permits = u32::try_from(kib).ok()?;
        let of =
            |semaphore: &Arc<Semaphore>| Arc::clone(semaphore).try_acquire_many_owned(permits).ok();
        let (of_address, of_strangers) = match holder {
            Holder::Trusted => (None, None),
            Holder::Stranger(address) => {
                let of_address = match address {
                    Some(address) => Some(self.addresses.take(address, kib, self.address_kib)?),
                    None => None,
                };
                (of_address, Some(of(&self.strangers)?))
            }
        };
        Some(Share {
            _whole: of(&self.all)?,
            _strangers: of_strangers,
            _address: of_address,
        })
    }
}

impl Addresses {
    fn taken(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(self: &Arc<Self>, address: IpAddr, kib: usize, most: usize) -> Option<OfAddress> {
        let mut taken = self.taken();
        let before = taken.get(&address).copied().unwrap_or_default();
        let after = before.saturating_add(kib);
        if after > most {
            return None;
        }
        taken.insert(address, after);
        Some(OfAddress {
            addresses: Arc::clone(self),
            address,
            kib,
        })
    }
}

impl Drop for OfAddress {
    fn drop(&mut self) {
        let mut taken = self.addresses.taken();
        if let Some(kib) = taken.get_mut(&self.address) {
            *kib = kib.saturating_sub(self.kib);
            if *kib == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: usize = 8 * 1024 - 1;
    const ALL_KIB: usize = 64 * 1024;

    fn stranger(last: u8) -> Holder {
        Holder::Stranger(Some(IpAddr::from([192, 0, 2, last])))
    }

    /// Takes in steps until there is no more.
    fn all_of(memory: &Memory, holder: Holder) -> Vec<Share> {
        std::iter::from_fn(|| memory.take(STEP, holder)).collect()
    }

    #[test]
    fn one_address_has_an_eighth_and_strangers_leave_the_trusted_theirs() {
        let memory = Memory::new(ALL_KIB);
        let first = all_of(&memory, stranger(1));
        assert_eq!(first.len() * 8, ALL_KIB / 8);
        let others: Vec<_> = (2..20)
            .map(|last| all_of(&memory, stranger(last)))
            .collect();
        let taken: usize = others.iter().map(Vec::len).sum();
        assert_eq!((first.len() + taken) * 8, ALL_KIB / 8 * 5);
        assert!(memory.take(1, Holder::Stranger(None)).is_none());
        let trusted = all_of(&memory, Holder::Trusted);
        assert_eq!(trusted.len() * 8, ALL_KIB / 8 * 3);
    }

    #[test]
    fn what_is_given_back_is_there_again() {
        let memory = Memory::new(ALL_KIB);
        for _ in 0..3 {
            let taken = all_of(&memory, stranger(1));
            assert_eq!(taken.len() * 8, ALL_KIB / 8);
        }
        assert!(memory.addresses.taken().is_empty());
        assert_eq!(memory.all.available_permits(), ALL_KIB);
        assert_eq!(memory.strangers.available_permits(), ALL_KIB / 8 * 5);
        assert_eq!(all_of(&memory, Holder::Trusted).len() * 8, ALL_KIB);
    }

    #[test]
    fn a_refused_share_takes_nothing() {
        let memory = Memory::new(ALL_KIB);
        let trusted = all_of(&memory, Holder::Trusted);
        assert!(memory.take(1, stranger(1)).is_none());
        drop(trusted);
        assert_eq!(memory.strangers.available_permits(), ALL_KIB / 8 * 5);
        assert!(memory.addresses.taken().is_empty());
    }

    #[test]
    fn however_little_there_is_a_body_without_a_key_fits() {
        let memory = Memory::new(2 * 1024);
        assert_eq!(memory.most(stranger(1)), 1024 * 1024);
        assert!(memory.take(600 * 1024, stranger(1)).is_some());
    }
}
