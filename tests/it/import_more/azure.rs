//! `host.json` and `function.json`.

use super::{example, has, has_not, options, read, read_with, tells};

#[test]
fn the_examples_are_imported() {
    let (host, _) = read(&example("azure/node.host.json"));
    has(&host, "platform = \"azure-functions\"");
    has(&host, "timeout = \"10s\"");
    has(&host, "retries = 2");
    has(&host, "delays = [\"10s\"]");
    has(&host, "dead_letter = true");
    has_not(&host, "instance_concurrency");
    tells(&host, "on the Consumption plan each execution is simulated and billed by itself");
    let (flex, _) = read_with(&example("azure/node.host.json"), &options(&[], Some("azure-functions-flex")));
    has(&flex, "platform = \"azure-functions-flex\"");
    has(&flex, "instance_concurrency = 5");

    let (function, _) = read(&example("azure/multiple-inputs.function.json"));
    has(&function, "{ kind = \"manual\" },");
    tells(&function, "the binding `table` is part of the work");
}

#[test]
fn retries_and_timeouts_are_read() {
    let retry = |retry: &str| read(&format!("{{\"version\": \"2.0\", \"functionTimeout\": \"00:08:00\", \"retry\": {retry}}}")).0;
    let fixed = retry("{\"strategy\": \"fixedDelay\", \"maxRetryCount\": 2, \"delayInterval\": \"00:00:03\"}");
    has(&fixed, "timeout = \"480s\"");
    has(&fixed, "retries = 2");
    has(&fixed, "delays = [\"3s\"]");
    let doubling = retry(
        "{\"strategy\": \"exponentialBackoff\", \"maxRetryCount\": 5, \"minimumInterval\": \"00:00:04\", \"maximumInterval\": \"00:00:30\"}",
    );
    has(&doubling, "delays = [\"4s\", \"8s\", \"16s\", \"30s\"]");
    tells(&retry("{\"maxRetryCount\": -1}"), "retries without end");
    let (endless, _) = read("{\"version\": \"2.0\", \"functionTimeout\": \"-1\"}");
    tells(&endless, "no timeout");
    let (wrong, _) = read("{\"version\": \"2.0\", \"functionTimeout\": \"5 min\"}");
    tells(&wrong, "not a time: 5 min");
}

#[test]
fn bindings_are_triggers() {
    let bindings = "{\"bindings\": [
        {\"type\": \"timerTrigger\", \"direction\": \"in\", \"schedule\": \"0 */5 * * * *\"},
        {\"type\": \"httpTrigger\", \"authLevel\": \"anonymous\"},
        {\"type\": \"serviceBusTrigger\", \"queueName\": \"orders\"},
        {\"type\": \"moonTrigger\"}]}";
    let (imported, _) = read(bindings);
    has(&imported, "arrivals = { constant = \"12/h\" }");
    has(&imported, "{ kind = \"http\", auth = \"anonymous\" },");
    has(&imported, "{ kind = \"servicebus-queue\", source = \"orders\" },");
    tells(&imported, "a trigger of the kind `moonTrigger`, which is not known");
}
