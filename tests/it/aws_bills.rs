//! Bills that AWS prints for Lambda (facts: worked-bills.md L-1 to L-8), to the cent, through `price`.

use rust_decimal::Decimal;

use faascast::billing::usage_file::UsageFile;

fn total(usage: &str) -> Decimal {
    let text = format!("platform = 'aws-lambda'\n{usage}");
    let file = UsageFile::parse(&text, "usage.toml", None).unwrap_or_else(|problems| panic!("{problems:#?}"));
    file.invoice().unwrap().total.amount.round_dp(2)
}

fn cents(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn l_1_with_free_tier() {
    assert_eq!(total("[[usage]]\nmemory = '1536 MiB'\ninvocations = 3_000_000\nduration = '120ms'\n"), cents("2.73"));
}

#[test]
fn l_2_without_free_tier() {
    let usage = "[billing]\nfree_tier = false\n[[usage]]\nmemory = '1024 MiB'\ninvocations = 7_440_000\nduration = '2s'\n";
    assert_eq!(total(usage), cents("249.49"));
}

#[test]
fn l_3_ephemeral_storage() {
    let usage = "[[usage]]\nmemory = '4096 MiB'\ndisk = '2048 MiB'\ninvocations = 6_000_000\nduration = '280ms'\n";
    assert_eq!(total(usage), cents("106.41"));
}

/// 100 environments ready for 8 h: 800 h, of which 500,000 x 100 ms at work; 2.5 million x 120 ms beyond them.
#[test]
fn l_4_provisioned_concurrency() {
    let usage = "[[usage]]\nmemory = '1536 MiB'\ninvocations = 3_000_000\nactive = '300000s'\n\
                 provisioned_active = '50000s'\nprovisioned_idle = '2830000s'\n";
    assert_eq!(total(usage), cents("19.96"));
}

/// One environment ready for a week, at work for 2 million x 280 ms.
#[test]
fn l_5_provisioned_concurrency_for_a_week() {
    let usage = "[billing]\nfree_tier = false\n[[usage]]\nmemory = '4096 MiB'\ninvocations = 2_000_000\n\
                 provisioned_active = '560000s'\nprovisioned_idle = '44800s'\n";
    assert_eq!(total(usage), cents("32.26"));
}

/// Without the fee for tenant isolation, which is not modelled: requests 2.00 and 333.33 (the page prints 333.34).
#[test]
fn l_7_without_tenant_isolation() {
    let usage = "[billing]\nfree_tier = false\n[[usage]]\nmemory = '1024 MiB'\ninvocations = 10_000_000\nduration = '2s'\n";
    assert_eq!(total(usage), cents("335.33"));
}

/// 37,500 GB-s less than x86 of the same: 3 million x 120 ms x 1.5 GB at 0.0000133334.
#[test]
fn arm_has_prices_of_its_own() {
    let usage = "[[usage]]\nmemory = '1536 MiB'\narchitecture = 'arm64'\ninvocations = 3_000_000\nduration = '120ms'\n";
    // 140,000 GB-s x 0.0000133334 = 1.8667, and 0.40.
    assert_eq!(total(usage), cents("2.27"));
    let text = format!("platform = 'aws-lambda'\nregion = 'cn-north-1'\n{usage}");
    assert!(UsageFile::parse(&text, "usage.toml", None).is_err_and(|problems| problems[0].path.contains("architecture")));
}

#[test]
fn edges_of_the_free_tier_and_of_the_tiers() {
    let gb = |seconds: u64| total(&format!("[[usage]]\nmemory = '1024 MiB'\nactive = '{seconds}s'\n"));
    assert_eq!((gb(400_000), gb(0)), (cents("0"), cents("0")));
    // 0.0000166667 for each GB-second beyond it.
    assert_eq!(gb(400_000 + 600_000), cents("10.00"));
    let requests = |n: u64| total(&format!("[[usage]]\nmemory = '128 MiB'\ninvocations = {n}\n"));
    assert_eq!((requests(1_000_000), requests(2_000_000)), (cents("0.00"), cents("0.20")));
    // Six billion GB-seconds of the first tier are 100,000.20; a million of the second add 15.00.
    let tiers =
        |seconds: u64| total(&format!("[billing]\nfree_tier = false\n[[usage]]\nmemory = '10240 MiB'\nactive = '{seconds}s'\n"));
    assert_eq!(tiers(600_000_000), cents("100000.20"));
    assert_eq!(tiers(600_100_000), cents("100015.20"));
}
