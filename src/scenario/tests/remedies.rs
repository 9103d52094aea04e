//! Wrong files as a whole: what concerns several keys, and that no error hides another one.

use super::{check, check_more, errors, message, resolve, small};
use crate::diagnostic::Severity;

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
fn keys_of_queues_are_for_queues() {
    for key in ["batch_size", "max_concurrency", "max_receives"] {
        check_more(&format!("{key} = 5\n"), &[&format!("conflict 7 traffic.f.{key}")]);
    }
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
            "bad-value 12 traffic.g.profile",
            "bad-value 13 traffic.g.growth",
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
