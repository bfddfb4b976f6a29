//! The program.

use std::process::ExitCode;

/// Under load a fifth of the processor time goes to allocation with the system's allocator; jemalloc takes the most of it away.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    lazo::run()
}
