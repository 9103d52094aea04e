//! The arguments of `plan`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{Factors, Growth, factors};

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct PlanArgs {
    /// The scenario file.
    pub(in crate::cli) file: PathBuf,
    /// Growth such as `8%/month` or `50%/year`, or a curve: the factor on today's traffic of each month, such as `1,1.2,1.5`.
    #[arg(long, value_name = "GROWTH", value_parser = growth)]
    pub(in crate::cli) growth: Growth,
    /// How far to look ahead, such as `18months` or `2years`, today's month the first; not with a curve.
    #[arg(long = "for", alias = "months", value_name = "TIME", default_value = "12months", value_parser = months)]
    pub(in crate::cli) months: u16,
    /// Factors of the seasons, one a month from today's on; they repeat, such as `1,1,1.3,0.8`.
    #[arg(long, value_name = "FACTORS", value_parser = factors)]
    pub(in crate::cli) seasons: Option<Factors>,
}

/// Months: `18months`, `2years`, or a bare number of months.
fn months(text: &str) -> Result<u16, String> {
    let wrong = || "expected 1 to 240 months, such as 18months or 2years".to_owned();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let months = match unit.trim() {
        "" | "month" | "months" => 1,
        "year" | "years" => 12,
        _ => return Err(wrong()),
    };
    let all = number.parse::<u16>().ok().and_then(|number| number.checked_mul(months));
    all.filter(|all| (1..=240).contains(all)).ok_or_else(wrong)
}

fn growth(text: &str) -> Result<Growth, String> {
    let wrong = || "expected growth such as 8%/month or 50%/year, or factors such as 1,1.2,1.5".to_owned();
    let Some((percent, unit)) = text.split_once("%/") else { return factors(text).map(Growth::Curve).map_err(|_| wrong()) };
    let share =
        percent.trim().parse::<f64>().ok().map(|p| p / 100.0).filter(|g| (-0.99..=100.0).contains(g)).ok_or_else(wrong)?;
    match unit.trim() {
        "month" => Ok(Growth::Monthly(share)),
        "year" => Ok(Growth::Monthly(libm::pow(1.0 + share, 1.0 / 12.0) - 1.0)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_have_a_unit_or_none() {
        let read = ["18months", "2years", "1 month", "6", "240"].map(|text| months(text).unwrap());
        assert_eq!(read, [18, 24, 1, 6, 240]);
        assert!(["0", "21years", "3weeks", "-1", "", "months"].iter().all(|text| months(text).is_err()));
    }

    #[test]
    fn growth_is_a_rate_or_a_curve() {
        assert_eq!(growth("8%/month"), Ok(Growth::Monthly(0.08)));
        assert!(matches!(growth("50%/year"), Ok(Growth::Monthly(g)) if (libm::pow(1.0 + g, 12.0) - 1.5).abs() < 1e-12));
        assert_eq!(growth("1, 1.5"), Ok(Growth::Curve(Factors(vec![1.0, 1.5]))));
        assert!(growth("8%").is_err() && growth("8%/week").is_err() && growth("-1").is_err());
    }
}
