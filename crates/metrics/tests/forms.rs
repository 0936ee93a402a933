//! One scenario, exported by several versions of Grafana in many forms, gives the same series.
//!
//! The exports stand outside of the repository; without them the test says so and passes.

use chrono_tz::Tz;
use metrics::{Clock, Options, Series, parse};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const MINUTE_MS: i64 = 60_000;

fn shared() -> Option<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/grafana");
    data.is_dir().then_some(data)
}

#[expect(clippy::disallowed_methods, reason = "a test reads its own data")]
fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("a readable file")
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(dir)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    found.sort();
    found
}

fn read(path: &Path, tz: Option<Tz>) -> Vec<Series> {
    let name = path.to_string_lossy();
    let parsed = parse(&name, &bytes(path), &Options { tz, view: None });
    parsed.records.series
}

/// Series by panel, metric, node, subject and, where these repeat, the position among them.
fn keyed(series: Vec<Series>) -> BTreeMap<String, Series> {
    let mut keyed = BTreeMap::new();
    for series in series {
        let panel = series.panel.untrusted().to_lowercase().replace('_', " ");
        let subject = if series.name == "replica-lag" { "" } else { series.subject.untrusted() };
        let base = format!("{panel}|{}|{}|{subject}", series.name, series.node.untrusted());
        let n = (0..).find(|n| !keyed.contains_key(&format!("{base}|{n}"))).unwrap_or(0);
        keyed.insert(format!("{base}|{n}"), series);
    }
    keyed
}

fn baseline(data: &Path) -> BTreeMap<String, Series> {
    let files = entries(&data.join("v12/03_joined_raw"));
    keyed(files.iter().flat_map(|file| read(file, None)).collect())
}

fn valued(series: &Series) -> Vec<(i64, f64)> {
    series.samples.iter().filter_map(|s| s.value.map(|value| (s.at_ms, value))).collect()
}

/// What a form may differ in.
struct Form {
    /// The zone that the user names.
    tz: Option<Tz>,
    /// The relative error of the values: rounding to three digits is at most 0.5 %.
    error: f64,
    /// Milliseconds by which the times of some series are off on purpose.
    off_ms: i64,
    /// Milliseconds between the scenario's start and that of the baseline.
    start_ms: i64,
    /// Values that may be missing, per series.
    missing: usize,
}

fn form(folder: &str) -> Option<Form> {
    let zone = |name: &str| Some(name.parse::<Tz>().expect("a zone"));
    let mut form = Form { tz: None, error: 0.0051, off_ms: 0, start_ms: 0, missing: 0 };
    let name = folder.rsplit('/').next().unwrap_or(folder);
    if name.contains("_raw") || name.starts_with("legacy") || name.contains("multi_frame") {
        form.error = 1e-12;
    }
    match name {
        "07_tz_America_New_York" => form.tz = zone("America/New_York"),
        "07_tz_Asia_Kolkata" => form.tz = zone("Asia/Kolkata"),
        "07_tz_Europe_Berlin" => form.tz = zone("Europe/Berlin"),
        "12_dst_fall_Berlin" => {
            form.tz = zone("Europe/Berlin");
            form.start_ms = 1_729_976_400_000 - 1_714_550_400_000;
        }
        "12_dst_spring_Berlin" => {
            form.tz = zone("Europe/Berlin");
            form.start_ms = 1_711_836_000_000 - 1_714_550_400_000;
        }
        "synthetic_resaved_excel_de" => {
            form.tz = zone("Europe/Berlin");
            form.error = 1e-12;
        }
        _ if name.starts_with("14_browser") => form.tz = zone("Europe/Berlin"),
        // The exports themselves lack these values.
        "legacy_v6_series_as_columns" => form.missing = 5,
        _ if name.starts_with("08_gaps") => form.missing = 60,
        "09_misaligned_joined_formatted" => form.off_ms = 15_000,
        "13_step15s_joined_formatted" | "synthetic_bad" | "synthetic_renamed_file" => return None,
        _ => {}
    }
    Some(form)
}

fn folders(data: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in entries(data).into_iter().filter(|entry| entry.is_dir()) {
        let name = entry.file_name().expect("a name").to_string_lossy().into_owned();
        if name.starts_with('v') {
            for form in entries(&entry) {
                found.push(format!(
                    "{name}/{}",
                    form.file_name().expect("a name").to_string_lossy()
                ));
            }
        } else {
            found.push(name);
        }
    }
    found
}

#[test]
fn the_same_scenario_gives_the_same_series_from_every_form() {
    let Some(data) = shared() else {
        println!("skipped: the exports in ../shared/data/grafana are not here");
        return;
    };
    let baseline = baseline(&data);
    assert!(baseline.len() > 70, "{}", baseline.len());
    let mut n_compared = 0;
    for folder in folders(&data) {
        let Some(form) = form(&folder) else { continue };
        for file in entries(&data.join(&folder)) {
            let found = keyed(read(&file, form.tz));
            assert!(!found.is_empty(), "{folder}: {file:?} gives no series");
            for (key, series) in found {
                // A file with one series may hold the second of a repeated key.
                let candidates = (0..2)
                    .filter_map(|n| baseline.get(&format!("{}|{n}", key.rsplit_once('|')?.0)));
                let errors: Vec<String> = candidates
                    .filter_map(|expected| differs(expected, &series, &form).err())
                    .collect();
                let candidates = (0..2)
                    .filter_map(|n| baseline.get(&format!("{}|{n}", key.rsplit_once('|')?.0)))
                    .count();
                assert!(candidates > 0, "{folder}: {key} is not in the baseline ({file:?})");
                assert!(errors.len() < candidates, "{folder}: {key}: {errors:?}");
                n_compared += 1;
            }
        }
    }
    println!("{n_compared} series compared with {} of the baseline", baseline.len());
    assert!(n_compared > 1000, "{n_compared}");
}

fn differs(expected: &Series, series: &Series, form: &Form) -> Result<(), String> {
    if expected.unit != series.unit {
        return Err(format!("unit {} instead of {}", series.unit, expected.unit));
    }
    if series.clock != Clock::Utc && form.tz.is_some() {
        return Err("the zone was not used".to_owned());
    }
    let known: BTreeMap<i64, f64> = valued(expected).into_iter().collect();
    let mut n_found = 0;
    for (at_ms, value) in valued(series) {
        let at_ms = at_ms - form.start_ms;
        let at = if form.off_ms > 0 { at_ms - at_ms.rem_euclid(MINUTE_MS) } else { at_ms };
        let Some(expected) = known.get(&at) else { return Err(format!("no value at {at_ms}")) };
        if (value - expected).abs() > expected.abs() * form.error + f64::MIN_POSITIVE {
            return Err(format!("{value} instead of {expected} at {at_ms}"));
        }
        n_found += 1;
    }
    let missing = known.len() - n_found;
    if missing > form.missing {
        return Err(format!("{missing} values are missing"));
    }
    Ok(())
}

#[test]
fn the_table_of_forms_in_the_documentation_names_every_form() {
    let Some(data) = shared() else {
        println!("skipped: the exports in ../shared/data/grafana are not here");
        return;
    };
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/grafana.md");
    let text = String::from_utf8(bytes(&docs)).expect("text");
    for folder in folders(&data) {
        let form = folder.rsplit('/').next().unwrap_or(&folder);
        assert!(text.contains(&format!("`{form}`")), "docs/grafana.md does not name {form}");
    }
}
