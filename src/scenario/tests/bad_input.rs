//! Wrong files, value by value: every error has its place, what was expected and a remedy.

use super::{EXAMPLE, check, check_more, check_set, errors, good, message, resolve, small};
use crate::diagnostic::Severity;

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
    check_more("[simulation]\nstart_time = 'tomorrow'\n", &["bad-value 8 simulation.start_time"]);
    check_more("[simulation]\ntimezone = 'Mars'\n", &["unknown-name 8 simulation.timezone"]);
    let gap = "[simulation]\nstart_time = '2026-03-29 02:30'\ntimezone = 'Europe/Berlin'\n";
    check_more(gap, &["out-of-range 8 simulation.start_time"]);
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
        ("keep_alive", "5", "bad-value"),
        ("routing", "fastest", "bad-value"),
        ("max_age", "0s", "out-of-range"),
        ("calls", "{}", "bad-value"),
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
    check_set(
        "functions.thumbnail.provisioned",
        "{ target = 0.7, min = 60, max = 50 }",
        &["out-of-range 0 functions.thumbnail.provisioned.min"],
    );
    check_set(
        "functions.thumbnail.provisioned",
        "{ target = 0, max = 50 }",
        &["out-of-range 0 functions.thumbnail.provisioned.target"],
    );
    check_more("client_timeout = '0s'\n", &["out-of-range 7 traffic.f.client_timeout"]);
    check_more("growth = '8%'\n", &["bad-value 7 traffic.f.growth"]);
    check_more("growth = '-100%/month'\n", &["out-of-range 7 traffic.f.growth"]);
    check_more(
        "invoke = 'queue'\nbatch_size = 0\nmax_receives = 0\n",
        &["out-of-range 8 traffic.f.batch_size", "out-of-range 9 traffic.f.max_receives"],
    );
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
    check(&event("dependency = { name = 'db', outage = true }"), &["unknown-name 10 events.event.dependency.name"]);
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
        ("[simulation]\ntimezone = 'Asia/Shanghai'\n", &[], "no-effect", "simulation.timezone"),
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
