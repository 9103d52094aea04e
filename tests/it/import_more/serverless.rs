//! `serverless.yml`.

use super::{example, has, has_not, options, read, read_with, refused, said, tells};

#[test]
fn the_examples_are_imported_whole() {
    let (bucket, _) = read(&example("serverless-framework/apigw-s3-lambda.serverless.yml"));
    has(&bucket, "runtime = \"python3.14\"");
    has(&bucket, "memory = \"256 MiB\"");
    has(&bucket, "timeout = \"6s\"");
    has(&bucket, "{ kind = \"s3\", source = \"${S3Bucket}\" },");
    // The role is a resource of the file.
    assert!(bucket.text.contains("\"xray:PutTraceSegments\""), "{}", bucket.text);
    tells(&bucket, "`AWS::ApiGateway::Method` (line 199)");
    tells(&bucket, "plugins are not run: serverless-python-requirements");

    let (go, resolved) = read(&example("serverless-framework/aws-golang-http-get-post.serverless.yml"));
    let names: Vec<&str> = resolved.scenario.functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(names, ["get", "getquery", "post"]);
    has(&go, "memory = \"1024 MiB\"");
    has(&go, "{ kind = \"api-gateway-rest\", auth = \"anonymous\" },");

    let (steps, resolved) = read(&example("serverless-framework/aws-ruby-step-functions.serverless.yml"));
    assert_eq!(resolved.scenario.functions.len(), 5);
    has(&steps, "TABLE_NAME = \"aws-ruby-step-functions-tickets-dev\"");
    tells(&steps, "`custom.rubyLayer` (line 47), `stepFunctions` (line 85)");
}

#[test]
fn a_function_goes_before_its_provider_and_the_provider_before_the_defaults() {
    let (imported, _) = read(
        "
service: {name: shop}
provider:
  name: aws
  runtime: nodejs20.x
  memorySize: ${self:custom.sizes.${opt:stage, 'dev'}}
  architecture: arm64
  environment: {STAGE: '${sls:stage}', TABLE: !Ref Table}
  vpc: {subnetIds: [a], securityGroupIds: [b]}
custom: {sizes: {dev: 512, prod: 2048}, left: 1}
functions:
  a:
    handler: a.b
    timeout: 30
    reservedConcurrency: 5
    provisionedConcurrency: 2
    ephemeralStorageSize: 1024
    maximumRetryAttempts: 1
    maximumEventAge: 7200
    destinations: {onFailure: arn:aws:sqs:us-east-1:1:dead}
    fileSystemConfig: {localMountPath: /mnt/x, arn: y}
    layers: ['arn:aws:lambda:us-east-1:1:layer:x:3']
    new: 1
  b: {handler: a.c, memorySize: 3008, architecture: x86_64, package: {artifact: b.zip}, image: registry.example/b}
",
    );
    has(&imported, "memory = \"512 MiB\"");
    has(&imported, "memory = \"3008 MiB\"");
    has(&imported, "timeout = \"30s\"");
    has(&imported, "timeout = \"6s\"");
    has(&imported, "architecture = \"arm64\"");
    has(&imported, "reserved = 5");
    has(&imported, "provisioned = 2");
    has(&imported, "disk = \"1024 MiB\"");
    has(&imported, "retries = 1");
    has(&imported, "max_event_age = \"7200s\"");
    has(&imported, "dead_letter = true");
    has(&imported, "{ path = \"/mnt/x\" },");
    has(&imported, "{ name = \"arn:aws:lambda:us-east-1:1:layer:x:3\", version = \"3\" },");
    has(&imported, "STAGE = \"dev\"");
    has(&imported, "TABLE = \"${Table}\"");
    assert!(imported.text.contains("line 6: provider.memorySize"), "{}", imported.text);
    tells(&imported, "`custom.left` (line 10), `new` (line 23)");
    tells(&imported, "`${opt:stage, 'dev'}` is taken as `dev`");
}

#[test]
fn parameters_choose_the_stage_and_fill_what_is_elsewhere() {
    let text = "
service: shop
provider: {name: aws, region: \"${opt:region, 'eu-west-1'}\", timeout: '${ssm:/shop/timeout}'}
params: {prod: {size: 2048}, default: {size: 256}}
functions:
  a: {handler: x, memorySize: '${param:size}', timeout: '${file(a.yml):t, 9}', runtime: '${env:R}'}
";
    let (plain, _) = read(text);
    has(&plain, "memory = \"256 MiB\"");
    has(&plain, "timeout = \"9s\"");
    has(&plain, "region = \"eu-west-1\"");
    tells(&plain, "No other file is opened");
    tells(&plain, "not known before deployment: ${env:R}");
    has_not(&plain, "runtime");
    let given = options(&[("stage", "prod"), ("file(a.yml):t", "20"), ("R", "python3.12"), ("region", "us-east-1")], None);
    let (filled, _) = read_with(text, &given);
    has(&filled, "memory = \"2048 MiB\"");
    has(&filled, "timeout = \"20s\"");
    has(&filled, "runtime = \"python3.12\"");
    has(&filled, "region = \"us-east-1\"");
}

#[test]
fn every_kind_of_event_calls_in_its_own_way() {
    let (imported, resolved) = read(
        "
service: shop
provider: {name: aws, runtime: nodejs22.x}
functions:
  api:
    handler: x
    url: {authorizer: aws_iam}
    events:
      - http: GET /a
      - http: {path: /b, method: post, private: true, async: true}
      - httpApi: {path: /c, method: get, authorizer: {name: jwt}}
      - websocket: $connect
      - alb: {listenerArn: arn:l, priority: 1, conditions: {path: /}}
      - schedule: rate(10 minutes)
      - schedule: {rate: ['cron(0 12 * * ? *)', rate(1 hour)]}
      - schedule: {rate: rate(1 minute), enabled: false}
      - eventBridge: {schedule: rate(1 day)}
      - eventBridge: {eventBus: bus, pattern: {source: [a]}}
      - sqs: {arn: !GetAtt Q.Arn, batchSize: 10}
      - stream: arn:aws:dynamodb:us-east-1:1:table/t/stream/1
      - stream: {type: kinesis, arn: arn:aws:kinesis:us-east-1:1:stream/s}
      - s3: photos
      - sns: topic
      - cloudwatchLog: /aws/x
      - alexaSkill
      - cognitoUserPool: {pool: p, trigger: PreSignUp}
      - banana: 1
      - http:
",
    );
    for line in [
        "{ kind = \"url\", auth = \"iam\" },",
        "{ kind = \"api-gateway-rest\", auth = \"anonymous\" },",
        "{ kind = \"api-gateway-rest\", auth = \"api-key\" },",
        "{ kind = \"api-gateway-http\", auth = \"jwt\" },",
        "{ kind = \"alb\", source = \"arn:l\" },",
        "{ kind = \"eventbridge\", source = \"bus\" },",
        "{ kind = \"sqs\", source = \"${Q.Arn}\" },",
        "{ kind = \"dynamodb\", source = \"arn:aws:dynamodb:us-east-1:1:table/t/stream/1\" },",
        "{ kind = \"kinesis\", source = \"arn:aws:kinesis:us-east-1:1:stream/s\" },",
        "{ kind = \"s3\", source = \"photos\" },",
        "{ kind = \"alexa\" },",
        "{ kind = \"cognito\", source = \"p\" },",
        "arrivals = { constant = \"6/h\" }",
        "arrivals = { constant = \"1/h\" }",
        "arrivals = { constant = \"1/d\" }",
    ] {
        has(&imported, line);
    }
    tells(&imported, "an event of the kind `banana`, which is not known");
    tells(&imported, "the event is switched off");
    has_not(&imported, "1/min");
    assert!(!said(&imported).contains("not carried over: `http`"), "{}", said(&imported));
    // Callers that wait, events, what is polled, and four schedules.
    assert_eq!(resolved.scenario.traffic.len(), 7, "{}", imported.text);
}

#[test]
fn the_role_of_the_framework_has_the_statements_of_the_provider() {
    let text = |role: &str| {
        format!("service: s\nprovider:\n  name: aws\n  {role}\nfunctions: {{a: {{handler: x, events: [{{sqs: arn:q}}]}}}}\n")
    };
    let statement = "{Effect: Allow, Action: ['s3:*'], Resource: '*'}";
    let (new, _) =
        read(&text(&format!("iam: {{role: {{statements: [{statement}], managedPolicies: [arn:aws:iam::aws:policy/P]}}}}")));
    let (old, _) = read(&text(&format!("iamRoleStatements: [{statement}]")));
    for imported in [&new, &old] {
        assert!(imported.text.contains("\"s3:*\"") && imported.text.contains("\"sqs:ReceiveMessage\""), "{}", imported.text);
    }
    has(&new, "policies = [\"P\"]");
    let (named, _) = read(&text("iam: {role: 'arn:aws:iam::1:role/r'}"));
    tells(&named, "what the role allows is not in the file");
    has_not(&named, "deployment.role");
}

#[test]
fn functions_of_other_files_are_named() {
    let (imported, resolved) =
        read("service: s\nprovider: aws\nfunctions:\n  - ${file(f.yml)}\n  - {a: {handler: x}, b: 5, c: '${file(c.yml)}'}\n");
    assert_eq!(resolved.scenario.functions.len(), 1);
    tells(&imported, "not known before deployment: ${file(f.yml)}");
    tells(&imported, "`functions.b`: expected a mapping, found 5");
    tells(&imported, "`functions.c`: not known before deployment");
    assert!(refused("service: s\nprovider: aws\nfunctions: ${file(f.yml)}\n").contains("it has no functions"));
}

#[test]
fn other_providers_are_imported_as_far_as_they_go() {
    let text = |name: &str, rest: &str| {
        format!(
            "service: s\nprovider: {{name: {name}, {rest}}}\nfunctions:\n  a: {{handler: x, events: [{{http: path}}, {{event: {{eventType: e, resource: r}}}}]}}\n"
        )
    };
    let (google, _) = read(&text("google", "runtime: nodejs20, memorySize: 512, timeout: 90s, region: us-central1"));
    has(&google, "platform = \"gcp-cloud-run\"");
    has(&google, "timeout = \"90s\"");
    has(&google, "instance_concurrency = 1");
    has(&google, "{ kind = \"event\", source = \"r\" },");
    let (azure, _) = read(&text("azure", "runtime: nodejs20, region: West Europe"));
    has(&azure, "platform = \"azure-functions\"");
    has(&azure, "region = \"westeurope\"");
    has(&azure, "runtime = \"nodejs20\"");
    let (aliyun, _) = read(&text("aliyun", "runtime: nodejs20, region: cn-shanghai, memorySize: 512"));
    has(&aliyun, "platform = \"alibaba-fc\"");
    let (other, _) = read(&text("fancycloud", "memorySize: 512, x: 1"));
    has(&other, "platform = \"generic\"");
    tells(&other, "no platform that is known");
    tells(&other, "not carried over: `x`");
}
