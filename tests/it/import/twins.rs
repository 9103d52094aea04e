//! Templates of SAM, and what SAM's own translator makes of them: the same functions with the same settings.

use std::collections::BTreeMap;

use faascast::import::draft::{Function, Written};

use super::imported;

const TWINS: [&str; 4] = [
    "globals_for_function",
    "intrinsic_functions",
    "function_with_alias_and_all_properties_property",
    "capacity_provider_global_with_functions",
];

/// Values by key. Who may call through a gateway stands in the description of its API, which the translator moves.
fn settings(f: &Function) -> BTreeMap<String, Vec<String>> {
    let kind = |text: &str| text.split(", ").next().unwrap_or_default().trim_end_matches(" }").to_owned();
    let of = |setting: &faascast::import::draft::Setting| {
        let key = format!("{}.{}", setting.table, setting.key);
        let values = match &setting.value {
            Written::Value(value) => vec![value.to_string()],
            Written::Items(items) if key == "deployment.triggers" => {
                items.iter().map(|item| kind(&item.value.to_string())).collect()
            }
            Written::Items(items) => items.iter().map(|item| item.value.to_string()).collect(),
        };
        (key, values)
    };
    f.settings.iter().map(of).collect()
}

#[test]
fn sam_and_its_translation_give_the_same_scenario() {
    for twin in TWINS {
        let sam = imported(&format!("sam/translator-{twin}.yaml"));
        let translated = imported(&format!("cloudformation/translator-{twin}.json"));
        let by_name = |imported: &faascast::import::Imported| -> BTreeMap<String, _> {
            let function = |f: &Function| {
                let calls: Vec<_> = f.traffic.iter().map(|traffic| (traffic.call, traffic.rate.clone())).collect();
                (f.name.clone(), (settings(f), calls))
            };
            imported.draft.functions.iter().map(function).collect()
        };
        let (sam, translated) = (by_name(&sam), by_name(&translated));
        assert!(!sam.is_empty());
        assert_eq!(sam.keys().collect::<Vec<_>>(), translated.keys().collect::<Vec<_>>(), "{twin}");
        for (name, (settings, calls)) in &sam {
            let (other, other_calls) = &translated[name];
            assert_eq!(settings, other, "{twin}: {name}");
            assert_eq!(calls, other_calls, "{twin}: {name}");
        }
    }
}
