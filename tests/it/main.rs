//! One integration binary, a module a subject.

mod cli;
mod coverage;
mod support;
mod tidy;
mod theory;
