//! Services of Cloud Run.

use super::{example, has, has_not, read, refused, tells};

fn service(annotations: &str, spec: &str) -> String {
    format!(
        "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: web\n  labels: {{cloud.googleapis.com/location: europe-west1}}\n\
         spec:\n  template:\n    metadata:\n      annotations: {{{annotations}}}\n    spec:\n      {spec}\n"
    )
}

#[test]
fn the_example_has_the_sizes_of_both_containers() {
    let (imported, _) = read(&example("cloudrun/multi-container.service.yaml"));
    has(&imported, "platform = \"gcp-cloud-run\"");
    has(&imported, "vcpu = 1.5");
    has(&imported, "memory = \"768 MiB\"");
    has(&imported, "PORT = \"8888\"");
    has(&imported, "vpc = false");
    assert!(imported.text.contains("2 containers: 0.5 + 1"), "{}", imported.text);
    tells(&imported, "REGION");
}

#[test]
fn scaling_billing_and_limits_are_read() {
    let annotations = "autoscaling.knative.dev/minScale: '2', autoscaling.knative.dev/maxScale: '50', run.googleapis.com/cpu-throttling: 'false', run.googleapis.com/startup-cpu-boost: 'true', x/new: 1";
    let spec = "{containerConcurrency: 250, timeoutSeconds: 900, serviceAccountName: a, containers: [{image: i, resources: {limits: {cpu: '2', memory: 1Gi}}, env: [{name: A, value: b}, {name: S, valueFrom: {secretKeyRef: {name: s, key: latest}}}]}]}";
    let (imported, _) = read(&service(annotations, spec).replace("spec:\n      {", "spec: {"));
    for line in [
        "platform = \"gcp-cloud-run-instances\"",
        "region = \"europe-west1\"",
        "provisioned = 2",
        "max_instances = 50",
        "instance_concurrency = 250",
        "timeout = \"900s\"",
        "vcpu = 2",
        "memory = \"1024 MiB\"",
        "A = \"b\"",
    ] {
        has(&imported, line);
    }
    has_not(&imported, "S = ");
    tells(&imported, "`x/new` (line 9)");
    tells(&imported, "more CPU while starting is not simulated");
}

#[test]
fn what_is_left_out_takes_the_defaults_of_services() {
    let (imported, _) = read(&service("", "containers: [{image: i}]"));
    has(&imported, "vcpu = 1");
    has(&imported, "memory = \"512 MiB\"");
    let (wrong, _) = read(&service(
        "run.googleapis.com/invoker-iam-disabled: 'true'",
        "containers: [{image: i, resources: {limits: {cpu: lots, memory: 5Xi}}}]",
    ));
    tells(&wrong, "not an amount of CPU");
    tells(&wrong, "not an amount of memory");
    has(&wrong, "{ kind = \"http\", auth = \"anonymous\" },");
    assert!(refused("apiVersion: run.googleapis.com/v1\nkind: Job\n").contains("a `Job` is no service"));
}
