//! Amounts as Kubernetes writes them: `500m` of a CPU, `512Mi` of memory.

/// CPUs.
pub(in crate::import) fn vcpus(text: &str) -> Option<f64> {
    let text = text.trim();
    let (number, factor) = text.strip_suffix('m').map_or((text, 1.0), |number| (number, 0.001));
    let number = plain(number)?;
    // `1000m` is one CPU, not 1.0000000000000002.
    Some((number * factor * 1e6).round() / 1e6)
}

/// MiB, and what was done to come to it. Cloud providers sell binary sizes: `256M` of a function is sold as 256 MiB.
pub(in crate::import) fn mebibytes(text: &str) -> Option<(f64, Option<String>)> {
    const MEBI: f64 = 1_048_576.0;
    let text = text.trim();
    let digits = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = (plain(&text[..digits])?, text[digits..].trim());
    let taken = |size: f64, unit: &str| (size, Some(format!("{text} is taken as {number} {unit}")));
    let (size, remark) = match unit {
        "Mi" | "MiB" => (number, None),
        "Gi" | "GiB" => (number * 1_024.0, None),
        "M" | "MB" => taken(number, "MiB"),
        "G" | "GB" => taken(number * 1_024.0, "GiB"),
        "" => (number / MEBI, None),
        "k" | "K" => (number * 1_000.0 / MEBI, None),
        "Ki" => (number / 1_024.0, None),
        _ => return None,
    };
    let whole = size.ceil();
    let rounded = (whole - size).abs() > 1e-9;
    Some((whole, if rounded { Some(format!("{text}, rounded up")) } else { remark }))
}

fn plain(text: &str) -> Option<f64> {
    let digits = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    text.parse().ok().filter(|number: &f64| digits && number.is_finite() && *number > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_their_units() {
        assert_eq!((vcpus("1000m"), vcpus("2"), vcpus("0.5"), vcpus("83m")), (Some(1.0), Some(2.0), Some(0.5), Some(0.083)));
        let size = |text: &str| mebibytes(text).map(|(size, _)| size);
        assert_eq!((size("512Mi"), size("2Gi"), size("1.5Gi")), (Some(512.0), Some(2048.0), Some(1536.0)));
        assert_eq!(
            (size("256M"), size("1G"), size("536870912"), size("1000Ki")),
            (Some(256.0), Some(1024.0), Some(512.0), Some(1.0))
        );
        assert_eq!(mebibytes("256M").and_then(|(_, remark)| remark).as_deref(), Some("256M is taken as 256 MiB"));
        for wrong in ["", "m", "Mi", "1e3", "-1", "1Xi", "inf", "0"] {
            assert_eq!((vcpus(wrong), mebibytes(wrong)), (None, None), "{wrong}");
        }
    }
}
