//! Prints the figures of the fault experiments as a Markdown table: `faults-table [FILE]`, `target/faults.jsonl` by default.

use std::path::PathBuf;

use lazo_tests::figures::{Figures, table};

#[expect(clippy::print_stdout, reason = "it is what the command is for")]
fn main() {
    let file = std::env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from("target/faults.jsonl"), PathBuf::from);
    print!("{}", table(&Figures::read(&file)));
}
