//! Every platform: priced, listed and run.

use assert_cmd::Command;
use faascast::platform::Platform;
use serde_json::Value;

struct Ran {
    code: i32,
    out: String,
    err: String,
}

/// Runs the program in a folder with these files.
fn faascast(files: &[(&str, &str)], args: &[&str]) -> Ran {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    let out = Command::cargo_bin("faascast").unwrap().current_dir(dir.path()).args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: out.status.code().unwrap(), out: text(out.stdout), err: text(out.stderr) }
}

/// The total of a usage file, as printed.
fn price(files: &[(&str, &str)]) -> (String, String) {
    let ran = faascast(files, &["price", "usage.toml", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    (json["total"].as_str().unwrap().to_owned(), ran.err)
}

#[test]
fn a_listing_has_every_row_of_the_data_with_source_and_date() {
    let embedded = include_str!("../../src/platform/data/alibaba-fc.toml");
    let rows = embedded.lines().filter(|line| *line == "[[row]]").count();
    let ran = faascast(&[], &["platforms", "alibaba-fc", "--format", "json"]);
    let listed: Value = serde_json::from_str(&ran.out).unwrap();
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), rows);
    for row in listed {
        let says = |key: &str| row[key].as_str().is_some_and(|text| !text.is_empty());
        assert!(says("key") && says("source") && says("as_of") && says("confidence"), "{row}");
    }
    let text = faascast(&[], &["platforms", "alibaba-fc"]).out;
    assert!(
        listed.iter().all(|row| text.contains(row["key"].as_str().unwrap()) && text.contains(row["as_of"].as_str().unwrap()))
    );
}

#[test]
fn each_platform_runs_the_same_scenario() {
    for id in Platform::ids() {
        let scenario = format!(
            "platform = \"{id}\"\n[simulation]\nhorizon = \"1h\"\nreplications = 2\n[functions.f]\nmemory = \"1 GiB\"\ntimeout = \"30s\"\n\
             [functions.f.work]\nio = \"200ms\"\n[[traffic]]\nto = \"f\"\narrivals = {{ poisson = \"5/s\" }}\n"
        );
        let ran = faascast(&[("s.toml", &scenario)], &["run", "s.toml", "--format", "json"]);
        assert_eq!(ran.code, 0, "{id}: {}", ran.err);
        let result: Value = serde_json::from_str(&ran.out).unwrap();
        let fee = result["fee"]["month"]["mean"].as_f64().unwrap();
        let availability = result["functions"]["f"]["availability"]["mean"].as_f64().unwrap();
        assert!(fee > 0.0 && availability > 0.999, "{id}: {fee}, {availability}");
        // 5 a second make 13.14 million a month, whatever the platform.
        let requests = result["functions"]["f"]["requests"]["mean"].as_f64().unwrap();
        assert!((requests - 18_000.0).abs() < 5.0 * 18_000_f64.sqrt(), "{id}: {requests}");
    }
}

/// The second generation's data says only what differs, and prices as the third one does.
#[test]
fn fc_2_is_fc_3_but_for_what_it_says() {
    let (two, three) = (Platform::find("alibaba-fc2").unwrap(), Platform::find("alibaba-fc").unwrap());
    let differs = |key: &str| two.row("cn-hangzhou", key).map(|r| &r.value) != three.row("cn-hangzhou", key).map(|r| &r.value);
    let keys: Vec<&str> = three.rows("cn-hangzhou").map(|row| row.key.as_str()).filter(|key| differs(key)).collect();
    assert_eq!(keys, ["limits.memory.max", "limits.instances", "instance.keep_alive"]);
    let usage = |id: &str| {
        format!("platform = '{id}'\n[[usage]]\nmemory = '512 MiB'\nvcpu = 0.35\ninvocations = 5_000_000\nduration = '1s'\n")
    };
    let total = |id: &str| price(&[("usage.toml", &usage(id))]).0;
    assert_eq!(total("alibaba-fc2"), total("alibaba-fc"));
}

/// FC-2 and FC-3, GPU cards, through the program: 361.977 and 579.9354 CNY.
#[test]
fn gpu_bills_of_the_vendor() {
    let usage = |card: &str, gpu: &str, memory: &str| {
        format!(
            "platform = 'alibaba-fc'\n[billing]\ncycle_rounding = false\nminimum_charge = false\n[[usage]]\nmemory = '{memory}'\nvcpu = 8\n\
             gpu = {{ card = '{card}', memory = '{gpu}' }}\ndisk = '512 MiB'\ninvocations = 1_000_000\nprovisioned_active = '10h'\nprovisioned_idle = '40h'\n"
        )
    };
    assert_eq!(price(&[("usage.toml", &usage("tesla.1", "16 GiB", "32 GiB"))]).0, "361.98");
    assert_eq!(price(&[("usage.toml", &usage("blackwell.1", "32 GiB", "64 GiB"))]).0, "579.94");
}

/// L-8, of the era of 100 ms: 1.1 million GB-s at the price of then, as a row of the user's own; and its date is warned about.
#[test]
fn old_prices_as_own_rows() {
    let usage = "platform = 'aws-lambda'\nprices = 'then.toml'\n[[usage]]\nmemory = '512 MiB'\ninvocations = 3_000_000\nduration = '1s'\n";
    let then = "[[row]]\nkey = 'price.gb_s.tiers'\nvalue = [['0', '0.00001667']]\nas_of = '2019-01-01'\nsource = 'price page of 2019'\n\
                [[row]]\nkey = 'billing.granule'\nvalue = '100ms'\n";
    let (total, said) = price(&[("usage.toml", usage), ("then.toml", then)]);
    assert_eq!(total, "18.74");
    assert!(said.contains("180 days old") && said.contains("`price.gb_s.tiers` of 2019-01-01"), "{said}");
    // FC-4 at the price of the promotion.
    let usage = "platform = 'alibaba-fc'\nregion = 'ap-southeast-1'\nprices = 'then.toml'\n[billing]\ncycle_rounding = false\nminimum_charge = false\n\
                 [[usage]]\nmemory = '512 MiB'\nvcpu = 0.25\ninvocations = 3_000_000\nduration = '200ms'\n";
    let then = "[[row]]\nkey = 'price.cu.tiers'\nvalue = [['0', '0.000016']]\n";
    assert_eq!(price(&[("usage.toml", usage), ("then.toml", then)]).0, "3.48");
}

#[test]
fn tiers_change_at_their_edge_to_the_unit() {
    // FC, China: 0.00011 up to 200 million CU, 0.0001 above. A million CU is 1,000,000 s of one vCPU.
    let usage = |cu: u64| {
        format!(
            "platform = 'alibaba-fc'\n[billing]\ncycle_rounding = false\nminimum_charge = false\n[[usage]]\nmemory = '1024 MiB'\nvcpu = 1\nactive = '{cu}s'\n"
        )
    };
    // A second of 1 vCPU and 1 GiB is 1.15 CU.
    let at = |seconds: u64| price(&[("usage.toml", &usage(seconds))]).0;
    // 100,000,000 s: 115,000,000 CU at 0.00011.
    assert_eq!(at(100_000_000), "12650.00");
    // 200,000,000 s: 230,000,000 CU: 22,000 for the first 200 million, 3,000 for the rest.
    assert_eq!(at(200_000_000), "25000.00");
    // The last second below 200 million CU, and 5,000 CU beyond them at 0.0001.
    assert_eq!(at(173_913_043), "22000.00");
    assert_eq!(at(173_917_391), "22000.50");
}
