//! Plans of Terraform: fixtures have the form of `terraform show -json`, with the keys that are read.

use super::{example, has, has_not, options, read, read_with, refused, said, tells};

/// A resource of a plan: its address, and its values as JSON.
pub(super) fn resource(address: &str, values: &str) -> String {
    let local = address.rsplit_once("module.").map_or(address, |(_, rest)| rest.split_once('.').map_or(rest, |(_, local)| local));
    let (kind, name) = local.split_once('.').unwrap();
    let (name, index) = name.split_once('[').map_or((name, None), |(name, index)| (name, Some(index.trim_end_matches(']'))));
    let index = index.map_or(String::new(), |index| format!("\"index\": {index}, "));
    let address = address.replace('"', "\\\"");
    format!(
        "{{\"address\": \"{address}\", \"mode\": \"managed\", \"type\": \"{kind}\", \"name\": \"{name}\", {index}\"values\": {values}}}"
    )
}

/// A plan with resources in its root module, and further keys.
pub(super) fn plan(resources: &[String], more: &str) -> String {
    let resources = resources.join(",\n");
    format!(
        "{{\"format_version\": \"1.2\", \"terraform_version\": \"1.9.0\", {more}\n\"planned_values\": {{\"root_module\": {{\"resources\": [\n{resources}]}}}}}}"
    )
}

#[test]
fn the_examples_are_imported() {
    for file in ["terraform/example_plan.json", "terraform/plan_small.json"] {
        let (imported, _) = read(&example(file));
        has(&imported, "platform = \"aws-lambda\"");
        has(&imported, "region = \"us-east-1\"");
        has(&imported, "[functions.hello_world]");
        has(&imported, "memory = \"1024 MiB\"");
        has(&imported, "timeout = \"3s\"");
        has_not(&imported, "reserved");
        tells(&imported, "`aws_instance`");
    }
    let (twice, resolved) = read(&example("terraform/example_plan.json"));
    assert_eq!(resolved.scenario.functions.len(), 2, "{}", twice.text);
}

#[test]
fn configuration_in_its_own_language_is_refused_with_the_command() {
    for file in [
        "alicloud_fcv3_function.markdown",
        "alicloud_fcv3_provision_config.markdown",
        "aws-lambda-module-complete.tf",
        "cloudrun-min-instances.tf",
        "gcf2-basic.tf",
        "lambda-tenant-isolation.tf",
    ] {
        assert!(refused(&example(&format!("terraform/{file}"))).contains("terraform show -json"), "{file}");
    }
    let state = "{\"version\": 4, \"terraform_version\": \"1.9.0\", \"serial\": 3, \"resources\": []}";
    assert!(refused(state).contains("a state file of Terraform"));
    let json = "{\"provider\": {\"aws\": {}}, \"resource\": {\"aws_lambda_function\": {\"a\": {}}}}";
    assert!(refused(json).contains("configuration of Terraform"));
}

const LAMBDA: &str = "{\"function_name\": \"web\", \"memory_size\": 512, \"timeout\": 9, \"runtime\": \"python3.12\",
  \"architectures\": [\"arm64\"], \"reserved_concurrent_executions\": 7, \"ephemeral_storage\": [{\"size\": 2048}],
  \"environment\": [{\"variables\": {\"A\": \"b\", \"TOKEN\": \"hunter2\"}}], \"layers\": [\"arn:aws:lambda:us-east-1:1:layer:x:3\"],
  \"filename\": \"web.zip\", \"dead_letter_config\": [{\"target_arn\": \"arn:aws:sqs:us-east-1:1:q\"}], \"vpc_config\": [],
  \"file_system_config\": [{\"arn\": \"arn:x\", \"local_mount_path\": \"/mnt/x\"}], \"tags\": null, \"odd\": 1}";

#[test]
fn functions_of_lambda_and_what_refers_to_them() {
    let resources = [
        resource("aws_lambda_function.web", LAMBDA),
        resource(
            "aws_lambda_provisioned_concurrency_config.p",
            "{\"function_name\": \"web\", \"qualifier\": \"live\", \"provisioned_concurrent_executions\": 3}",
        ),
        resource(
            "aws_lambda_function_event_invoke_config.e",
            "{\"function_name\": \"web\", \"maximum_retry_attempts\": 1, \"maximum_event_age_in_seconds\": 600, \"destination_config\": [{\"on_failure\": [{\"destination\": \"arn:q\"}]}]}",
        ),
        resource(
            "aws_lambda_event_source_mapping.m",
            "{\"function_name\": \"arn:aws:lambda:us-east-1:1:function:web:live\", \"event_source_arn\": \"arn:aws:sqs:us-east-1:1:q\", \"batch_size\": 10, \"enabled\": true}",
        ),
        resource("aws_lambda_function_url.u", "{\"function_name\": \"web\", \"authorization_type\": \"NONE\"}"),
        resource(
            "aws_lambda_permission.s3",
            "{\"function_name\": \"web\", \"principal\": \"s3.amazonaws.com\", \"source_arn\": \"arn:aws:s3:::b\", \"action\": \"lambda:InvokeFunction\"}",
        ),
        resource(
            "aws_cloudwatch_event_rule.r",
            "{\"name\": \"tick\", \"schedule_expression\": \"rate(5 minutes)\", \"state\": \"ENABLED\"}",
        ),
        resource("aws_cloudwatch_event_target.t", "{\"rule\": \"tick\", \"arn\": \"arn:aws:lambda:us-east-1:1:function:web\"}"),
        resource(
            "aws_sns_topic_subscription.s",
            "{\"protocol\": \"lambda\", \"endpoint\": \"arn:aws:lambda:us-east-1:1:function:web\", \"topic_arn\": \"arn:aws:sns:us-east-1:1:t\"}",
        ),
        resource("aws_lambda_layer_version.l", "{\"layer_name\": \"x\"}"),
        resource("aws_s3_bucket.b", "{\"bucket\": \"b\"}"),
    ];
    let sensitive =
        "\"resource_changes\": [{\"address\": \"aws_lambda_function.web\", \"change\": {\"actions\": [\"create\"]}}],";
    let text = plan(&resources, sensitive).replacen(
        "\"values\"",
        "\"sensitive_values\": {\"environment\": [{\"variables\": {\"TOKEN\": true}}]}, \"values\"",
        1,
    );
    let (imported, resolved) = read(&text);
    for line in [
        "memory = \"512 MiB\"",
        "timeout = \"9s\"",
        "disk = \"2048 MiB\"",
        "architecture = \"arm64\"",
        "reserved = 7",
        "provisioned = 3",
        "retries = 1",
        "max_event_age = \"600s\"",
        "dead_letter = true",
        "A = \"b\"",
        "TOKEN = \"(sensitive)\"",
        "\"web.zip\",",
        "{ path = \"/mnt/x\" },",
        "{ kind = \"sqs\", source = \"arn:aws:sqs:us-east-1:1:q\" },",
        "{ kind = \"url\", auth = \"anonymous\" },",
        "{ kind = \"s3\", source = \"arn:aws:s3:::b\" },",
        "{ kind = \"sns\", source = \"arn:aws:sns:us-east-1:1:t\" },",
        "arrivals = { constant = \"12/h\" }",
    ] {
        has(&imported, line);
    }
    has_not(&imported, "hunter2");
    assert!(!said(&imported).contains("hunter2"));
    tells(&imported, "`odd`");
    tells(&imported, "`batch_size`");
    tells(&imported, "`aws_s3_bucket`");
    assert_eq!(resolved.scenario.functions.len(), 1);
}

/// What only the deployment knows, and the configuration that says where it comes from.
#[test]
fn values_known_after_apply_are_followed_to_where_they_come_from() {
    let resources = [
        resource("aws_lambda_function.f[0]", "{\"memory_size\": 256, \"timeout\": null}"),
        resource("aws_lambda_function.f[1]", "{\"memory_size\": 512}"),
        resource("aws_lambda_function_url.u[1]", "{\"authorization_type\": \"AWS_IAM\"}"),
        resource("aws_iam_role.r", "{\"name\": \"r\"}"),
        resource(
            "aws_iam_role_policy.p",
            "{\"policy\": \"{\\\"Statement\\\": [{\\\"Effect\\\": \\\"Allow\\\", \\\"Action\\\": \\\"s3:Get*\\\", \\\"Resource\\\": \\\"*\\\"}]}\"}",
        ),
        resource("aws_iam_role_policy_attachment.a", "{\"policy_arn\": \"arn:aws:iam::aws:policy/service-role/Basic\"}"),
    ];
    let change = |address: &str, unknown: &str| {
        format!("{{\"address\": \"{address}\", \"change\": {{\"actions\": [\"create\"], \"after_unknown\": {unknown}}}}}")
    };
    let changes = [
        change("aws_lambda_function.f[0]", "{\"arn\": true, \"timeout\": true, \"role\": true}"),
        change("aws_lambda_function.f[1]", "{\"role\": true}"),
        change("aws_lambda_function_url.u[1]", "{\"function_name\": true}"),
        change("aws_iam_role_policy.p", "{\"role\": true}"),
        change("aws_iam_role_policy_attachment.a", "{\"role\": true}"),
    ];
    let expressions =
        |address: &str, expressions: &str| format!("{{\"address\": \"{address}\", \"expressions\": {{{expressions}}}}}");
    let of = |key: &str, reference: &str| format!("\"{key}\": {{\"references\": [\"{reference}\"]}}");
    let configured = [
        expressions(
            "aws_lambda_function.f",
            &format!("{}, {}", of("timeout", "random_integer.t.result"), of("role", "aws_iam_role.r.arn")),
        ),
        expressions("aws_lambda_function_url.u", &of("function_name", "aws_lambda_function.f")),
        expressions("aws_iam_role_policy.p", &of("role", "aws_iam_role.r.id")),
        expressions("aws_iam_role_policy_attachment.a", &of("role", "aws_iam_role.r.name")),
    ];
    let region =
        "\"provider_config\": {\"aws\": {\"name\": \"aws\", \"expressions\": {\"region\": {\"references\": [\"var.region\"]}}}},";
    let more = format!(
        "\"variables\": {{\"region\": {{\"value\": \"eu-west-1\"}}}}, \"resource_changes\": [{}],\n\"configuration\": {{{region} \"root_module\": {{\"resources\": [{}]}}}},",
        changes.join(","),
        configured.join(",")
    );
    let (imported, _) = read(&plan(&resources, &more));
    has(&imported, "region = \"eu-west-1\"");
    has(&imported, "[functions.f0]");
    has(&imported, "actions = [\"s3:Get*\"]");
    has(&imported, "policies = [\"Basic\"]");
    tells(&imported, "not known before deployment: ${random_integer.t.result}");
    let url = imported.text.find("kind = \"url\"").unwrap();
    assert!(url > imported.text.find("[functions.f1]").unwrap(), "{}", imported.text);
    assert_eq!(imported.text.matches("kind = \"url\"").count(), 1);
}

#[test]
fn functions_in_modules_are_found_and_referred_to() {
    let inner = "{\"address\": \"module.api[\\\"a.b\\\"].aws_lambda_function.f[\\\"x\\\"]\", \"mode\": \"managed\", \"type\": \"aws_lambda_function\",
      \"name\": \"f\", \"index\": \"x\", \"values\": {\"function_name\": \"deep\", \"memory_size\": 128}}";
    let outer = [
        resource("aws_lambda_function.g", "{\"memory_size\": 1024}"),
        resource("aws_lambda_function_url.u", "{\"authorization_type\": \"NONE\"}"),
    ];
    let text = format!(
        "{{\"planned_values\": {{\"root_module\": {{\"resources\": [{}], \"child_modules\": [{{\"resources\": [{inner}]}}]}}}},
        \"resource_changes\": [{{\"address\": \"aws_lambda_function_url.u\", \"change\": {{\"after_unknown\": {{\"function_name\": true}}}}}}],
        \"configuration\": {{\"root_module\": {{\"resources\": [{{\"address\": \"aws_lambda_function_url.u\",
          \"expressions\": {{\"function_name\": {{\"references\": [\"module.api.function_name\", \"module.api\"]}}}}}}]}}}}}}",
        outer.join(",")
    );
    let (imported, resolved) = read(&text);
    let names: Vec<&str> = resolved.scenario.functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(names, ["g", "deep"]);
    let url = imported.text.find("kind = \"url\"").unwrap();
    assert!(url > imported.text.find("[functions.deep]").unwrap(), "{}", imported.text);
}

#[test]
fn one_platform_is_chosen_and_the_others_are_named() {
    let fc = "{\"function_name\": \"fc\", \"memory_size\": 512, \"cpu\": 0.35, \"timeout\": 60, \"runtime\": \"python3.10\"}";
    let two = [
        resource("aws_lambda_function.a", "{\"function_name\": \"a\"}"),
        resource("alicloud_fcv3_function.b", fc),
        resource("alicloud_fcv3_function.c", fc),
    ];
    let (most, _) = read(&plan(&two, ""));
    has(&most, "platform = \"alibaba-fc\"");
    has(&most, "[functions.fc-2]");
    tells(&most, "functions of other platforms are left out: 1 of aws-lambda");
    let (asked, _) = read_with(&plan(&two, ""), &options(&[], Some("aws-lambda")));
    has(&asked, "[functions.a]");
    has_not(&asked, "fc");
    let found = faascast::import::import(&plan(&two, ""), "file", &options(&[], Some("azure-functions"))).unwrap_err();
    assert!(found[0].message.contains("no functions of azure-functions, but 1 of aws-lambda, 2 of alibaba-fc"), "{}", found[0]);
    let found = faascast::import::import(&plan(&two, ""), "file", &options(&[], Some("aws"))).unwrap_err();
    assert!(found[0].message.contains("there is no platform `aws`"), "{}", found[0]);
}

#[test]
fn functions_of_function_compute_and_what_refers_to_them() {
    let function = "{\"function_name\": \"fc\", \"memory_size\": \"1024\", \"cpu\": \"0.5\", \"timeout\": \"60\", \"runtime\": \"custom.debian10\", \"handler\": \"x\",
      \"disk_size\": 512, \"instance_concurrency\": 20, \"internet_access\": true, \"environment_variables\": {\"A\": \"b\"}, \"idle_timeout\": 300,
      \"code\": [{\"oss_bucket_name\": \"b\", \"oss_object_name\": \"o.zip\"}], \"layers\": [\"acs:fc:cn-shanghai:official:layers/L/versions/3\"],
      \"instance_lifecycle_config\": [{\"initializer\": [{\"timeout\": 5, \"handler\": \"i\"}]}], \"log_config\": [{\"logstore\": \"l\"}]}";
    let resources = [
        resource("alicloud_fcv3_function.f", function),
        resource(
            "alicloud_fcv3_provision_config.p",
            "{\"function_name\": \"fc\", \"qualifier\": \"LATEST\", \"target\": 2, \"always_allocate_cpu\": true, \"scheduled_actions\": []}",
        ),
        resource("alicloud_fcv3_concurrency_config.c", "{\"function_name\": \"fc\", \"reserved_concurrency\": 40}"),
        resource(
            "alicloud_fcv3_async_invoke_config.a",
            "{\"function_name\": \"fc\", \"max_async_retry_attempts\": 2, \"max_async_event_age_in_seconds\": 3600, \"destination_config\": [{\"on_failure\": [{\"destination\": \"acs:x\"}]}]}",
        ),
        resource(
            "alicloud_fcv3_trigger.t",
            "{\"function_name\": \"fc\", \"trigger_name\": \"every\", \"trigger_type\": \"timer\", \"trigger_config\": \"{\\\"cronExpression\\\": \\\"@every 5m\\\", \\\"enable\\\": true, \\\"payload\\\": \\\"x\\\"}\"}",
        ),
        resource(
            "alicloud_fcv3_trigger.h",
            "{\"function_name\": \"fc\", \"trigger_name\": \"web\", \"trigger_type\": \"http\", \"trigger_config\": \"{\\\"authType\\\": \\\"anonymous\\\", \\\"methods\\\": [\\\"GET\\\"]}\"}",
        ),
    ];
    let more = "\"configuration\": {\"provider_config\": {\"alicloud\": {\"name\": \"alicloud\", \"expressions\": {\"region\": {\"constant_value\": \"cn-shanghai\"}}}}},";
    let (imported, _) = read(&plan(&resources, more));
    for line in [
        "platform = \"alibaba-fc\"",
        "region = \"cn-shanghai\"",
        "provisioned_idle = false",
        "memory = \"1024 MiB\"",
        "vcpu = 0.5",
        "timeout = \"60s\"",
        "disk = \"512 MiB\"",
        "instance_concurrency = 20",
        "init_timeout = \"5s\"",
        "keep_alive = \"300s\"",
        "provisioned = 2",
        "reserved = 40",
        "retries = 2",
        "max_event_age = \"3600s\"",
        "dead_letter = true",
        "public_egress = true",
        "A = \"b\"",
        "\"oss://b/o.zip\",",
        "{ kind = \"http\", auth = \"anonymous\" },",
        "arrivals = { constant = \"12/h\" }",
    ] {
        has(&imported, line);
    }
}

#[test]
fn functions_and_services_of_google() {
    let second = "{\"name\": \"fn\", \"location\": \"us-central1\", \"build_config\": [{\"runtime\": \"nodejs22\", \"source\": [{\"storage_source\": [{\"bucket\": \"b\", \"object\": \"o\"}]}]}],
      \"service_config\": [{\"max_instance_count\": 9, \"min_instance_count\": 1, \"available_memory\": \"512M\", \"timeout_seconds\": 60, \"environment_variables\": {\"A\": \"b\"}}]}";
    let old = "{\"name\": \"old\", \"region\": \"us-central1\", \"runtime\": \"nodejs20\", \"available_memory_mb\": 128, \"timeout\": 30, \"event_trigger\": [{\"event_type\": \"google.storage.object.finalize\", \"resource\": \"bucket\"}]}";
    let service = |idle: &str| {
        format!("{{\"name\": \"svc\", \"location\": \"us-central1\", \"ingress\": \"INGRESS_TRAFFIC_ALL\", \"template\": [{{\"timeout\": \"300s\", \"max_instance_request_concurrency\": 80,
      \"scaling\": [{{\"min_instance_count\": 1, \"max_instance_count\": 5}}], \"containers\": [{{\"image\": \"i\", \"env\": [{{\"name\": \"B\", \"value\": \"c\"}}], \"resources\": [{{\"limits\": {{\"cpu\": \"2\", \"memory\": \"1Gi\"}}, \"cpu_idle\": {idle}}}]}}]}}]}}")
    };
    let member = "{\"service\": \"svc\", \"role\": \"roles/run.invoker\", \"member\": \"allUsers\"}";
    let by_request = [
        resource("google_cloudfunctions2_function.a", second),
        resource("google_cloudfunctions_function.b", old),
        resource("google_cloud_run_v2_service.c", &service("true")),
        resource("google_cloud_run_v2_service_iam_member.m", member),
        resource("google_cloud_scheduler_job.j", "{\"schedule\": \"*/10 * * * *\", \"http_target\": [{\"uri\": \"svc\"}]}"),
    ];
    let (imported, resolved) = read(&plan(&by_request, ""));
    assert_eq!(resolved.scenario.functions.len(), 3, "{}", imported.text);
    for line in [
        "platform = \"gcp-cloud-run\"",
        "runtime = \"nodejs22\"",
        "memory = \"512 MiB\"",
        "memory = \"128 MiB\"",
        "memory = \"1024 MiB\"",
        "timeout = \"300s\"",
        "instance_concurrency = 80",
        "instance_concurrency = 1",
        "provisioned = 1",
        "max_instances = 9",
        "vcpu = 2",
        "\"gs://b/o\",",
        "{ kind = \"http\", auth = \"anonymous\" },",
        "{ kind = \"storage\", source = \"bucket\" },",
        "\"allUsers\",",
        "arrivals = { constant = \"6/h\" }",
    ] {
        has(&imported, line);
    }
    let (instances, _) = read(&plan(&[resource("google_cloud_run_v2_service.c", &service("null"))], ""));
    has(&instances, "platform = \"gcp-cloud-run-instances\"");
    let first = "{\"name\": \"v1\", \"location\": \"us-central1\", \"template\": [{\"metadata\": [{\"annotations\": {\"autoscaling.knative.dev/maxScale\": \"7\"}}], \"spec\": [{\"container_concurrency\": 10, \"timeout_seconds\": 60, \"containers\": [{\"image\": \"i\", \"resources\": [{\"limits\": {\"cpu\": \"1000m\", \"memory\": \"512Mi\"}}]}]}]}]}";
    let (first, _) = read(&plan(&[resource("google_cloud_run_service.c", first)], ""));
    has(&first, "max_instances = 7");
    has(&first, "instance_concurrency = 10");
    has(&first, "timeout = \"60s\"");
}

#[test]
fn function_apps_of_azure() {
    let app = "{\"name\": \"app\", \"location\": \"West Europe\", \"service_plan_id\": \"/subscriptions/1/serverFarms/plan\", \"app_settings\": {\"A\": \"b\"},
      \"site_config\": [{\"app_scale_limit\": 20, \"application_stack\": [{\"node_version\": \"20\"}], \"http2_enabled\": true}]}";
    let plan_of = |sku: &str| format!("{{\"name\": \"plan\", \"sku_name\": \"{sku}\", \"os_type\": \"Linux\"}}");
    let with = |sku: &str| {
        read(&plan(&[resource("azurerm_linux_function_app.a", app), resource("azurerm_service_plan.p", &plan_of(sku))], "")).0
    };
    let consumption = with("Y1");
    for line in
        ["platform = \"azure-functions\"", "region = \"westeurope\"", "runtime = \"nodejs20\"", "max_instances = 20", "A = \"b\""]
    {
        has(&consumption, line);
    }
    assert!(!said(&consumption).contains("not Consumption"));
    tells(&with("EP1"), "the plan `EP1` is not Consumption");
    let flex = "{\"name\": \"flex\", \"location\": \"eastus\", \"runtime_name\": \"python\", \"runtime_version\": \"3.11\", \"instance_memory_in_mb\": 2048, \"maximum_instance_count\": 50,
      \"http_concurrency\": 16, \"always_ready\": [{\"name\": \"http\", \"instance_count\": 2}, {\"name\": \"x\", \"instance_count\": 1}]}";
    let (flex, _) = read(&plan(&[resource("azurerm_function_app_flex_consumption.a", flex)], ""));
    for line in [
        "platform = \"azure-functions-flex\"",
        "runtime = \"python3.11\"",
        "memory = \"2048 MiB\"",
        "max_instances = 50",
        "instance_concurrency = 16",
        "provisioned = 3",
    ] {
        has(&flex, line);
    }
}

#[test]
fn changes_and_state_stand_in_for_planned_values() {
    let change = "{\"format_version\": \"1.2\", \"resource_changes\": [
      {\"address\": \"aws_lambda_function.a\", \"mode\": \"managed\", \"type\": \"aws_lambda_function\", \"name\": \"a\", \"change\": {\"actions\": [\"update\"], \"after\": {\"function_name\": \"a\", \"memory_size\": 256}}},
      {\"address\": \"aws_lambda_function.b\", \"mode\": \"managed\", \"type\": \"aws_lambda_function\", \"name\": \"b\", \"change\": {\"actions\": [\"delete\"], \"after\": null}}]}";
    let (imported, resolved) = read(change);
    assert_eq!(resolved.scenario.functions.len(), 1, "{}", imported.text);
    let state = format!(
        "{{\"format_version\": \"1.0\", \"terraform_version\": \"1.9.0\", \"values\": {{\"root_module\": {{\"resources\": [{}]}}}}}}",
        resource("aws_lambda_function.a", LAMBDA)
    );
    has(&read(&state).0, "memory = \"512 MiB\"");
}
