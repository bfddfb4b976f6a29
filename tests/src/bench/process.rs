//! What running processes take, as the kernel counts it.

use std::{fs, time::Duration};

use super::number;

/// The kernel counts processor time for everybody in hundredths of a second (`USER_HZ`).
const TICK: Duration = Duration::from_millis(10);

/// A process and, where they work for it, its children.
#[derive(Clone, Copy, Debug)]
pub struct Process {
    id: u32,
    with_children: bool,
}

impl Process {
    /// A process alone.
    pub fn alone(id: u32) -> Self {
        Self {
            id,
            with_children: false,
        }
    }

    /// A process with its children, those that have ended included.
    pub fn with_children(id: u32) -> Self {
        Self {
            id,
            with_children: true,
        }
    }

    /// The bench itself.
    pub fn own() -> Self {
        Self::alone(std::process::id())
    }

    /// The processor time it has taken so far.
    pub fn cpu(self) -> Duration {
        let own = Stat::of(self.id).expect("the process runs");
        let mut ticks = own.ticks;
        if self.with_children {
            ticks += own.ticks_of_ended;
            ticks += fs::read_dir("/proc")
                .into_iter()
                .flatten()
                .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
                .filter_map(Stat::of)
                .filter(|stat| stat.parent == self.id)
                .map(|stat| stat.ticks + stat.ticks_of_ended)
                .sum::<u32>();
        }
        TICK * ticks
    }

    /// The processor time that the threads which it has now have taken so far, to the nanosecond: what sends a load takes less in a
    /// round than the hundredth of a second to which [`Self::cpu`] counts.
    pub fn cpu_of_threads(self) -> Duration {
        let threads = fs::read_dir(format!("/proc/{}/task", self.id)).expect("the process runs");
        let nanoseconds = threads.filter_map(|thread| {
            // <https://docs.kernel.org/scheduler/sched-stats.html>: the first number is the time on a processor.
            let stat = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
            stat.split(' ').next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(nanoseconds.sum())
    }

    /// The memory it has in RAM, in MiB.
    pub fn resident(self) -> f64 {
        self.memory("VmRSS:")
    }

    /// The most memory it ever had in RAM, in MiB.
    pub fn peak(self) -> f64 {
        self.memory("VmHWM:")
    }

    fn memory(self, name: &str) -> f64 {
        let status =
            fs::read_to_string(format!("/proc/{}/status", self.id)).expect("the process runs");
        let kibibytes = status
            .lines()
            .find_map(|line| {
                line.strip_prefix(name)?
                    .split_whitespace()
                    .next()?
                    .parse()
                    .ok()
            })
            .expect("the kernel counts memory");
        number(kibibytes) / 1024.0
    }
}

/// Whose child a process is.
pub fn parent(id: u32) -> u32 {
    Stat::of(id).expect("the process runs").parent
}

struct Stat {
    parent: u32,
    ticks: u32,
    ticks_of_ended: u32,
}

impl Stat {
    fn of(id: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name of a process stands in brackets and may hold anything.
        let (_, rest) = stat.rsplit_once(") ")?;
        let fields: Vec<u32> = rest
            .split(' ')
            .map(|field| field.trim().parse().unwrap_or_default())
            .collect();
        let sum = |places: [usize; 2]| Some(fields.get(places[0])? + fields.get(places[1])?);
        Some(Self {
            parent: *fields.get(1)?,
            ticks: sum([11, 12])?,
            ticks_of_ended: sum([13, 14])?,
        })
    }
}
