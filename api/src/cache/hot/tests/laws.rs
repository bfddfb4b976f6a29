//! The laws, over every order in which loads, commits and news may fall.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::*;

/// What may happen next, in one of the processes where that matters.
#[derive(Clone, Debug)]
enum Step {
    /// A reader asks; its load, if it needs one, is held up once it has read.
    Read { world: usize, id: u128, min: bool },
    /// One of the loads that are held up goes on.
    Land(usize),
    /// A commit, not yet told of.
    Commit { world: usize, id: u128 },
    /// One of the commits that were not told of is put out and acknowledged.
    PutOut(usize),
    /// The process forgets what it keeps.
    Forget { world: usize },
    /// Redis loses what it holds.
    Flush,
}

fn steps(worlds: usize, flushes: u32) -> impl Strategy<Value = Vec<Step>> {
    let world = 0..worlds;
    let id = 0..2_u128;
    let step = prop_oneof![
        8 => (world.clone(), id.clone(), any::<bool>())
            .prop_map(|(world, id, min)| Step::Read { world, id, min }),
        6 => any::<usize>().prop_map(Step::Land),
        3 => (world.clone(), id).prop_map(|(world, id)| Step::Commit { world, id }),
        3 => any::<usize>().prop_map(Step::PutOut),
        1 => world.prop_map(|world| Step::Forget { world }),
        flushes => Just(Step::Flush),
    ];
    proptest::collection::vec(step, 1..60)
}

/// What a process has shown or acknowledged so far: no reader who comes later may see less.
type Floor = Arc<Mutex<HashMap<ProfileId, i64>>>;

fn raise(floor: &Floor, id: ProfileId, version: i64) {
    let mut floor = floor.lock().unwrap();
    let known = floor.entry(id).or_insert(0);
    *known = version.max(*known);
}

struct Play {
    database: Database,
    worlds: Vec<World>,
    floors: Vec<Floor>,
    held_up: Arc<Mutex<Vec<oneshot::Sender<()>>>>,
    /// From here on nothing is held up.
    over: Arc<AtomicBool>,
    untold: Vec<(usize, i64, ProfileId, i64)>,
    readers: Vec<JoinHandle<()>>,
}

impl Play {
    async fn new(worlds: usize, redis: Option<&Server>, mib: u64) -> Self {
        let database = Database::new();
        let mut all = Vec::new();
        for _ in 0..worlds {
            all.push(World::on(&database, redis, mib).await);
        }
        Self {
            database,
            floors: all.iter().map(|_| Floor::default()).collect(),
            worlds: all,
            held_up: Arc::default(),
            over: Arc::default(),
            untold: Vec::new(),
            readers: Vec::new(),
        }
    }

    async fn step(&mut self, step: Step, redis: Option<&Server>) {
        match step {
            Step::Read { world, id, min } => self.read(world, super::id(id), min),
            Step::Land(which) => {
                let mut held_up = self.held_up.lock().unwrap();
                if !held_up.is_empty() {
                    let which = which % held_up.len();
                    let _ = held_up.remove(which).send(());
                }
            }
            Step::Commit { world, id } => {
                let id = super::id(id);
                let (commit, version) = self.database.commit(id);
                self.untold.push((world, commit, id, version));
            }
            Step::PutOut(which) => {
                if !self.untold.is_empty() {
                    let which = which % self.untold.len();
                    let (world, commit, id, version) = self.untold.remove(which);
                    self.worlds[world]
                        .hot
                        .put_out(commit, &[(id, version)])
                        .await;
                    raise(&self.floors[world], id, version);
                }
            }
            Step::Forget { world } => self.worlds[world].hot.forget_all(),
            Step::Flush => {
                if let Some(redis) = redis {
                    redis.flush().await;
                }
            }
        }
    }

    fn read(&mut self, world: usize, id: ProfileId, min: bool) {
        let hot = Arc::clone(&self.worlds[world].hot);
        let database = self.database.clone();
        let (held_up, over) = (Arc::clone(&self.held_up), Arc::clone(&self.over));
        let floor = Arc::clone(&self.floors[world]);
        let least = floor.lock().unwrap().get(&id).copied();
        let min = self.database.version(id).filter(|_| min);
        self.readers.push(tokio::spawn(async move {
            let load = async || {
                let value = database.load(id);
                if !over.load(Ordering::SeqCst) {
                    let (go, gone) = oneshot::channel();
                    held_up.lock().unwrap().push(go);
                    let _ = gone.await;
                }
                Ok(value)
            };
            let found = hot.get(id, min, load).await.unwrap();
            let seen = found.map(|value| value.version);
            assert!(seen >= least, "{seen:?} after {least:?} was shown");
            assert!(seen >= min, "{seen:?} where {min:?} was asked for");
            if let Some(seen) = seen {
                raise(&floor, id, seen);
            }
        }));
    }

    /// Lets all come to an end, and sees that all processes then show what is true.
    async fn end(mut self) {
        self.over.store(true, Ordering::SeqCst);
        self.held_up.lock().unwrap().clear();
        for reader in self.readers.drain(..) {
            reader.await.unwrap();
        }
        for (world, commit, id, version) in self.untold.drain(..) {
            let world = &self.worlds[world];
            world.hot.put_out(commit, &[(id, version)]).await;
            assert!(world.read(id).await >= Some(version));
        }
        for id in [id(0), id(1)] {
            let truth = self.database.version(id);
            for world in &self.worlds {
                assert_eq!(world.read_from(id, truth).await, truth);
                assert_eq!(world.read(id).await, truth, "it went back");
            }
        }
    }
}

fn play(worlds: usize, redis: Option<&Server>, mib: u64, steps: Vec<Step>) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut play = Play::new(worlds, redis, mib).await;
        for step in steps {
            play.step(step, redis).await;
            match redis {
                Some(_) => sleep(Duration::from_millis(1)).await,
                None => {
                    for _ in 0..5 {
                        tokio::task::yield_now().await;
                    }
                }
            }
        }
        play.end().await;
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn no_reader_sees_less_than_was_acknowledged_or_shown_before(
        steps in steps(1, 0),
        mib in 0..2_u64,
    ) {
        play(1, None, mib, steps);
    }

    #[test]
    fn no_reader_does_without_redis_beside_another_process(steps in steps(2, 0)) {
        play(2, None, 1, steps);
    }
}

#[test]
fn no_reader_does_with_redis_whatever_that_loses() {
    let server = Server::start();
    let config = ProptestConfig {
        cases: 40,
        ..ProptestConfig::default()
    };
    proptest!(config, |(steps in steps(2, 1), mib in 0..2_u64)| {
        play(2, Some(&server), mib, steps);
    });
}
