//! Access logs of web servers and gateways in the combined format: arrivals, statuses and sizes, no durations unless one is
//! the last field.

use jiff::fmt::strtime;

use super::fields::shown;
use crate::calibrate::records::{Ending, Invocation, Records};

/// Step of the times in seconds.
pub(super) const TICK: f64 = 1.0;

const HINT: &str = "A line reads `host - user [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 123 …`.";

/// Whether a line looks like one of an access log.
pub(super) fn is_access(text: &str) -> bool {
    bracketed(text).is_some_and(|(stamp, _)| parsed(stamp).is_some())
}

/// A line.
pub(super) fn line(records: &mut Records, number: usize, text: &str) {
    match parse(text) {
        Ok(mut invocation) => {
            invocation.function = records.function("");
            records.invocations.push(invocation);
        }
        Err(message) => records.broken(number, message, HINT),
    }
}

fn bracketed(text: &str) -> Option<(&str, &str)> {
    text.split_once('[')?.1.split_once(']')
}

fn parsed(stamp: &str) -> Option<i64> {
    let time = strtime::parse("%d/%b/%Y:%H:%M:%S %z", stamp).ok()?.to_timestamp().ok()?;
    i64::try_from(time.as_nanosecond()).ok()
}

fn parse(text: &str) -> Result<Invocation, String> {
    let (stamp, rest) = bracketed(text).ok_or_else(|| format!("`{}` has no time in brackets", shown(text)))?;
    let at = parsed(stamp).ok_or_else(|| format!("`{}` is not a time", shown(stamp)))?;
    // The request is quoted; quotes inside it are written with a backslash.
    let rest = rest.trim_start().strip_prefix('"').ok_or("the line has no request in quotes")?;
    let end = rest.match_indices('"').find(|(at, _)| !rest[..*at].ends_with('\\')).map(|(at, _)| at);
    let after = &rest[end.ok_or("the request has no closing quote")? + 1..];
    let mut words = after.split_ascii_whitespace();
    let status: u16 = words.next().and_then(|word| word.parse().ok()).ok_or("there is no status after the request")?;
    let size = words.next().and_then(|word| word.parse().ok());
    let seconds = words.last().and_then(|word| word.parse::<f64>().ok()).filter(|x| *x >= 0.0 && x.is_finite());
    let ending = match status {
        429 => Ending::Throttled,
        504 => Ending::Timeout,
        500..=599 => Ending::Error,
        _ => Ending::Ok,
    };
    Ok(Invocation { at: Some(at), duration: seconds, response: size, ending, ..Invocation::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_with_their_quotes() {
        let mut records = Records::default();
        for (number, text) in [
            r#"83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 200 203023 "http://b/" "Mozilla/5.0 (x)""#,
            r#"::1 - bob [17/May/2015:12:05:03 +0200] "GET /\"x\" HTTP/1.1" 503 - "-" "-" 0.250"#,
            "83.149.9.216 - - [today] \"GET\" 200 5",
            r#"83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /a"#,
        ]
        .iter()
        .enumerate()
        {
            line(&mut records, number + 1, text);
        }
        assert_eq!((records.len(), records.broken), (2, 2));
        let [a, b] = records.invocations[..] else { panic!("two") };
        assert_eq!(a.at, b.at);
        assert_eq!((a.response, a.duration, b.duration, b.ending), (Some(203_023), None, Some(0.25), Ending::Error));
        assert_eq!(records.findings[0].line, 3);
    }
}
