//! One integration binary, a module a subject.

mod cli;
mod support;
mod tidy;
mod theory;
