//! Who may call the function, and who may change it.

use super::fine;
use crate::check::{Rule, Subject, Verdict};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "access/anonymous-http",
        responsibility: "function access and triggers",
        about: "An HTTP trigger or address that anybody may call.",
        source: "OWASP Serverless Top 10 (2017), SAS-2",
        judge: anonymous,
    },
    Rule {
        id: "access/no-vpc-restriction",
        responsibility: "function access and triggers",
        about: "A function that may be called from outside its private network.",
        source: "providers' guides on private network access to functions",
        judge: vpc,
    },
    Rule {
        id: "access/wildcard-source",
        responsibility: "function access and triggers",
        about: "A trigger whose source is everything.",
        source: "OWASP Serverless Top 10 (2017), SAS-1 and SAS-4",
        judge: wildcard,
    },
    Rule {
        id: "access/who-may-call",
        responsibility: "who may call and change it",
        about: "A resource policy that lets everybody invoke the function.",
        source: "providers' guides on resource policies of functions",
        judge: invokers,
    },
    Rule {
        id: "access/who-may-change",
        responsibility: "who may call and change it",
        about: "Users or roles without a name that may update the function or pass its role.",
        source: "providers' guides: who may pass a role has its permissions",
        judge: maintainers,
    },
];

/// Kinds of triggers that a program anywhere on the network can reach.
fn over_http(kind: &str) -> bool {
    ["http", "url", "api-gateway", "alb"].iter().any(|part| kind.contains(part))
}

fn everything(text: &str) -> bool {
    matches!(text, "*" | "allUsers" | "allAuthenticatedUsers") || text.ends_with(":::*") || text.ends_with(":*")
}

fn anonymous(s: &Subject<'_>) -> Vec<Verdict> {
    let Some(triggers) = &s.deployment.triggers else {
        return Verdict::ask(
            "deployment.triggers",
            "Has it an HTTP trigger or address, and how do its callers prove who they are?",
        );
    };
    let http = triggers.iter().filter(|trigger| over_http(&trigger.kind));
    http.flat_map(|trigger| match trigger.auth.as_deref() {
        Some("anonymous" | "none") => vec![
            Verdict::error("deployment.triggers", format!("anybody may call the `{}` trigger", trigger.kind))
                .effect("A stranger can run it as often as the quota allows, at your cost, with any input.")
                .remedy("Have callers sign their requests or bring a token (JWT), or put a gateway that checks them in front."),
        ],
        Some(_) => fine(),
        None => Verdict::ask(
            "deployment.triggers",
            format!("How do callers of the `{}` trigger prove who they are (`auth`)?", trigger.kind),
        ),
    })
    .collect()
}

fn vpc(s: &Subject<'_>) -> Vec<Verdict> {
    match s.deployment.vpc {
        Some(true) => fine(),
        Some(false) => vec![
            Verdict::note("deployment.vpc", "the function may be called from outside its private network")
                .effect("A leaked credential is enough to call it, from anywhere.")
                .remedy("Restrict callers to a private network, unless the public is to call it."),
        ],
        None => Verdict::ask("deployment.vpc", "May it be called from its private network only?"),
    }
}

fn wildcard(s: &Subject<'_>) -> Vec<Verdict> {
    let Some(triggers) = &s.deployment.triggers else {
        return Verdict::ask("deployment.triggers", "Which buckets, topics or rules may trigger it?");
    };
    let events = triggers.iter().filter(|trigger| !over_http(&trigger.kind) && trigger.kind != "timer");
    events
        .flat_map(|trigger| match trigger.source.as_deref() {
            Some(source) if everything(source) => vec![
                Verdict::error(
                    "deployment.triggers",
                    format!("the `{}` trigger takes events from everything (`{source}`)", trigger.kind),
                )
                .effect("Events of others run the function; if it writes where it is triggered from, it calls itself for ever.")
                .remedy("Name the bucket, topic or rule, with prefix and kind of event."),
            ],
            Some(_) => fine(),
            None => {
                Verdict::ask("deployment.triggers", format!("What is the source of the `{}` trigger (`source`)?", trigger.kind))
            }
        })
        .collect()
}

fn invokers(s: &Subject<'_>) -> Vec<Verdict> {
    let Some(invokers) = &s.deployment.invokers else {
        return Verdict::ask(
            "deployment.invokers",
            "Who may invoke it, by its resource policy and by the policies of users and roles?",
        );
    };
    let all = invokers.iter().filter(|who| everything(who));
    all.map(|who| {
        Verdict::error("deployment.invokers", format!("everybody may invoke it (`{who}`)"))
            .effect("A stranger can run it as often as the quota allows, at your cost.")
            .remedy("Name the services, accounts and roles that call it.")
    })
    .collect()
}

fn maintainers(s: &Subject<'_>) -> Vec<Verdict> {
    let Some(maintainers) = &s.deployment.maintainers else {
        return Verdict::ask(
            "deployment.maintainers",
            "Who may update its code and settings, or pass its role to another function?",
        );
    };
    let all = maintainers.iter().filter(|who| everything(who));
    all.map(|who| {
        Verdict::error("deployment.maintainers", format!("everybody of the account may change it or pass its role (`{who}`)"))
            .effect("Who may change the code has all that the role allows.")
            .remedy("Let one deployment role change it, and name it; restrict passing the role to that one.")
    })
    .collect()
}
