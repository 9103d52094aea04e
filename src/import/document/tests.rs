use super::*;

fn value(text: &str) -> Node {
    read(text, "f.yaml").unwrap()
}

fn error(text: &str) -> (usize, usize, String) {
    let found = read(text, "f.yaml").unwrap_err();
    assert!(!found[0].hints.is_empty(), "{}", found[0]);
    (found[0].line, found[0].column, found[0].message.clone())
}

#[test]
fn every_value_knows_its_place() {
    let root = value("a:\n  - x\n  - b: 512\r\n    c: 'on'\r\n");
    let b = root.get("a").and_then(|a| a.list()?[1].get("b")).unwrap();
    assert_eq!((b.place, b.whole()), (Place { line: 3, column: 8 }, Some(512)));
    let c = root.get("a").and_then(|a| a.list()?[1].get("c")).unwrap();
    assert_eq!((c.place.line, c.flag()), (4, Some(true)));
    let json = value("{\n\t\"a\": {\"b\": [1, \"\\ud83d\\ude00\\u00e9\"]}}");
    assert_eq!(json.at(&["a", "b"]).and_then(|b| b.list()?[1].text()), Some("😀é"));
}

#[test]
fn short_forms_are_long_forms() {
    assert_eq!(value("a: !Ref b").at(&["a", "Ref"]).and_then(Node::text), Some("b"));
    assert_eq!(
        value("a: !Sub [x, {y: !GetAtt z.Arn}]")
            .at(&["a", "Fn::Sub"])
            .and_then(|s| s.list()?[1].get("y")?.get("Fn::GetAtt")?.text()),
        Some("z.Arn")
    );
}

#[test]
fn aliases_and_merges_are_written_out() {
    let root = value("base: &b {x: 1, y: 2}\nc:\n  <<: *b\n  y: 3\n");
    assert_eq!(root.at(&["c", "x"]).and_then(Node::whole), Some(1));
    assert_eq!(root.at(&["c", "y"]).and_then(Node::whole), Some(3));
}

#[test]
fn what_never_ends_or_explodes_is_refused_with_its_place() {
    let bomb: String = (1..30).fold("a0: &a0 [x, x, x]\n".to_owned(), |text, n| {
        let (before, all) = (n - 1, 9);
        let items: Vec<String> = (0..all).map(|_| format!("*a{before}")).collect();
        format!("{text}a{n}: &a{n} [{}]\n", items.join(", "))
    });
    assert!(error(&bomb).2.contains("more than 200000 values"));
    let chain: String = (1..5_000).fold("a0: &a0 [x]\n".to_owned(), |text, n| format!("{text}a{n}: &a{n} [*a{}]\n", n - 1));
    assert!(error(&chain).2.contains("levels deep"));
    assert_eq!(error("a: &a [*a]").2, "an alias to the value that it stands in: it would never end");
    assert!(error(&"- ".repeat(5_000)).2.contains("levels deep"));
    assert!(error(&"[".repeat(5_000)).2.contains("recursion limit"));
    assert!(error(&format!("[{}]", "1,".repeat(300_000))).2.contains("more than 200000 values"));
}

#[test]
fn slips_have_line_column_and_remedy() {
    assert_eq!(error("a: 1\nb: 2\na: 3\n"), (3, 1, "the key `a` stands twice in its mapping, first in line 1".to_owned()));
    assert_eq!(error("{\"a\": [1, 2").0, 1);
    assert!(error("{\"a\": [1, 2").2.starts_with("not valid JSON: EOF"));
    assert!(error("a: 1\n---\nb: 2\n").2.contains("more than one document"));
    assert_eq!(error("").2, "the file is empty");
    assert_eq!(error(" \n# nothing\n").2, "the file has no values, only comments");
    assert_eq!(error("a: b\0").2, "this is not a text file: it has a byte of zero");
    assert_eq!(error("a:\n\tb: 1").0, 2);
    assert_eq!(error("a: 'x\n").0, 1);
}

#[test]
fn quoted_numbers_are_numbers_and_words_are_not() {
    let whole = |text: &str| value(text).whole();
    assert_eq!(
        (whole("'512'"), whole("512.0"), whole("1e3"), whole("-1"), whole("1.5")),
        (Some(512), Some(512), Some(1000), None, None)
    );
    assert_eq!((value("inf").number(), value("nan").number(), value("x").flag()), (None, None, None));
    assert!(value("a: ~").get("a").is_some_and(Node::is_null));
}
