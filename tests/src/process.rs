//! What tests do to other processes, and see of them.

use std::{
    fs,
    process::{Command, Stdio},
};

/// A signal.
#[derive(Clone, Copy, Debug)]
pub enum Signal {
    /// Asks the process to end.
    Terminate,
    /// Freezes it.
    Stop,
    /// Lets it go on.
    Continue,
}

/// Sends a signal. A process that is gone gets none.
pub fn signal(process: u32, signal: Signal) {
    let name = match signal {
        Signal::Terminate => "TERM",
        Signal::Stop => "STOP",
        Signal::Continue => "CONT",
    };
    Command::new("sh")
        .args(["-c", &format!("kill -{name} \"$0\"")])
        .arg(process.to_string())
        .stderr(Stdio::null())
        .status()
        .expect("sh runs");
}

/// The processes that a process has started and that still live.
pub fn children(process: u32) -> Vec<u32> {
    let mut found = vec![];
    for entry in fs::read_dir("/proc").expect("/proc").flatten() {
        let child = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        if let Some(child) = child
            && parent(child) == Some(process)
        {
            found.push(child);
        }
    }
    found
}

/// The fourth field of `/proc/PID/stat`; the second is a name in brackets that may hold anything (proc(5)).
fn parent(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, after) = stat.rsplit_once(')')?;
    after.split_whitespace().nth(1)?.parse().ok()
}

/// The memory of a process that is in use, in MiB.
pub fn memory_mib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("the process lives");
    let resident = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
        .expect("Linux tells the memory of a process");
    resident / 1024
}
