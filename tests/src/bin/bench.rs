//! Measures the program: `cargo run --release -p lazo-tests --bin bench -- [--quick] [--json FILE] [NAME]`.

use std::{
    path::PathBuf,
    process::{Command, ExitCode},
};

use lazo_tests::{
    bench::{Options, run},
    source_code::root,
};
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "usage: bench [--quick] [--json FILE] [--program FILE] [--set LAZO_NAME=VALUE]... [NAME]

Builds the release program, starts it on private databases, measures it and prints a table. NAME runs the sections
whose name contains it: ingestion, standing, reads, scale, previews, timer, resources. --quick takes a look in about
a minute.";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(options) = options() else {
        return ExitCode::from(2);
    };
    let (Ok(mut terminated), Ok(mut interrupted)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        return ExitCode::FAILURE;
    };
    // Whatever ends the run, what it started is dropped with it, and so stopped.
    tokio::select! {
        table = run(options) => {
            print(&table);
            ExitCode::SUCCESS
        }
        _ = terminated.recv() => ExitCode::from(143),
        _ = interrupted.recv() => ExitCode::from(130),
    }
}

fn options() -> Option<Options> {
    let mut options = Options {
        program: PathBuf::new(),
        json: root().join("target/bench.json"),
        quick: false,
        filter: None,
        settings: Vec::new(),
    };
    let mut program = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => options.quick = true,
            "--json" => options.json = arguments.next()?.into(),
            "--program" => program = Some(std::fs::canonicalize(arguments.next()?).ok()?),
            "--set" => {
                let setting = arguments.next()?;
                let (name, value) = setting.split_once('=')?;
                options.settings.push((name.to_owned(), value.to_owned()));
            }
            name if !name.starts_with('-') => options.filter = Some(name.to_owned()),
            _ => {
                print(USAGE);
                return None;
            }
        }
    }
    options.program = program.or_else(build)?;
    Some(options)
}

/// Builds the program as it ships.
fn build() -> Option<PathBuf> {
    let built = Command::new("cargo")
        .args(["build", "--release", "--package", "lazo"])
        .current_dir(root())
        .status();
    let target = std::env::current_exe().ok()?;
    let folder = target.parent()?.parent()?.join("release");
    built
        .is_ok_and(|status| status.success())
        .then(|| folder.join("lazo"))
}

#[expect(clippy::print_stdout, reason = "the table is what the bench is for")]
fn print(text: &str) {
    println!("{text}");
}
