//! `serve`: the live what-if page, where the program is built with it.

#[cfg(not(feature = "serve"))]
mod disabled;
#[cfg(feature = "serve")]
mod enabled;

#[cfg(not(feature = "serve"))]
pub(in crate::cli) use disabled::serve;
#[cfg(feature = "serve")]
pub(in crate::cli) use enabled::serve;
