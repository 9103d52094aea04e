//! Lines of any ending, one at a time, none longer than a log line can be.

use std::io::{self, BufRead};

/// Longest line that is kept, in bytes: CloudWatch and Cloud Logging cut entries at 256 KiB.
pub(super) const LONGEST: usize = 1 << 20;

/// A line.
pub(super) enum Line<'a> {
    /// Text, without its ending.
    Text(&'a str),
    /// Longer than [`LONGEST`]; how long.
    TooLong(usize),
    /// Not UTF-8 from this byte of the line on.
    NotText(usize),
}

/// Calls `each` with the number (from 1) of every line that is not empty. Lines end with LF, CR LF or CR.
pub(super) fn each(input: &mut dyn BufRead, mut each: impl FnMut(usize, Line<'_>)) -> io::Result<()> {
    let (mut number, mut held, mut length, mut after_cr) = (1, Vec::new(), 0_usize, false);
    let mut finish = |number: usize, held: &mut Vec<u8>, length: &mut usize| {
        match std::str::from_utf8(held) {
            _ if *length > LONGEST => each(number, Line::TooLong(*length)),
            Ok(text) if text.trim().is_empty() => {}
            Ok(text) => each(number, Line::Text(text)),
            Err(error) => each(number, Line::NotText(error.valid_up_to())),
        }
        held.clear();
        *length = 0;
    };
    loop {
        let chunk = input.fill_buf()?;
        if chunk.is_empty() {
            break;
        }
        let mut rest = chunk;
        while !rest.is_empty() {
            if after_cr && rest[0] == b'\n' {
                (rest, after_cr) = (&rest[1..], false);
                continue;
            }
            after_cr = false;
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let part = &rest[..end.unwrap_or(rest.len())];
            length += part.len();
            held.extend_from_slice(&part[..part.len().min(LONGEST.saturating_sub(held.len()))]);
            let Some(end) = end else { break };
            finish(number, &mut held, &mut length);
            number += 1;
            after_cr = rest[end] == b'\r';
            rest = &rest[end + 1..];
        }
        let used = chunk.len();
        input.consume(used);
    }
    finish(number, &mut held, &mut length);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        // A buffer of two bytes, so that endings fall between buffers.
        let mut input = io::BufReader::with_capacity(2, bytes);
        each(&mut input, |number, line| {
            found.push((
                number,
                match line {
                    Line::Text(text) => text.to_owned(),
                    Line::TooLong(length) => format!("long {length}"),
                    Line::NotText(at) => format!("bad {at}"),
                },
            ));
        })
        .unwrap();
        found
    }

    #[test]
    fn endings_may_be_mixed() {
        let expected = [(1, "a"), (2, "b"), (3, "c"), (5, "d")].map(|(n, text)| (n, text.to_owned()));
        assert_eq!(lines(b"a\nb\r\nc\r\rd"), expected);
        assert_eq!(lines(b"a\r\nb\r\nc\n\nd\r"), expected);
    }

    #[test]
    fn long_and_broken_lines_do_not_stop_the_others() {
        let mut bytes = vec![b'x'; 10 << 20];
        bytes.extend(b"\nok\nab\xff\xfe\nlast");
        let expected = [(1, "long 10485760"), (2, "ok"), (3, "bad 2"), (4, "last")].map(|(n, text)| (n, text.to_owned()));
        assert_eq!(lines(&bytes), expected);
    }
}
