//! The parts that a bill is made of.

/// What an instance does while time is billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// An on-demand instance at work.
    Active,
    /// An on-demand instance idle, within the idle release.
    Idle,
    /// A provisioned instance at work.
    ProvisionedActive,
    /// A provisioned instance idle.
    ProvisionedIdle,
}

/// What of an instance is billed by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// vCPU.
    Vcpu,
    /// Memory in GiB.
    Memory,
    /// Disk in GiB above the free part.
    Disk,
    /// GPU memory in GiB.
    Gpu,
}

/// All states, in the order of lines.
pub const STATES: [State; 4] = [State::Active, State::Idle, State::ProvisionedActive, State::ProvisionedIdle];
/// All resources, in the order of lines.
pub const RESOURCES: [Resource; 4] = [Resource::Vcpu, Resource::Memory, Resource::Disk, Resource::Gpu];

/// One part of a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    /// The charge for each invocation.
    Invocations,
    /// Time.
    Time(State, Resource),
    /// Response bytes.
    Egress,
    /// What the round-up of each billing cycle added.
    Rounding,
    /// What the minimum charge of each billing cycle added, in money.
    Minimum,
}

/// Number of components.
pub const COMPONENTS: usize = 20;

impl Component {
    /// All components by index.
    #[must_use]
    pub fn all() -> [Self; COMPONENTS] {
        let mut all = [Self::Invocations; COMPONENTS];
        for (s, state) in STATES.into_iter().enumerate() {
            for (r, resource) in RESOURCES.into_iter().enumerate() {
                all[1 + 4 * s + r] = Self::Time(state, resource);
            }
        }
        all[17] = Self::Egress;
        all[18] = Self::Rounding;
        all[19] = Self::Minimum;
        all
    }

    /// Position in `all`.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Invocations => 0,
            Self::Time(state, resource) => 1 + 4 * state as usize + resource as usize,
            Self::Egress => 17,
            Self::Rounding => 18,
            Self::Minimum => 19,
        }
    }

    /// Name in results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        const NAMES: [&str; COMPONENTS] = [
            "invocations",
            "vcpu",
            "memory",
            "disk",
            "gpu",
            "idle_vcpu",
            "idle_memory",
            "idle_disk",
            "idle_gpu",
            "provisioned_vcpu",
            "provisioned_memory",
            "provisioned_disk",
            "provisioned_gpu",
            "provisioned_idle_vcpu",
            "provisioned_idle_memory",
            "provisioned_idle_disk",
            "provisioned_idle_gpu",
            "egress",
            "hourly_rounding",
            "minimum_charge",
        ];
        NAMES[self.index()]
    }

    /// Whether it is paid for idle capacity.
    #[must_use]
    pub const fn is_idle(self) -> bool {
        matches!(self, Self::Time(State::Idle | State::ProvisionedIdle, _))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_and_names_are_in_one_order() {
        for (index, component) in Component::all().into_iter().enumerate() {
            assert_eq!(component.index(), index);
        }
        assert_eq!(Component::Time(State::ProvisionedIdle, Resource::Memory).name(), "provisioned_idle_memory");
        assert_eq!(Component::Minimum.name(), "minimum_charge");
    }
}
