//! The program as it ships, with the one door that moves its clock.

fn main() -> std::process::ExitCode {
    lazo::run()
}
