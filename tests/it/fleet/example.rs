//! The figures of `docs/fleet.md`.
