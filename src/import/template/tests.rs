use super::*;
use crate::import::document;

fn evaluated(template: &str, parameters: &[(&str, &str)]) -> (Node, Vec<crate::diagnostic::Diagnostic>) {
    let root = document::read(template, "t").unwrap();
    let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let (options, notes) = (Options { parameters, ..Options::default() }, Notes::default());
    let value = Template::new(&root, &options, &notes).evaluate(root.get("X").unwrap());
    (value, notes.finish("t"))
}

fn text(template: &str) -> String {
    match evaluated(template, &[]).0.value {
        Value::Scalar { text, .. } => text,
        Value::Unknown(text) => format!("unknown {text}"),
        other => format!("{other:?}"),
    }
}

const HEAD: &str = "
Parameters:
  Stage: {Type: String, Default: dev}
  Sizes: {Type: List<Number>, Default: '128, 256'}
  Secret: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a/b}
Mappings: {M: {dev: {memory: 512}}}
Conditions:
  Prod: !Equals [!Ref Stage, prod]
  Dev: !Not [Condition: Prod]
  Open: !Equals [!Ref Secret, x]
  Either: !Or [Condition: Open, Condition: Dev]
  Loop: !Not [Condition: Pool]
  Pool: !And [Condition: Loop, Condition: Dev]
";

#[test]
fn functions_have_their_values_in_short_and_in_long_form() {
    let x = |x: &str| text(&format!("{HEAD}X: {x}\n"));
    assert_eq!(x("!Ref Stage"), "dev");
    assert_eq!(x("{'Fn::Sub': 'a-${Stage}-${!b}'}"), "a-dev-${b}");
    assert_eq!(x("!Sub ['${p}-${q.Arn}', {p: !Ref Stage}]"), "unknown dev-${q.Arn}");
    assert_eq!(x("!FindInMap [M, !Ref Stage, memory]"), "512");
    assert_eq!(x("!Join ['-', [a, !Ref Stage, !GetAtt T.Arn]]"), "unknown a-dev-${T.Arn}");
    assert_eq!(x("!Select [1, !Ref Sizes]"), "256");
    assert_eq!(x("!Select [1, !Split ['/', 'a/b']]"), "b");
    assert_eq!(x("!Ref Secret"), "unknown ${Secret}");
    assert_eq!(x("!If [Either, 1, 2]"), "1");
    assert_eq!(x("!If [Open, 1, 2]"), "unknown !If [Open, …]");
    assert_eq!(x("!If [Prod, 1, !Ref 'AWS::NoValue']"), "Null");
    assert_eq!(x("!ImportValue other"), "unknown !ImportValue other");
    assert_eq!(x("!Ref 'AWS::AccountId'"), "unknown ${AWS::AccountId}");
}

#[test]
fn parameters_of_the_user_decide() {
    let (value, _) = evaluated(&format!("{HEAD}X: !If [Prod, 1, 2]\n"), &[("Stage", "prod")]);
    assert_eq!(value.whole(), Some(1));
    let (value, _) = evaluated(&format!("{HEAD}X: !Ref Secret\n"), &[("Secret", "s")]);
    assert_eq!(value.text(), Some("s"));
}

#[test]
fn conditions_that_refer_to_each_other_are_an_error_with_its_place() {
    let (_, found) = evaluated(&format!("{HEAD}X: !If [Loop, 1, 2]\n"), &[]);
    assert_eq!(found[0].severity, crate::diagnostic::Severity::Error);
    assert_eq!((found[0].line, found[0].message.as_str()), (13, "the condition refers to itself, over others"));
}

#[test]
fn texts_that_multiply_end() {
    let long = "x".repeat(1 << 20);
    let list: Vec<String> = (0..2_000).map(|_| "!Ref Long".to_owned()).collect();
    let (_, found) =
        evaluated(&format!("Parameters: {{Long: {{Type: String, Default: {long}}}}}\nX: [{}]\n", list.join(", ")), &[]);
    assert!(found.iter().any(|finding| finding.message.contains("too much")), "{found:?}");
}

#[test]
fn the_resource_of_a_value_is_found() {
    let of = |x: &str| evaluated(&format!("X: {x}\n"), &[]).0;
    assert_eq!(resource(&of("!GetAtt Table.StreamArn")), Some("Table"));
    assert_eq!(resource(&of("!Sub 'arn:${AWS::Region}:${Queue.Arn}'")), Some("Queue"));
    assert_eq!(resource(&of("!Ref 'AWS::Region'")), None);
}
