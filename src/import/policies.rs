//! What an execution role allows: managed policies by name, and statements.

use super::draft::{Function, Origin};
use super::literal::Literal;
use super::table::Field;

/// What the policies of a role allow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policies {
    /// Managed policies.
    pub names: Vec<String>,
    /// Allowed actions.
    pub actions: Vec<String>,
    /// Resources that they are allowed on.
    pub resources: Vec<String>,
}

impl Policies {
    /// Adds a statement: what it denies, and its conditions, are not looked at.
    pub fn statement(&mut self, field: &Field<'_>) {
        let Some(statement) = field.table() else { return };
        statement.no_effect(&["sid"]);
        let texts = |key: &str| -> Vec<String> {
            statement.get(key).map(|field| field.items().iter().filter_map(Field::loose).collect()).unwrap_or_default()
        };
        let (actions, resources) = (texts("action"), texts("resource"));
        if statement.get("effect").and_then(|field| field.text()).is_some_and(|effect| effect.eq_ignore_ascii_case("deny")) {
            return;
        }
        self.allow(actions, resources);
    }

    /// Adds what is allowed on what.
    pub fn allow(&mut self, actions: Vec<String>, resources: Vec<String>) {
        for (to, from) in [(&mut self.actions, actions), (&mut self.resources, resources)] {
            for text in from {
                if !to.contains(&text) {
                    to.push(text);
                }
            }
        }
    }

    /// Adds a managed policy by its name, the last part of its address.
    pub fn managed(&mut self, policy: &str) {
        let name = policy.rsplit('/').next().unwrap_or(policy).to_owned();
        if !self.names.contains(&name) {
            self.names.push(name);
        }
    }

    /// Adds what others allow.
    pub fn extend(&mut self, others: &Self) {
        others.names.iter().for_each(|name| self.managed(name));
        self.allow(others.actions.clone(), others.resources.clone());
    }

    /// Writes them down, if there are any.
    pub fn set(&self, f: &mut Function, origin: &Origin) {
        let lists = [("actions", &self.actions), ("resources", &self.resources), ("policies", &self.names)];
        for (key, texts) in lists.into_iter().filter(|(_, texts)| !texts.is_empty()) {
            let list = Literal::texts(texts.iter().map(String::as_str));
            f.set(&format!("deployment.role.{key}"), list, origin.clone());
        }
    }
}
