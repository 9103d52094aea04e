//! Wrong files: every error has its place, what was expected and a remedy.

use super::{EXAMPLE, good, resolve, small};
use crate::diagnostic::Severity;

/// Errors of a text as `CODE LINE PATH`, in the order in which they are shown.
fn errors(text: &str, sets: &[(&str, &str)]) -> Vec<String> {
    let found = resolve(text, sets).err().unwrap_or_default();
    let shown = found.iter().filter(|d| d.severity == Severity::Error);
    shown.map(|d| format!("{} {} {}", d.code, d.line, d.path)).collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(errors(text, &[]), expected, "{text}");
}

/// Checks lines added to the end of the small scenario, of which the first is line 7.
#[track_caller]
fn check_more(more: &str, expected: &[&str]) {
    check(&small(more), expected);
}

/// Checks one `--set` on the design's example.
#[track_caller]
fn check_set(path: &str, value: &str, expected: &[&str]) {
    assert_eq!(errors(EXAMPLE, &[(path, value)]), expected, "{path}={value}");
}

/// The first error in full.
fn message(text: &str, sets: &[(&str, &str)]) -> String {
    let found = resolve(text, sets).unwrap_err();
    found.iter().find(|d| d.severity == Severity::Error).unwrap().to_string()
}

#[test]
fn all_errors_of_a_file_are_found_in_one_run() {
    let text = "platfrom = 'x'\n[simulation]\nhorizon = 5\nseed = -1\n[functions.f]\nmemory = '512 parsec'\nwork.cpu = '1s'\n[[traffic]]\nto = 'g'\narrivals = { poisson = '1' }\n";
    check(
        text,
        &[
            "unknown-key 1 platfrom",
            "missing-key 1 platform",
            "bad-value 3 simulation.horizon",
            "bad-value 4 simulation.seed",
            "bad-value 6 functions.f.memory",
            "unknown-name 9 traffic.g.to",
            "bad-value 10 traffic.g.arrivals.poisson",
        ],
    );
}

#[test]
fn a_message_has_place_expectation_and_hint() {
    assert_eq!(
        message(&small("[simulation]\nhorizn = '1d'\n"), &[]),
        "error[unknown-key]: `simulation.horizn`: unknown key\n  --> folder/shop.toml:8\n  hint: Did you mean `horizon`?"
    );
    assert_eq!(
        message(&small("[simulation]\nhorizon = 30\n"), &[]),
        "error[bad-value]: `simulation.horizon`: expected a time with its unit, such as \"30s\", \"250ms\" or \"5min\", found 30\n  \
         --> folder/shop.toml:8\n  hint: Write the unit with the value, such as \"30s\"."
    );
    assert_eq!(
        message(EXAMPLE, &[("functions.thumbnail.timeout", "30")]),
        "error[bad-value]: `functions.thumbnail.timeout`: expected a time with its unit, such as \"30s\", \"250ms\" or \"5min\", \
         found 30\n  --> --set\n  hint: Write the unit with the value, such as \"30s\"."
    );
}

#[test]
fn syntax_errors_have_a_line() {
    check("a = \n", &["syntax 1 "]);
    check("platform = 'generic'\nplatform = 'generic'\n", &["syntax 2 "]);
    check("[a]\n[a]\n[b\n", &["syntax 2 ", "syntax 3 "]);
    check("", &["missing-key 1 platform", "missing-key 1 functions", "missing-key 1 traffic"]);
}

#[test]
fn names_that_do_not_exist_name_the_nearest() {
    for (text, hint) in [
        (EXAMPLE.replace("alibaba-fc", "alibaba-fd"), "Did you mean `alibaba-fc`?"),
        (EXAMPLE.replace("cn-hangzhou", "cn-hanzhou"), "Did you mean `cn-hangzhou`?"),
        (EXAMPLE.replace("most-recently-used", "most-recent-used"), "Did you mean \"most-recently-used\"?"),
        (EXAMPLE.replace("to = \"thumbnail\"", "to = \"thumbnal\""), "Did you mean `thumbnail`?"),
        (EXAMPLE.replace("\"timeout\", \"error\"]", "\"timout\"]"), "Did you mean \"timeout\"?"),
    ] {
        let message = message(&text, &[]);
        assert!(message.ends_with(&format!("hint: {hint}")), "{message}");
    }
    check_set("site", "moon", &["unknown-name 0 site"]);
}

#[test]
fn horizons_and_counts_out_of_range() {
    for (key, value) in [
        ("horizon", "0s"),
        ("horizon", "3651d"),
        ("replications", "0"),
        ("replications", "10000000"),
        ("run_in", "3h"),
        ("seed", "99999999999999999999"),
    ] {
        check_set(&format!("simulation.{key}"), value, &[&format!("out-of-range 0 simulation.{key}")]);
    }
    for (key, value) in
        [("horizon", "forever"), ("horizon", "-1d"), ("horizon", "1e400d"), ("seed", "-1"), ("seed", "1.5"), ("kind", "infinite")]
    {
        check_set(&format!("simulation.{key}"), value, &[&format!("bad-value 0 simulation.{key}")]);
    }
    check_set("simulation.precision", "{ fee = '1%' }", &["conflict 10 simulation.replications"]);
    check_more("[simulation]\nprecision = { fee = '1' }\n", &["bad-value 8 simulation.precision.fee"]);
    check_more("[simulation]\nprecision = { fee = '0.01pp' }\n", &["out-of-range 8 simulation.precision.fee"]);
    check_more("[simulation]\nprecision = { fee = '0%' }\n", &["out-of-range 8 simulation.precision.fee"]);
    check_more("[simulation]\nprecision = { }\n", &["missing-key 8 simulation.precision"]);
    check_more("[simulation]\nstart_time = '2026-11-23T00:00:00Z'\n", &["bad-value 8 simulation.start_time"]);
}

#[test]
fn settings_of_a_function_out_of_range() {
    for (key, value, code) in [
        ("memory", "0 MiB", "out-of-range"),
        ("memory", "-1 MiB", "bad-value"),
        ("memory", "512", "bad-value"),
        ("memory", "1e300 GiB", "bad-value"),
        ("vcpu", "0", "out-of-range"),
        ("vcpu", "nan", "out-of-range"),
        ("vcpu", "inf", "out-of-range"),
        ("vcpu", "'0.35'", "bad-value"),
        ("timeout", "0s", "out-of-range"),
        ("instance_concurrency", "0", "out-of-range"),
        ("max_instances", "-5", "bad-value"),
        ("max_instances", "many", "bad-value"),
        ("provisioned", "-1", "bad-value"),
        ("provisioned", "1e9", "bad-value"),
        ("provisioned", "{ target = 0.7, min = 1, max = 50 }", "not-yet"),
        ("keep_alive", "5", "bad-value"),
        ("routing", "fastest", "bad-value"),
        ("max_age", "0s", "out-of-range"),
        ("calls", "[]", "not-yet"),
    ] {
        check_set(&format!("functions.thumbnail.{key}"), value, &[&format!("{code} 0 functions.thumbnail.{key}")]);
    }
    check_more(
        "[functions.f.faults]\nerror = 1.5\nhang = '101%'\ncrash = -0.1\n",
        &["bad-value 8 functions.f.faults.error", "bad-value 9 functions.f.faults.hang", "bad-value 10 functions.f.faults.crash"],
    );
    check_more(
        "[functions.g]\nprovisioned = [{ from = 'Mon', to = 'Fri 20:00', instances = 5 }]\nwork.io = '1s'\n",
        &["bad-value 8 functions.g.provisioned[1].from"],
    );
}

#[test]
fn what_the_platform_refuses_says_the_limit_its_value_source_and_date() {
    let message = message(EXAMPLE, &[("functions.thumbnail.package", "501 MiB")]);
    for part in ["error[limit]: `functions.thumbnail.package`", "501 MiB", "500 MiB", "never starts", "fc-docs", "2026-08-09"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    for (key, value) in [
        ("memory", "500 MiB"),
        ("memory", "64 MiB"),
        ("memory", "33 GiB"),
        ("vcpu", "0.37"),
        ("vcpu", "2"),
        ("vcpu", "0.1"),
        ("timeout", "2d"),
        ("timeout", "10ms"),
        ("instance_concurrency", "2"),
        ("disk", "1 GiB"),
        ("async.retries", "9"),
        ("async.max_event_age", "8d"),
    ] {
        let found = errors(EXAMPLE, &[(&format!("functions.thumbnail.{key}"), value)]);
        assert!(
            !found.is_empty() && found.iter().all(|error| error.starts_with("limit 0 ") || error.starts_with("limit 19 ")),
            "{key}: {found:?}"
        );
    }
    // A custom runtime may take 200 invocations at once; the package limit is lower in other regions.
    assert!(
        errors(EXAMPLE, &[("functions.thumbnail.runtime", "custom"), ("functions.thumbnail.instance_concurrency", "200")])
            .is_empty()
    );
    check_set("region", "us-west-1", &["currency 54 objectives.fee"]);
    let sets = [("region", "us-west-1"), ("objectives.fee", "500 USD"), ("functions.thumbnail.package", "101 MiB")];
    assert_eq!(errors(EXAMPLE, &sets), ["limit 0 functions.thumbnail.package"]);
}

#[test]
fn distributions_with_impossible_parameters() {
    for (law, expected) in [
        ("{ exponential = '-1s' }", "bad-value 8 functions.f.work.cpu.exponential"),
        ("{ exponential = 5 }", "bad-value 8 functions.f.work.cpu.exponential"),
        ("{ exponential = 'forever' }", "bad-value 8 functions.f.work.cpu.exponential"),
        ("{ lognormal = { mean = '1s', cv = -1 } }", "out-of-range 8 functions.f.work.cpu"),
        ("{ lognormal = { mean = '1s', cv = nan } }", "out-of-range 8 functions.f.work.cpu.lognormal.cv"),
        ("{ lognormal = { mean = '1s' } }", "missing-key 8 functions.f.work.cpu.lognormal"),
        ("{ lognormal = { mean = '1s', cv = 1, p95 = '3s' } }", "conflict 8 functions.f.work.cpu.lognormal"),
        ("{ lognormal = { median = '2s', p95 = '1s' } }", "out-of-range 8 functions.f.work.cpu"),
        ("{ uniform = { min = '2s', max = '1s' } }", "out-of-range 8 functions.f.work.cpu"),
        ("{ gamma = { mean = '1s' } }", "missing-key 8 functions.f.work.cpu.gamma.cv"),
        ("{ quantiles = [] }", "bad-value 8 functions.f.work.cpu.quantiles"),
        ("{ quantiles = [[0.5, '2s'], [0.4, '3s']] }", "out-of-range 8 functions.f.work.cpu"),
        ("{ quantiles = [[0.5, '2s', 3]] }", "bad-value 8 functions.f.work.cpu.quantiles"),
        ("{ mixture = [] }", "missing-key 8 functions.f.work.cpu.mixture"),
        ("{ mixture = [{ weight = 0, of = '1s' }] }", "out-of-range 8 functions.f.work.cpu"),
        ("{ mixture = [{ weight = 1, of = '1' }] }", "bad-value 8 functions.f.work.cpu.mixture[1].of"),
        ("{ empirical = 'none.csv' }", "io 8 functions.f.work.cpu.empirical"),
        ("{ empirical = 'negative.csv' }", "bad-file 8 functions.f.work.cpu.empirical"),
        ("{ empirical = 'binary.csv' }", "bad-file 8 functions.f.work.cpu.empirical"),
        ("{ normal = '1s' }", "unknown-key 8 functions.f.work.cpu.normal"),
        ("{ }", "bad-value 8 functions.f.work.cpu"),
        ("{ exponential = '1s', gamma = { mean = '1s', cv = 1 } }", "conflict 8 functions.f.work.cpu"),
        ("5", "bad-value 8 functions.f.work.cpu"),
    ] {
        let text = small("").replace("work.io = \"100ms\"\n", &format!("# \n# \n# \n# \n# \nwork.cpu = {law}\n"));
        check(&text, &[expected]);
    }
}

#[test]
fn traffic_that_cannot_be() {
    for (arrivals, expected) in [
        ("{ poisson = '-1/s' }", "bad-value 6 traffic.f.arrivals.poisson"),
        ("{ poisson = '20' }", "bad-value 6 traffic.f.arrivals.poisson"),
        ("{ poisson = '1e8/s' }", "out-of-range 6 traffic.f.arrivals.poisson"),
        ("{ poisson = '1/s', constant = '1/s' }", "conflict 6 traffic.f.arrivals"),
        ("{ possion = '1/s' }", "unknown-key 6 traffic.f.arrivals.possion"),
        ("{ }", "bad-value 6 traffic.f.arrivals"),
        ("'20/s'", "bad-value 6 traffic.f.arrivals"),
        ("{ mmpp = [] }", "missing-key 6 traffic.f.arrivals.mmpp"),
        ("{ mmpp = [{ rate = '1/s', mean_time = '0s' }] }", "out-of-range 6 traffic.f.arrivals.mmpp[1].mean_time"),
        ("{ renewal = '0s' }", "out-of-range 6 traffic.f.arrivals.renewal"),
        ("{ trace = 'none.csv' }", "io 6 traffic.f.arrivals.trace"),
        ("{ trace = 'unsorted.csv' }", "bad-trace 3 traffic.f.arrivals.trace"),
        ("{ trace = 'broken.csv' }", "bad-trace 3 traffic.f.arrivals.trace"),
        ("{ trace = 'counts.csv', format = 'azure' }", "bad-value 6 traffic.f.arrivals.format"),
        ("{ poisson = '1/s', repeat = true }", "conflict 6 traffic.f.arrivals.repeat"),
    ] {
        check(&small("").replace("{ poisson = \"1/s\" }", arrivals), &[expected]);
    }
    check_more("client_timeout = '0s'\n", &["out-of-range 7 traffic.f.client_timeout"]);
    check_more("growth = '8%'\n", &["bad-value 7 traffic.f.growth"]);
    check_more("growth = '-100%/month'\n", &["out-of-range 7 traffic.f.growth"]);
    check_more("invoke = 'queue'\n", &["not-yet 7 traffic.f.invoke"]);
    check_more("retry = { attempts = 0 }\n", &["out-of-range 7 traffic.f.retry.attempts"]);
    check_more("retry = { on = ['ok'] }\n", &["missing-key 7 traffic.f.retry.attempts", "bad-value 7 traffic.f.retry.on"]);
    check_more("retry = { attempts = 2, backoff = { factor = 0.5 } }\n", &["out-of-range 7 traffic.f.retry.backoff.factor"]);
    check_more("retry = { attempts = 2, budget = { ratio = '10%' } }\n", &["missing-key 7 traffic.f.retry.budget.burst"]);
    let budget = |burst: &str| format!("retry = {{ attempts = 2, budget = {{ ratio = '10%', burst = {burst} }} }}\n");
    check_more(&budget("0.99"), &["out-of-range 7 traffic.f.retry.budget.burst"]);
    check_more(&budget("1"), &[]);
    check_more("profile = 'weekend'\n", &["bad-value 7 traffic.f.profile"]);
    check_more("profile = { hours = [1, 2] }\n", &["bad-value 7 traffic.f.profile.hours"]);
    check_more("profile = { points = [['1h', 1], ['0h', 2]] }\n", &["out-of-range 7 traffic.f.profile"]);
    check_more("profile = { points = [['1h', -1]] }\n", &["out-of-range 7 traffic.f.profile"]);
    check_more("[[traffic]]\nname = 'f'\nto = 'f'\narrivals = { poisson = '1/s' }\n", &[]);
    check_more("name = 'a'\n[[traffic]]\nname = 'a'\nto = 'f'\narrivals = { poisson = '1/s' }\n", &["conflict 9 traffic.a.name"]);
    check("platform = 'generic'\n[functions.f]\nwork.io = '1s'\n", &["missing-key 1 traffic"]);
    check("platform = 'generic'\ntraffic = []\n[functions.f]\nwork.io = '1s'\n", &["missing-key 2 traffic"]);
    check("platform = 'generic'\n[functions.f]\nwork.io = '1s'\n[traffic]\nto = 'f'\n", &["bad-value 4 traffic"]);
}

#[test]
fn no_functions_and_no_work() {
    check(
        "platform = 'generic'\n[[traffic]]\nto = 'f'\narrivals = { poisson = '1/s' }\n",
        &["missing-key 1 functions", "unknown-name 3 traffic.f.to"],
    );
    check(&small("").replace("work.io = \"100ms\"", "timeout = '1s'"), &["missing-key 2 functions.f.work"]);
    check(&small("").replace("work.io = \"100ms\"", "work.memory = '1 MiB'"), &["missing-key 3 functions.f.work"]);
}

#[test]
fn events_that_cannot_be() {
    let event = |more: &str| small(&format!("[[events]]\nat = '1h'\nfor = '10min'\n{more}\n"));
    check(&event("traffic = { name = 'f', factor = 20 }"), &[]);
    check(&event(""), &["missing-key 7 events.event"]);
    check(&event("traffic = { name = 'g', factor = 20 }"), &["unknown-name 10 events.event.traffic.name"]);
    check(&event("traffic = { name = 'f', factor = -1 }"), &["out-of-range 10 events.event.traffic.factor"]);
    check(
        &event("traffic = { name = 'f', factor = 1e6 }\n[[traffic]]\nname = 'g'\nto = 'f'\narrivals = { poisson = '20/s' }"),
        &[],
    );
    check(&event("function = { name = 'f', slower = 0 }"), &["out-of-range 10 events.event.function.slower"]);
    check(&event("function = { name = 'f' }"), &["missing-key 10 events.event.function"]);
    check(&event("function = { name = 'f', error = 1 }\ntraffic = { name = 'f', factor = 2 }"), &["conflict 7 events.event"]);
    check(&event("dependency = { name = 'db', outage = true }"), &["not-yet 10 events.event.dependency"]);
    check(&event("shape = 'sine'\nfunction = { name = 'f', error = 1 }"), &["bad-value 10 events.event.shape"]);
    // One that begins at the end of the horizon of a day never happens; one that ends there is whole.
    let at = |at: &str| event("traffic = { name = 'f', factor = 2 }").replace("'1h'", &format!("'{at}'"));
    check(&at("1d"), &["out-of-range 8 events.event.at"]);
    check(&at("1430min"), &[]);
    assert!(message(&at("2d"), &[]).contains("the horizon ends at 1d\n  --> folder/shop.toml:8\n  hint: Let it begin earlier"));
    assert_eq!(errors(&at("2d"), &[("simulation.horizon", "0s")]), ["out-of-range 0 simulation.horizon"]);
    let fast = event("traffic = { name = 'f', factor = 1000 }").replace("\"1/s\"", "\"20000/s\"");
    check(&fast, &["out-of-range 7 events.event.traffic.factor"]);
    check_more("[[events]]\nat = '1h'\nfor = '0s'\ntraffic = { name = 'f', factor = 2 }\n", &["out-of-range 9 events.event.for"]);
}

#[test]
fn objectives_accounts_and_bills() {
    check_more(
        "[objectives]\np99 = 2\nfee = '5'\navailability = '99.9'\n",
        &["bad-value 8 objectives.p99", "bad-value 9 objectives.fee", "bad-value 10 objectives.availability"],
    );
    check_more("[objectives]\np99.9 = '2s'\n", &["bad-value 8 objectives.p99"]);
    check_more("[objectives]\nfee = '5 EUR'\n", &["currency 8 objectives.fee"]);
    check_more("[billing]\nexchange = { EUR = -1 }\n", &["out-of-range 8 billing.exchange.EUR"]);
    check_more("[billing]\nexchange = { eur = 1 }\n", &["out-of-range 8 billing.exchange.eur"]);
    check_more("[billing]\ncommitted = 20\n", &["bad-value 8 billing.committed"]);
    check_more("[account]\nscaling = { burst = 5 }\n", &["missing-key 8 account.scaling.rate"]);
    check_more(
        "[account]\nscaling = { burst = 5, rate = '1/s', every = '1s' }\n",
        &["missing-key 8 account.scaling.starts", "conflict 8 account.scaling.burst", "conflict 8 account.scaling.rate"],
    );
    check_more("[account]\nscaling = 'fast'\n", &["bad-value 8 account.scaling"]);
    check_more(
        "[account]\nmax_instances = 5\n[functions.g]\nreserved = 6\nwork.io = '1s'\n",
        &["conflict 10 functions.g.reserved"],
    );
}

#[test]
fn options_that_are_wrong_have_a_remedy() {
    for (path, value, expected, hint) in [
        ("functions.f", "3", "bad-value 0 functions.f", "Write its keys in braces"),
        ("functions.f.async.delays", "[1s, 2s]", "bad-value 0 functions.f.async.delays", "texts in quotes: [\"1s\", \"2s\"]"),
        ("functions.f.work.cpu", "{ exponential = 1s }", "bad-value 0 functions.f.work.cpu", "texts in quotes"),
        ("events.outage.for", "5s", "unknown-path 0 events.outage", "write them into the file"),
        ("functions.f.memory", "7 PiB", "bad-value 0 functions.f.memory", ""),
        ("traffic.f.arrivals.poisson", "1e308/ms", "bad-value 0 traffic.f.arrivals.poisson", ""),
    ] {
        let found = resolve(&small(""), &[(path, value)]).unwrap_err();
        assert_eq!(errors(&small(""), &[(path, value)]), [expected], "{found:#?}");
        assert!(found[0].hints.concat().contains(hint), "{}", found[0]);
    }
    let none = message("platform = 'generic'\nfunctions = {}\n[[traffic]]\nto = 'f'\narrivals = { poisson = '1/s' }\n", &[]);
    assert!(none.contains("there are no functions") && !none.contains("There is: ."), "{none}");
}

#[test]
fn names_that_spreadsheets_would_run_are_refused() {
    let function = small("").replace("functions.f", "functions.\"=1+1\"").replace("to = \"f\"", "to = \"=1+1\"");
    check(&function, &["bad-name 2 functions.\"=1+1\""]);
    check_more("name = '@SUM(A1)'\n", &["bad-name 7 traffic.\"@SUM(A1)\".name"]);
    check_more("name = \"a\\u001b[2J\"\n", &["bad-name 7 traffic.\"a\\u001B[2J\".name"]);
    let event = "[[events]]\nname = '-x'\nat = '1h'\nfor = '1h'\ntraffic = { name = 'f', factor = 2 }\n";
    check_more(event, &["bad-name 8 events.-x.name"]);
}

#[test]
fn mechanisms_to_come_are_not_called_unknown() {
    for table in ["dependencies", "dependency", "queues", "queue"] {
        check_more(&format!("[{table}.db]\ncapacity = 3\n"), &[&format!("not-yet 7 {table}")]);
    }
    for key in ["calls", "dependency", "dependencies", "queue"] {
        check_more(&format!("[functions.f.{key}]\n"), &[&format!("not-yet 7 functions.f.{key}")]);
    }
    for key in ["queue", "batch_size", "batch_window", "visibility_timeout", "max_receives"] {
        check_more(&format!("{key} = 5\n"), &[&format!("not-yet 7 traffic.f.{key}")]);
    }
    for (path, value) in [("functions.f.provisioned", "{ target = 0.7, max = 5 }"), ("functions.f.provisioned.target", "0.7")] {
        let message = message(&small(""), &[(path, value)]);
        assert!(message.contains("not available yet") && message.contains("hint: "), "{message}");
    }
    let message = message(&small("batch_size = 10\n"), &[]);
    assert!(
        message
            .ends_with("not available yet\n  --> folder/shop.toml:7\n  hint: Leave it out: this version does not simulate it."),
        "{message}"
    );
}

#[test]
fn runtimes_that_do_not_exist() {
    let runtime = |platform: &str, runtime: &str| {
        let text =
            small("").replace("generic", platform).replace("[functions.f]", &format!("[functions.f]\nruntime = '{runtime}'"));
        resolve(&text, &[]).map_or_else(|found| found, |resolved| resolved.warnings)
    };
    for (platform, id, severity, near) in [
        ("alibaba-fc", "pyton3.12", Severity::Error, "Did you mean `python3.12`?"),
        ("generic", "pyton3.12", Severity::Error, "Did you mean `python3.12`?"),
        ("alibaba-fc", "cobol", Severity::Error, "a runtime of your own is `custom`"),
        // A version that is newer than the facts is not refused.
        ("alibaba-fc", "python3.14", Severity::Warning, "Did you mean `python3.10`?"),
    ] {
        let found = runtime(platform, id);
        assert_eq!(found.len(), 1, "{id}: {found:#?}");
        assert_eq!((found[0].severity, found[0].path.as_str(), found[0].line), (severity, "functions.f.runtime", 3), "{id}");
        assert!(found[0].message.contains(id) && found[0].hints[0].contains(near), "{}", found[0]);
    }
    assert_eq!(runtime("generic", "python9"), []);
}

/// No error hides another one, whatever it is about.
#[test]
fn errors_of_one_entry_do_not_hide_each_other() {
    let text = "platform = 'alibaba-fc'\nregion = 'cn-hanzhou'\nprices = 'none.toml'\n[functions.f]\nruntime = 'pyton3.12'\n\
                package = '40'\nmemory = '1'\nwork.cpu = { exponential = '1', gamma = { mean = '1', cv = -1 } }\n\
                [[traffic]]\nto = 'g'\ninvoke = 'queue'\nprofile = 'office'\ngrowth = '8%'\nbatch_size = 5\n\
                arrivals = { poisson = '1', constant = '1' }\nretry = { attempts = 0 }\n\
                [[events]]\nat = '1'\nfor = '1'\ntraffic = { name = 'h', factor = -1 }\nfunction = { name = 'g', slower = 0 }\n\
                [objectives]\np99.9 = '2s'\nfee = '5'\n[functions.empty]\n";
    check(
        text,
        &[
            "unknown-name 2 region",
            "io 3 prices",
            "unknown-name 5 functions.f.runtime",
            "bad-value 6 functions.f.package",
            "bad-value 7 functions.f.memory",
            "conflict 8 functions.f.work.cpu",
            "bad-value 8 functions.f.work.cpu.exponential",
            "bad-value 8 functions.f.work.cpu.gamma.mean",
            "unknown-name 10 traffic.g.to",
            "not-yet 11 traffic.g.invoke",
            "bad-value 12 traffic.g.profile",
            "bad-value 13 traffic.g.growth",
            "not-yet 14 traffic.g.batch_size",
            "conflict 15 traffic.g.arrivals",
            "bad-value 15 traffic.g.arrivals.constant",
            "bad-value 15 traffic.g.arrivals.poisson",
            "out-of-range 16 traffic.g.retry.attempts",
            "conflict 17 events.event",
            "bad-value 18 events.event.at",
            "bad-value 19 events.event.for",
            "unknown-name 20 events.event.traffic.name",
            "out-of-range 20 events.event.traffic.factor",
            "unknown-name 21 events.event.function.name",
            "out-of-range 21 events.event.function.slower",
            "bad-value 23 objectives.p99",
            "bad-value 24 objectives.fee",
            "missing-key 25 functions.empty.work",
        ],
    );
    // A broken trace is not taken for missing work.
    let broken = small("").replace("work.io = \"100ms\"", "").replace("poisson = \"1/s\"", "trace = 'broken.csv'");
    check(&broken, &["bad-trace 3 traffic.f.arrivals.trace"]);
}

#[test]
fn what_is_kept_warm_fits_into_the_quotas() {
    let warm = |sets: &[(&str, &str)]| errors(&small(""), sets);
    let (provisioned, account) = ("functions.f.provisioned", "account.max_instances");
    let conflict = ["conflict 0 functions.f.provisioned"];
    assert_eq!(warm(&[(provisioned, "10"), (account, "10")]), [""; 0]);
    assert_eq!(warm(&[(provisioned, "11"), (account, "10")]), conflict);
    assert_eq!(warm(&[(provisioned, "11"), ("account.max_concurrency", "10")]), conflict);
    for quota in ["max_instances", "max_concurrency", "reserved"] {
        let quota = format!("functions.f.{quota}");
        assert_eq!(warm(&[(provisioned, "10"), (&quota, "10")]), [""; 0], "{quota}");
        assert_eq!(warm(&[(provisioned, "11"), (&quota, "10")]), conflict, "{quota}");
    }
    // Over the functions: 6 reserved by one and 5 warm at the other, on an account of 10; by schedules that take turns 10 fit.
    let two = |f: &str, g: &str| {
        let more = format!("[account]\nmax_instances = 10\n[functions.g]\n{g}\nwork.io = '1s'\n");
        let text = small(&more).replace("work.io = \"100ms\"", &format!("work.io = \"100ms\"\n{f}"));
        let text = text.replace("to = \"f\"", "to = \"f\"\nname = \"f\"");
        errors(&text, &[])
    };
    assert_eq!(two("reserved = 6", "provisioned = 4"), [""; 0]);
    assert_eq!(two("reserved = 6", "provisioned = 5"), ["conflict 4 functions.f.reserved"]);
    let turn = |from: &str, to: &str| format!("provisioned = [{{ from = 'Mon {from}', to = 'Mon {to}', instances = 10 }}]");
    assert_eq!(two(&turn("08:00", "20:00"), &turn("20:00", "24:00")), [""; 0]);
    assert_eq!(two(&turn("08:00", "20:00"), &turn("19:00", "24:00")), ["conflict 4 functions.f.provisioned"]);
    let message = message(&small("[account]\nmax_instances = 10\n"), &[(provisioned, "300")]);
    assert!(message.contains("300") && message.contains("of 10") && message.contains("hint: Lower"), "{message}");
}

#[test]
fn files_that_cannot_be_read() {
    check_set("prices", "none.toml", &["io 0 prices"]);
    check_set("prices", "binary.csv", &["bad-file 0 "]);
    let found = resolve(EXAMPLE, &[("prices", "bad-prices.toml")]).unwrap_err();
    let error = found.iter().find(|d| d.severity == Severity::Error).unwrap();
    assert_eq!((error.file.as_str(), error.line), ("bad-prices.toml", 1));
    assert!(error.hints[0].contains("instance.keep_alive"), "{error}");
    let message = message(&small("").replace("{ poisson = \"1/s\" }", "{ trace = 'none.csv' }"), &[]);
    assert!(message.contains("cannot read the file `none.csv`: no such file"), "{message}");
}

#[test]
fn no_traffic_at_all_is_refused() {
    assert_eq!(errors(&small(""), &[("traffic.f.arrivals.poisson", "0/s")]), ["no-traffic 6 traffic.f.arrivals"]);
}

#[test]
fn warnings_do_not_refuse_the_file() {
    for (more, sets, code, path) in [
        ("[[traffic]]\nto = 'f'\narrivals.poisson = '0/s'\n", [].as_slice(), "no-traffic", "traffic.f-2.arrivals"),
        ("[functions.g]\nwork.io = '1s'\n", &[], "no-traffic", "functions.g"),
        ("[simulation]\nstart = 'cold'\nrun_in = '1h'\n", &[], "no-effect", "simulation.run_in"),
        ("invoke = 'async'\nretry = { attempts = 3 }\n", &[], "no-effect", "traffic.f.retry"),
        ("[functions.f.work]\n", &[("functions.f.work.memory", "1 GiB")], "memory", "functions.f.memory"),
        ("[simulation]\nkind = 'steady-state'\nstart = 'warm'\n", &[], "no-effect", "simulation.start"),
        ("[simulation]\nkind = 'steady-state'\nrun_in = '1h'\n", &[], "no-effect", "simulation.run_in"),
        (
            "[[events]]\nat = '23h'\nfor = '61min'\ntraffic = { name = 'f', factor = 2 }\n",
            &[],
            "beyond-horizon",
            "events.event.for",
        ),
    ] {
        let text = small(more).replace("[functions.f.work]\n", "");
        let found: Vec<_> = good(&text, sets).warnings.iter().map(|d| (d.code, d.path.clone())).collect();
        assert_eq!(found, [(code, path.to_owned())], "{more}");
    }
    let whole = small("[[events]]\nat = '23h'\nfor = '1h'\ntraffic = { name = 'f', factor = 2 }\n");
    assert_eq!(good(&whole, &[]).warnings, []);
}
