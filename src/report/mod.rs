//! Results as text, data and pictures. Takes a finished [`RunResult`](crate::study::result::RunResult) and returns strings
//! and bytes: nothing here simulates, reads or writes a file.

pub mod calibrate;
pub mod charts;
pub mod check;
pub mod compare;
pub mod csv;
pub mod document;
pub mod fleet;
pub mod focus;
pub mod format;
pub mod html;
pub mod input;
pub mod json;
pub mod listing;
pub mod markdown;
pub mod plan;
pub mod price;
pub mod rare;
pub mod run;
#[cfg(test)]
pub(crate) mod sample;
pub mod storm;
pub mod sweep;
mod systems;
pub mod text;
pub mod tune;
mod view;
