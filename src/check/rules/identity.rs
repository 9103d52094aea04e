//! Keys, roles and signed addresses.

use super::{fine, patterns};
use crate::check::{Rule, Subject, Verdict};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "identity/secret-in-environment",
        responsibility: "identity credentials",
        about: "Passwords and tokens in environment variables.",
        source: "OWASP Serverless Top 10 (2017), SAS-7; providers' security guides on environment variables",
        judge: secret_in_environment,
    },
    Rule {
        id: "identity/long-lived-key",
        responsibility: "identity credentials",
        about: "Access keys that do not expire where a role or a temporary token would do.",
        source: "providers' guides: use roles with temporary (STS) credentials, not access keys",
        judge: long_lived_key,
    },
    Rule {
        id: "identity/secret-in-path",
        responsibility: "identity credentials",
        about: "Keys, tokens and passwords in the addresses of code and layers.",
        source: "OWASP Serverless Top 10 (2017), SAS-7",
        judge: secret_in_path,
    },
    Rule {
        id: "privilege/wildcard",
        responsibility: "least privilege",
        about: "Wildcard actions or resources in the execution role.",
        source: "OWASP Serverless Top 10 (2017), SAS-4; the principle of least privilege",
        judge: wildcard,
    },
    Rule {
        id: "privilege/administrator",
        responsibility: "least privilege",
        about: "Policies of an administrator.",
        source: "OWASP Serverless Top 10 (2017), SAS-4",
        judge: administrator,
    },
    Rule {
        id: "privilege/storage-wider-than-used",
        responsibility: "least privilege",
        about: "Access to object storage and tables that the code does not use.",
        source: "OWASP Serverless Top 10 (2017), SAS-4",
        judge: wider_than_used,
    },
    Rule {
        id: "download/signed-url",
        responsibility: "temporary code and download URLs",
        about: "Signed addresses in the file.",
        source: "providers' guides on presigned addresses: who has one has the object until it expires",
        judge: signed_url,
    },
];

const ROLE: &str = "deployment.role";

fn secret_in_environment(s: &Subject<'_>) -> Vec<Verdict> {
    let Some(environment) = &s.deployment.environment else {
        return Verdict::ask("environment", "Are there passwords or tokens in its environment variables?");
    };
    let secrets = environment.iter().filter(|(name, value)| patterns::secret(name, value) && !patterns::long_lived_key(value));
    let verdict = |(name, _): &(String, String)| {
        Verdict::error("environment", format!("the environment variable `{name}` holds a secret"))
            .effect("Everyone who may read the configuration, a log of it or this file has the secret, until it is changed.")
            .remedy("Change the secret, keep it in the platform's secret store and read it at run time by the role.")
    };
    secrets.map(verdict).collect()
}

fn long_lived_key(s: &Subject<'_>) -> Vec<Verdict> {
    let Some(environment) = &s.deployment.environment else {
        return Verdict::ask("environment", "Does it use access keys that do not expire?");
    };
    let keys = environment.iter().filter(|(_, value)| patterns::long_lived_key(value));
    let verdict = |(name, _): &(String, String)| {
        Verdict::error("environment", format!("`{name}` holds an access key that does not expire"))
            .effect("A leaked key works until somebody notices, with all that its user may do.")
            .remedy("Delete the key and give the function an execution role: the platform hands it temporary credentials.")
    };
    keys.map(verdict).collect()
}

/// Addresses of code and layers, with the keys they stand at.
fn addresses<'s>(s: &'s Subject<'_>) -> impl Iterator<Item = (&'static str, &'s str)> {
    let code = s.deployment.code.iter().flatten().map(|address| ("deployment.code", address.as_str()));
    code.chain(s.deployment.layers.iter().flatten().map(|layer| ("deployment.layers", layer.name.as_str())))
}

fn secret_in_path(s: &Subject<'_>) -> Vec<Verdict> {
    let bad = |text: &str| patterns::long_lived_key(text) || patterns::token(text) || patterns::credentials_in_address(text);
    let found = addresses(s).filter(|(_, text)| bad(text));
    let verdict = |(key, _): (&'static str, &str)| {
        Verdict::error(key, "an address of code or a layer has a key or password in it")
            .effect("Addresses are kept in logs, histories and caches, and the key with them.")
            .remedy("Change the key, and let the deployment read the code by its role.")
    };
    let found: Vec<Verdict> = found.map(verdict).collect();
    match (&s.deployment.code, found.is_empty()) {
        (None, true) => Verdict::ask("deployment.code", "Are there keys or passwords in the addresses of its code and layers?"),
        _ => found,
    }
}

fn wildcard(s: &Subject<'_>) -> Vec<Verdict> {
    let Some(role) = &s.deployment.role else {
        return Verdict::ask(ROLE, "Does its execution role name actions and resources, without wildcards for all?");
    };
    let all = |action: &&String| action.ends_with('*') && !action.contains(['/']);
    let action = role.actions.iter().find(all);
    let resource =
        role.resources.iter().find(|resource| resource.chars().all(|c| matches!(c, '*' | ':')) || resource.ends_with(":*"));
    let what = match (action, resource) {
        (None, None) => return fine(),
        (Some(action), Some(_)) => format!("the role allows `{action}` on all resources"),
        (Some(action), None) => format!("the role allows all of `{action}`"),
        (None, Some(resource)) => format!("the role's actions are allowed on all resources (`{resource}`)"),
    };
    let verdict = if action.is_some() && resource.is_some() { Verdict::error } else { Verdict::warning };
    vec![
        verdict(ROLE, what)
            .effect("Whoever takes over the function, by a library or an input, may do all of it.")
            .remedy("List the actions that the code uses, on the resources that it uses them on."),
    ]
}

fn administrator(s: &Subject<'_>) -> Vec<Verdict> {
    let Some(role) = &s.deployment.role else {
        return Verdict::ask(ROLE, "Is its execution role free of administrator policies?");
    };
    let admin = |policy: &&String| {
        let lower = policy.to_ascii_lowercase();
        ["administratoraccess", "poweruseraccess", "roles/owner", "roles/editor"].iter().any(|name| lower.contains(name))
            || lower.rsplit('/').next() == Some("owner")
            || lower.ends_with("fullaccess")
    };
    let verdict = |policy: &String| {
        Verdict::error(ROLE, format!("the role has the policy `{policy}`"))
            .effect("Whoever takes over the function administers the service or the account.")
            .remedy("Replace it by a policy of the actions that the code uses.")
    };
    role.policies.iter().filter(admin).map(verdict).collect()
}

fn wider_than_used(s: &Subject<'_>) -> Vec<Verdict> {
    let storage = |action: &&String| ["oss:", "ots:", "s3:", "dynamodb:", "storage."].iter().any(|p| action.starts_with(p));
    let (Some(role), Some(uses)) = (&s.deployment.role, &s.deployment.uses) else {
        let none = s.deployment.role.as_ref().is_some_and(|role| !role.actions.iter().any(|a| storage(&a) || a == "*"));
        return if none {
            fine()
        } else {
            Verdict::ask("deployment.uses", "Which actions on storage and tables does the code use?")
        };
    };
    let unused: Vec<&str> = role.actions.iter().filter(storage).filter(|a| !uses.contains(*a)).map(String::as_str).collect();
    if unused.is_empty() {
        return fine();
    }
    vec![
        Verdict::warning(ROLE, format!("the role allows actions on storage that the code does not use: {}", unused.join(", ")))
            .effect("Data that the function never touches can be read or deleted through it.")
            .remedy("Take them out of the role."),
    ]
}

fn signed_url(s: &Subject<'_>) -> Vec<Verdict> {
    let variables = s.deployment.environment.iter().flatten().map(|(_, value)| ("environment", value.as_str()));
    let found = addresses(s).chain(variables).filter(|(_, text)| patterns::signed_address(text));
    let verdict = |(key, _): (&'static str, &str)| {
        Verdict::error(key, "there is a signed address in the file")
            .effect(
                "Who has the file has the object until the signature expires; afterwards the function or its deployment fails.",
            )
            .remedy("Name the object, and let the role read it.")
    };
    let found: Vec<Verdict> = found.map(verdict).collect();
    let unknown = s.deployment.code.is_none() || s.deployment.environment.is_none();
    if found.is_empty() && unknown {
        let key = if s.deployment.code.is_none() { "deployment.code" } else { "environment" };
        return Verdict::ask(key, "Are the addresses of code and data free of signatures?");
    }
    found
}
