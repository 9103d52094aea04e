use super::*;
use crate::import::document;

const FILE: &str = "
service: shop
provider: {name: aws, stage: \"${opt:stage, 'dev'}\"}
params: {default: {size: 256}, prod: {size: 1024}}
custom:
  name: '${self:service}-${sls:stage}'
  sizes: {dev: 512, prod: 2048}
  list: [a, {b: 7}]
  far: ${self:custom.near}
  near: ${self:custom.sizes}
  loop: ${self:custom.pool}
  pool: ${self:custom.loop}
  whole: ${self:custom}
";

fn resolved(text: &str, given: &[(&str, &str)]) -> (Value, Vec<String>) {
    let root = document::read(FILE, "f").unwrap();
    let parameters = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let (options, notes) = (Options { parameters, ..Options::default() }, Notes::default());
    let variables = Variables::new(&root, &options, &notes);
    let value = variables.resolve(&Node::text_at(Place { line: 1, column: 1 }, text)).value;
    (value, notes.finish("f").into_iter().map(|finding| finding.message).collect())
}

fn text(text: &str) -> String {
    match resolved(text, &[]).0 {
        Value::Scalar { text, .. } => text,
        Value::Unknown(text) => format!("? {text}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn values_of_the_file_are_looked_up_over_others() {
    assert_eq!(text("${self:custom.name}"), "shop-dev");
    assert_eq!(text("${self:custom.sizes.${sls:stage}}"), "512");
    assert_eq!(text("${self:custom.far.prod}"), "2048");
    assert_eq!(text("${self:custom.list.1.b}-${self:custom.list.0}"), "7-a");
    assert_eq!(text("${param:size}"), "256");
    assert_eq!(text("${self:provider.region}"), "us-east-1");
    assert_eq!(text("${strToBool(${self:custom.none, 'true'})}"), "true");
    assert_eq!(text("arn:${AWS::Region}:${stageVariables.x}"), "arn:${AWS::Region}:${stageVariables.x}");
}

#[test]
fn what_is_given_goes_before_the_file() {
    assert_eq!(
        resolved("${self:custom.name}", &[("stage", "prod")]).0.clone(),
        Node::text_at(Place::default(), "shop-prod").value
    );
    let one = |reference: &str, name: &str| match resolved(reference, &[(name, "9")]).0 {
        Value::Scalar { text, .. } => text,
        other => format!("{other:?}"),
    };
    assert_eq!(one("${ssm:/a/b}", "ssm:/a/b"), "9");
    assert_eq!(one("${env:SIZE}", "SIZE"), "9");
    assert_eq!(one("${file(./x.yml):a.b, 3}", "file(./x.yml):a.b"), "9");
    assert_eq!(one("${param:size}", "size"), "9");
    assert_eq!(resolved("${param:size}", &[("stage", "prod")]).0, Value::Scalar { text: "1024".into(), quoted: false });
}

#[test]
fn a_fallback_is_taken_and_said() {
    let (value, said) = resolved("${env:SIZE, opt:size, self:custom.none, 128}", &[]);
    assert_eq!(value, Value::Scalar { text: "128".into(), quoted: false });
    assert_eq!(said, ["`${env:SIZE, opt:size, self:custom.none, 128}` is taken as `128`"]);
    assert_eq!(text("${file(a.yml):b, 'c, d'}"), "c, d");
    assert_eq!(text("${opt:x, ${opt:y, '${self:service}!'}}"), "shop!");
    assert_eq!(resolved("${opt:x, null}", &[]).0, Value::Null);
    assert!(resolved("${self:custom.none, 1}", &[]).1.is_empty());
}

#[test]
fn what_is_not_known_stays_readable() {
    assert_eq!(text("${file(a.yml):b}"), "? ${file(a.yml):b}");
    assert_eq!(text("${self:service}/${env:X}"), "? shop/${env:X}");
    assert_eq!(text("${self:custom.list.9}"), "? ${self:custom.list.9}");
    assert_eq!(text("${self:}"), "? ${self:}");
    assert_eq!(text("${self:custom"), "${self:custom");
}

#[test]
fn what_refers_to_itself_ends() {
    let (value, said) = resolved("${self:custom.loop}", &[]);
    assert_eq!(value, Value::Unknown("${self:custom.loop}".into()));
    assert_eq!(said, ["`${self:custom.loop}` refers to itself, over others"]);
    let said = resolved("${self:custom.whole}", &[]).1;
    assert!(said.iter().any(|message| message == "`${self:custom}` refers to itself, over others"), "{said:?}");
    assert!(text(&"${self:".repeat(50_000)).starts_with("${self:"));
    let deep = format!("{}a{}", "${self:".repeat(5_000), "}".repeat(5_000));
    assert!(text(&deep).starts_with("? "));
}

#[test]
fn variables_that_double_at_every_step_end() {
    let lines: Vec<String> = (1..60).map(|n| format!("  a{n}: ['${{self:a.a{0}}}', '${{self:a.a{0}}}']", n - 1)).collect();
    let root = document::read(&format!("a:\n  a0: x\n{}\n", lines.join("\n")), "f").unwrap();
    let (options, notes) = (Options::default(), Notes::default());
    let variables = Variables::new(&root, &options, &notes);
    let _ = variables.resolve(&root);
    assert!(variables.nodes.get() < 3 * MOST_NODES, "{}", variables.nodes.get());
    assert!(notes.failed());
}
