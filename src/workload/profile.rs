//! The shape of traffic over the day and week.

/// Factor on the mean rate, linear between points, periodic, mean 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile;
