//! Size of code and layers.

use super::{count, fine, seconds};
use crate::check::{Rule, Subject, Verdict};
use crate::units::Bytes;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "package/near-limit",
        responsibility: "code and layer size",
        about: "Code with its layers at 80 % of the platform's limit or above.",
        source: "row `limits.package` of the platform (`faascast platforms ID`)",
        judge: near_limit,
    },
    Rule {
        id: "package/cold-start",
        responsibility: "code and layer size",
        about: "What the size adds to a cold start, and how often one happens.",
        source: "row `cold_start.fetch_per_second` of the platform; a short simulation of the scenario",
        judge: cold_start,
    },
];

/// From here on the package is worth a word.
const LARGE_S: f64 = 0.5;

fn total(s: &Subject<'_>) -> Option<Bytes> {
    let layers: u64 = s.deployment.layers.iter().flatten().filter_map(|layer| layer.size).map(|size| size.0).sum();
    s.deployment.package.map(|package| Bytes(package.0.saturating_add(layers)))
}

fn near_limit(s: &Subject<'_>) -> Vec<Verdict> {
    let Some(size) = total(s) else { return Verdict::ask("package", "How large is the code with its layers?") };
    let container = matches!(&s.runtime, crate::check::Fact::Known(id) if id.contains("container"));
    let limit = s.platform.bytes(&s.region, if container { "limits.image" } else { "limits.package" });
    let Some(limit) = limit.filter(|limit| limit.0 < u64::MAX && size.0 as f64 >= 0.8 * limit.0 as f64) else { return fine() };
    let verdict = if size > limit { Verdict::error } else { Verdict::warning };
    vec![
        verdict("package", format!("code and layers have {size}, and the limit is {limit}"))
            .effect("Above the limit it cannot be deployed: an update of a library can be enough.")
            .remedy("Leave out what is not used, or deploy it as an image."),
    ]
}

fn cold_start(s: &Subject<'_>) -> Vec<Verdict> {
    let Some(size) = total(s) else { return Verdict::ask("package", "What does fetching the code add to its cold starts?") };
    let Some(speed) = s.platform.bytes(&s.region, "cold_start.fetch_per_second").filter(|speed| speed.0 > 0) else {
        return fine();
    };
    let added = size.0 as f64 / speed.0 as f64;
    if added < LARGE_S {
        return fine();
    }
    let often =
        s.figures.as_ref().map_or_else(String::new, |f| format!(", {} times a month under this traffic", count(f.cold_starts)));
    vec![
        Verdict::warning("package", format!("fetching {size} adds {} to a cold start{often}", seconds(added)))
            .effect("Those requests wait for it, and it is billed where initialisation is.")
            .remedy("Leave out what is not used, load what is rarely used on demand, or keep instances warm."),
    ]
}
