//! The two sources of uncertainty of a forecast, a line a figure.

use super::format;
use super::view;
use crate::study::result::{InputUncertainty, RunResult, SplitFigure};

/// Lines for the summary and the report; none where it was not asked for.
#[must_use]
pub fn lines(r: &RunResult) -> Vec<String> {
    let Some(split) = &r.input_uncertainty else { return Vec::new() };
    let several = r.functions.len() > 1;
    let line = |f: &SplitFigure| {
        let unit = match f.figure.as_str() {
            "instances" | "peak_instances" => format::Unit::Count,
            figure => view::unit_of(figure, &r.fee.currency),
        };
        let whose = if several && !f.function.is_empty() { format!(" of {}", f.function) } else { String::new() };
        let share = f
            .input_share
            .map_or_else(|| "no variance".to_owned(), |share| format!("{:.0} % of the variance is the input's", 100.0 * share));
        format!("{}{whose}: {}, {share}", view::words(&f.figure), format::estimate(&f.estimate, unit))
    };
    let mut lines: Vec<String> = split.figures.iter().map(line).collect();
    lines.push(explanation(split));
    lines
}

fn explanation(split: &InputUncertainty) -> String {
    format!(
        "In brackets here: 95 % bands of simulation and input together, over {} samples of {} uncertain values.",
        split.samples,
        split.varied.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::Estimate;
    use crate::report::sample;

    #[test]
    fn each_figure_says_whose_variance_it_is() {
        let mut r = sample::run_result();
        assert!(lines(&r).is_empty());
        let figure = SplitFigure {
            figure: "p99".into(),
            function: "mail".into(),
            estimate: Estimate::interval(0.5, 0.4, 0.6, 40),
            simulation_sd: 0.01,
            input_sd: 0.03,
            input_share: Some(0.9),
        };
        r.input_uncertainty = Some(InputUncertainty { samples: 40, varied: vec!["a".into()], figures: vec![figure] });
        let lines = lines(&r);
        assert_eq!(lines[0], "p99 of mail: 500 ms (400 to 600), 90 % of the variance is the input's");
        assert!(lines[1].contains("40 samples of 1"));
    }
}
