//! What secrets and signed addresses look like. A finding names the variable, never its value.

/// Beginnings of access key ids and their least length: Alibaba Cloud, AWS (long-lived), Google API keys.
const KEY_IDS: [(&str, usize); 3] = [("LTAI", 16), ("AKIA", 20), ("AIza", 35)];
/// Beginnings of other tokens that are recognised as such by secret scanners.
const TOKENS: [&str; 7] = ["ghp_", "github_pat_", "glpat-", "xoxb-", "sk_live_", "sk-", "-----BEGIN "];
/// Parts of names of variables that hold secrets.
const NAMES: [&str; 9] = ["SECRET", "PASSWORD", "PASSWD", "TOKEN", "PRIVATE_KEY", "ACCESS_KEY", "ACCESSKEY", "API_KEY", "APIKEY"];
/// Ends of names that say where a secret is, not what it is.
const POINTERS: [&str; 9] = ["_ARN", "_NAME", "_ID", "_PATH", "_FILE", "_URL", "_TTL", "_HEADER", "_REGION"];
/// Beginnings of values that are looked up at run time.
const REFERENCES: [&str; 7] = ["$", "{{", "arn:", "acs:", "kms:", "@Microsoft.KeyVault", "projects/"];
/// Parts of the query of a signed address.
const SIGNATURES: [&str; 6] =
    ["x-amz-signature=", "x-oss-signature=", "x-goog-signature=", "signature=", "ossaccesskeyid=", "&sig="];

/// Whether a text has an access key that does not expire.
pub(super) fn long_lived_key(text: &str) -> bool {
    words(text).any(|word| KEY_IDS.iter().any(|(begin, least)| word.starts_with(begin) && word.len() >= *least))
}

/// Whether a variable holds a secret, by its name or its value.
pub(super) fn secret(name: &str, value: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let named = NAMES.iter().any(|part| upper.contains(part)) && !POINTERS.iter().any(|end| upper.ends_with(end));
    let referred = value.is_empty() || REFERENCES.iter().any(|begin| value.starts_with(begin)) || value.parse::<f64>().is_ok();
    (named && !referred) || token(value) || credentials_in_address(value)
}

/// Whether a text has a token in a form that scanners know.
pub(super) fn token(text: &str) -> bool {
    TOKENS.iter().any(|begin| text.starts_with(begin) && text.len() > begin.len() + 8)
}

/// Whether an address has a user and a password in it.
pub(super) fn credentials_in_address(text: &str) -> bool {
    let authority = text.split_once("://").map(|(_, rest)| rest.split('/').next().unwrap_or_default());
    authority.and_then(|a| a.rsplit_once('@')).and_then(|(user, _)| user.split_once(':')).is_some_and(|(_, p)| !p.is_empty())
}

/// Whether a text is an address that opens without further proof until it expires.
pub(super) fn signed_address(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains("://") && SIGNATURES.iter().any(|part| lower.contains(part))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_from_where_they_are_kept() {
        assert!(secret("DB_PASSWORD", "hunter2hunter2") && secret("X", "ghp_abcdefghijkl"));
        assert!(secret("DSN", "mysql://shop:pass@db/shop"));
        for (name, value) in [
            ("SECRET_NAME", "prod/db"),
            ("DB_PASSWORD", "${secret:db}"),
            ("API_KEY", ""),
            ("MAX_TOKENS", "4096"),
            ("MODE", "fast"),
            ("URL", "https://shop.example/a@b"),
        ] {
            assert!(!secret(name, value), "{name}");
        }
    }

    #[test]
    fn keys_and_signatures_have_their_form() {
        assert!(long_lived_key(&format!("id={}", ["LTAI", "4Gxxxxxxxxxxxx"].concat())));
        assert!(long_lived_key(&["AKIA", "IOSFODNN7EXAMPLE"].concat()) && !long_lived_key("AKIA"));
        assert!(signed_address("https://b.oss.example/code.zip?Expires=1&Signature=abc") && !signed_address("oss://b/code.zip"));
    }
}
