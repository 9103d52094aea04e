//! What a platform meters, per function and clock hour: the engine fills these in, billing rates them. A new price needs
//! no new simulation.

/// Classes of waste, in the order in which an attempt is put into one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the classes")]
pub enum Waste {
    Duplicate,
    Abandoned,
    Timeout,
    Crash,
    InitFailure,
    Error,
}

/// Number of classes of waste.
pub const WASTE_CLASSES: usize = 6;

/// Metered usage of one function in one clock hour of the horizon. Times in nanoseconds, summed over instances.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HourMeter {
    /// Billed invocations (requests line): those that started in this hour.
    pub invocations: u64,
    /// Billed time of on-demand instances, after granule and minimum.
    pub active_ns: u64,
    /// Idle time of on-demand instances within the idle release, billed at the idle rate.
    pub idle_ns: u64,
    /// Time provisioned instances were busy.
    pub provisioned_active_ns: u64,
    /// Time provisioned instances were idle.
    pub provisioned_idle_ns: u64,
    /// Response bytes.
    pub egress_bytes: u64,
}

impl HourMeter {
    /// Adds another hour's or function's usage.
    pub fn add(&mut self, other: &Self) {
        self.add_times(other, 1);
    }

    /// Adds another's usage, so many times.
    pub const fn add_times(&mut self, other: &Self, times: u64) {
        self.invocations += other.invocations * times;
        self.active_ns += other.active_ns * times;
        self.idle_ns += other.idle_ns * times;
        self.provisioned_active_ns += other.provisioned_active_ns * times;
        self.provisioned_idle_ns += other.provisioned_idle_ns * times;
        self.egress_bytes += other.egress_bytes * times;
    }
}
