//! The `faascast` program: everything is in the library.

fn main() -> std::process::ExitCode {
    faascast::cli::main()
}
