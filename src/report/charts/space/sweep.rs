//! The space of a sweep.

use super::{Point, Setting, Space, named, settings, target};
use crate::report::sweep::{Swept, plain};
use crate::study::result::Verdict;
use crate::study::sweep::Row;

impl Space {
    /// The combinations of a sweep. `today` has the values of settings in the file, as far as they are known: they are the base,
    /// or the values nearest to them.
    #[must_use]
    pub fn of_sweep(swept: &Swept, today: &[(String, String)]) -> Self {
        let (settings, order) = settings(&swept.dimensions);
        let point = |row: &Row| Point {
            at: row.settings.iter().enumerate().map(|(d, (_, value))| place(swept, &order, d, value)).collect(),
            figures: row.figures.iter().map(|f| (named(&f.figure, &f.function), f.estimate)).collect(),
            verdict: row.verdict(),
            missed: row
                .objectives
                .iter()
                .filter(|o| o.verdict == Verdict::Missed)
                .map(|o| named(&o.figure, &o.function))
                .collect(),
            refused: row.refused.is_some(),
            recommended: false,
            screened: false,
        };
        let base: Vec<(usize, bool)> =
            settings.iter().map(|setting| own(today, setting).map_or((0, false), |value| setting.nearest(value))).collect();
        let exact = base.iter().all(|(_, exact)| *exact);
        let places: Vec<usize> = base.iter().map(|(place, _)| *place).collect();
        let given = swept.rows.iter().find(|row| !row.objectives.is_empty());
        let objectives = given.map(|row| row.objectives.iter().map(|o| target(&o.figure, &o.function, o.target)).collect());
        Self {
            currency: swept.rows.iter().map(|row| row.currency.clone()).find(|c| !c.is_empty()).unwrap_or_default(),
            base_name: base_name(today, &settings, &base),
            marked: Some((places.clone(), if exact { "today" } else { "base" })),
            base: places,
            points: swept.rows.iter().map(point).collect(),
            objectives: objectives.unwrap_or_default(),
            today: None,
            settings,
        }
    }
}

/// A setting's value in the file.
pub(super) fn own<'t>(today: &'t [(String, String)], setting: &Setting) -> Option<&'t str> {
    today.iter().find(|(key, _)| *key == setting.key).map(|(_, value)| value.as_str())
}

fn place(swept: &Swept, order: &[Vec<usize>], d: usize, value: &str) -> usize {
    let given = swept.dimensions.get(d).and_then(|dimension| dimension.values.iter().position(|v| v == value));
    given.and_then(|given| order.get(d)?.get(given).copied()).unwrap_or(0)
}

/// What the base is: the file's own configuration, and where a value of it is not among the values, which one stands for it.
fn base_name(today: &[(String, String)], settings: &[Setting], base: &[(usize, bool)]) -> String {
    let stand_in = |(d, (place, exact)): (usize, &(usize, bool))| {
        let setting = settings.get(d).filter(|_| !exact)?;
        let value = &setting.values.get(*place)?.text;
        Some(match own(today, setting) {
            Some(own) => format!("{} {value} for the file's {}", setting.name, plain(own)),
            None => format!("{} {value}", setting.name),
        })
    };
    let others: Vec<String> = base.iter().enumerate().filter_map(stand_in).collect();
    if others.is_empty() { "as in the file".to_owned() } else { format!("as in the file, with {}", others.join(", ")) }
}
