//! What the function reaches: the public network and file systems.

use super::fine;
use crate::check::{Rule, Subject, Verdict};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "network/public-egress",
        responsibility: "external network",
        about: "A way to the public network where only the private one is needed.",
        source: "OWASP Serverless Top 10 (2017), SAS-8; providers' guides on private networks",
        judge: egress,
    },
    Rule {
        id: "network/mount-unencrypted",
        responsibility: "mounted file systems",
        about: "File systems mounted without encryption in transit.",
        source: "providers' guides on NAS and EFS: encryption in transit is a mount option",
        judge: mounts,
    },
];

fn egress(s: &Subject<'_>) -> Vec<Verdict> {
    match (s.deployment.public_egress, s.deployment.egress_needed) {
        (Some(false), _) | (Some(true), Some(true)) => fine(),
        (Some(true), Some(false)) => vec![
            Verdict::warning("deployment.public_egress", "the function reaches the public network, and need not")
                .effect("Code of a bad library can send out what it finds.")
                .remedy("Switch public egress off, and reach services of the provider by private endpoints."),
        ],
        (Some(true), None) => Verdict::ask("deployment.egress_needed", "It reaches the public network: does its code need to?"),
        (None, _) => Verdict::ask("deployment.public_egress", "Does it reach the public network, and need to?"),
    }
}

fn mounts(s: &Subject<'_>) -> Vec<Verdict> {
    let Some(mounts) = &s.deployment.mounts else {
        return Verdict::ask("deployment.mounts", "Are file systems mounted, and encrypted in transit?");
    };
    mounts
        .iter()
        .flat_map(|mount| match mount.encrypted {
            Some(true) => fine(),
            Some(false) => vec![
                Verdict::warning("deployment.mounts", format!("`{}` is mounted without encryption in transit", mount.path))
                    .effect("Who can listen on the network reads the files.")
                    .remedy("Mount it with TLS (`encrypted = true`)."),
            ],
            None => Verdict::ask("deployment.mounts", format!("Is `{}` encrypted in transit (`encrypted`)?", mount.path)),
        })
        .collect()
}
