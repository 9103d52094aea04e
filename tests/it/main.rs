//! One integration binary, a module a subject.

mod support;
mod theory;
