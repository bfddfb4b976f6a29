//! One load for all who ask for the same profile at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lazo_domain::id::ProfileId;
use tokio::sync::watch;

use super::stamps::Ticket;

/// The loads under way.
pub(super) struct Flights<V, E>(Mutex<Board<V, E>>);

struct Board<V, E> {
    /// The number of the last flight that began.
    last: u64,
    flights: HashMap<ProfileId, Entry<V, E>>,
}

struct Entry<V, E> {
    number: u64,
    /// Whether it passes Redis over.
    strict: bool,
    /// What it noted before it read; none while it has not begun to read.
    ticket: Option<Ticket>,
    landing: watch::Receiver<Option<Landed<V, E>>>,
}

/// What a flight brought.
pub(super) struct Landed<V, E> {
    /// The value; none where there is no such profile.
    pub(super) result: Result<Option<Arc<V>>, E>,
    /// The number of the flight, if it asked the database: it knows all that was committed before it began.
    pub(super) knows_since: Option<u64>,
}

impl<V, E: Clone> Clone for Landed<V, E> {
    fn clone(&self) -> Self {
        Self {
            result: self.result.clone(),
            knows_since: self.knows_since,
        }
    }
}

/// Whose flight a reader takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Want {
    /// Any that knows all that was put out in this process.
    Any,
    /// One that passes Redis over and began after that flight.
    Strict(u64),
}

/// A reader's place.
pub(super) enum Seat<'a, V, E> {
    /// It loads, for others too.
    Lead(Flight<'a, V, E>),
    /// It waits for another's load.
    Join(Joined<V, E>),
}

impl<V, E: Clone> Flights<V, E> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Board {
            last: 0,
            flights: HashMap::new(),
        }))
    }

    /// The number of the last flight that began: those with a greater number begin after this instant.
    pub(super) fn last(&self) -> u64 {
        self.board().last
    }

    /// Joins a flight that satisfies the reader, or begins one. `holds` says whether a ticket is still good.
    pub(super) fn board_one(
        &self,
        id: ProfileId,
        want: Want,
        holds: impl FnOnce(Ticket) -> bool,
    ) -> Seat<'_, V, E> {
        let mut board = self.board();
        if let Some(flight) = board.flights.get(&id) {
            let good = match want {
                // One that has not begun to read will read what is true after this instant.
                Want::Any => flight.ticket.is_none_or(holds),
                Want::Strict(after) => flight.strict && flight.number > after,
            };
            if good {
                return Seat::Join(Joined(flight.landing.clone()));
            }
        }
        board.last += 1;
        let number = board.last;
        let (landing, receiver) = watch::channel(None);
        let entry = Entry {
            number,
            strict: matches!(want, Want::Strict(_)),
            ticket: None,
            landing: receiver,
        };
        board.flights.insert(id, entry);
        Seat::Lead(Flight {
            flights: self,
            id,
            number,
            landing,
        })
    }
}

impl<V, E> Flights<V, E> {
    /// What is behind the lock is whole at every instant, so a panic elsewhere does not spoil it.
    fn board(&self) -> MutexGuard<'_, Board<V, E>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A load under way. Dropping it without landing lets those who wait look for another.
pub(super) struct Flight<'a, V, E> {
    flights: &'a Flights<V, E>,
    id: ProfileId,
    number: u64,
    landing: watch::Sender<Option<Landed<V, E>>>,
}

impl<V, E> Flight<'_, V, E> {
    /// Its number.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// It begins to read, having noted that ticket.
    pub(super) fn begins(&self, ticket: Ticket) {
        let mut board = self.flights.board();
        if let Some(entry) = board.flights.get_mut(&self.id)
            && entry.number == self.number
        {
            entry.ticket = Some(ticket);
        }
    }

    /// Tells those who wait.
    pub(super) fn land(&self, landed: Landed<V, E>) {
        self.landing.send_replace(Some(landed));
    }
}

impl<V, E> Drop for Flight<'_, V, E> {
    fn drop(&mut self) {
        let mut board = self.flights.board();
        if board
            .flights
            .get(&self.id)
            .is_some_and(|entry| entry.number == self.number)
        {
            board.flights.remove(&self.id);
        }
    }
}

/// A wait for another's load.
pub(super) struct Joined<V, E>(watch::Receiver<Option<Landed<V, E>>>);

impl<V, E: Clone> Joined<V, E> {
    /// What the flight brought; none where it was given up.
    pub(super) async fn landed(mut self) -> Option<Landed<V, E>> {
        let landed = self.0.wait_for(Option::is_some).await.ok()?;
        landed.clone()
    }
}
