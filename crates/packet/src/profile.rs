//! CPU and heap profiles (gzip, protocol buffers): the functions that use most.

mod message;

use crate::layout::Member;
use crate::{ProfileFunction, ProfileKind};
use message::Profile;
use model::{Issues, Place};
use prost::Message as _;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use text::Raw;

/// Bytes of a profile after decompression. Five seconds of a busy server take some 2 MB, its heap
/// some 5 MB; decoded it takes up to 40 times as much.
const PROFILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Functions that are given by what they used themselves, and as many by what they called.
const FUNCTIONS_MAX: usize = 200;

/// Samples that one profile may have, so that its sums are exact in 64 bits.
const SAMPLES_MAX: usize = 1_000_000;

/// The functions of a profile.
#[derive(Debug, Default)]
pub(crate) struct Functions {
    pub(crate) functions: Vec<ProfileFunction>,
    /// Samples that were read.
    pub(crate) samples: u64,
}

/// Places of one stack that are looked at. The runtime records 128.
const PLACES_MAX: usize = 512;

/// Functions inlined at one place that are looked at. Real code has a handful.
const INLINED_MAX: usize = 32;

/// What one function used.
#[derive(Debug, Default)]
struct Use {
    flat: i64,
    cumulative: i64,
    /// How much at which line.
    lines: BTreeMap<i64, i64>,
}

/// Reads a profile.
///
/// - Output: the heaviest functions by `flat` and by `cumulative`, at most 200 of each. What is
///   measured: time on a processor, or memory in use (`inuse_space`).
/// - Issues: no gzip, cut off, no profile, too large: then nothing stands. Samples that name an
///   unknown place are counted.
/// - Source: `profile.proto` of google/pprof.
pub(crate) fn read(
    bytes: &[u8],
    named: ProfileKind,
    member: &Member,
    issues: &mut Issues,
) -> Functions {
    match decode(bytes) {
        Ok(profile) => functions(&profile, named, member, issues),
        Err(reason) => {
            issues.add(reason, "", 1);
            Functions::default()
        }
    }
}

fn decode(bytes: &[u8]) -> Result<Profile, &'static str> {
    if bytes.is_empty() {
        return Err("empty");
    }
    let mut raw = Vec::new();
    if bytes.starts_with(b"\x1f\x8b") {
        let mut reader = flate2::read::MultiGzDecoder::new(bytes).take(PROFILE_BYTES_MAX + 1);
        reader.read_to_end(&mut raw).map_err(|_| "a profile that is cut off or broken")?;
    } else {
        raw.extend(bytes.iter().take(usize::try_from(PROFILE_BYTES_MAX + 1).unwrap_or(usize::MAX)));
    }
    if raw.len() as u64 > PROFILE_BYTES_MAX {
        return Err("a profile larger than 16 MiB is not read");
    }
    let profile = Profile::decode(raw.as_slice()).map_err(|_| "not a profile, or a broken one")?;
    if profile.sample_type.is_empty() {
        return Err("not a profile: it names nothing that it measures");
    }
    Ok(profile)
}

fn functions(
    profile: &Profile,
    named: ProfileKind,
    member: &Member,
    issues: &mut Issues,
) -> Functions {
    let text = |idx: i64| -> &[u8] {
        usize::try_from(idx)
            .ok()
            .and_then(|idx| profile.string_table.get(idx))
            .map_or(&[], Vec::as_slice)
    };
    let types: Vec<&[u8]> = profile.sample_type.iter().map(|value| text(value.r#type)).collect();
    let position = |name: &[u8]| types.iter().position(|found| *found == name);
    // What is in the profile counts, not what its member is called.
    let (kind, measured) = match (position(b"inuse_space"), position(b"cpu")) {
        (Some(idx), _) => (ProfileKind::Heap, idx),
        (None, Some(idx)) => (ProfileKind::Cpu, idx),
        (None, None) => (named, types.len().saturating_sub(1)),
    };
    let unit = profile.sample_type.get(measured).map_or(0, |value| value.unit);

    let locations: BTreeMap<u64, &message::Location> =
        profile.location.iter().map(|location| (location.id, location)).collect();
    let mut uses: BTreeMap<u64, Use> = BTreeMap::new();
    let mut total = 0_i64;
    let mut samples = 0;
    for sample in profile.sample.iter().take(SAMPLES_MAX) {
        let Some(&value) = sample.value.get(measured) else {
            issues.add("a sample without a value", "", 1);
            continue;
        };
        samples += 1;
        total = total.saturating_add(value);
        let mut met = BTreeSet::new();
        let mut is_leaf = true;
        for id in sample.location_id.iter().take(PLACES_MAX) {
            let Some(location) = locations.get(id) else {
                issues.add("a sample names a place that is not there", "", 0);
                is_leaf = false;
                continue;
            };
            for line in location.line.iter().take(INLINED_MAX) {
                let usage = uses.entry(line.function_id).or_default();
                if is_leaf {
                    usage.flat = usage.flat.saturating_add(value);
                }
                if met.insert(line.function_id) {
                    usage.cumulative = usage.cumulative.saturating_add(value);
                    let at = usage.lines.entry(line.line).or_default();
                    *at = at.saturating_add(value);
                }
                is_leaf = false;
            }
        }
    }
    if profile.sample.len() > SAMPLES_MAX {
        issues.add("too many samples: the rest is left out", "", 1);
    }

    let by_id: BTreeMap<u64, &message::Function> =
        profile.function.iter().map(|function| (function.id, function)).collect();
    let mut all: Vec<ProfileFunction> = uses
        .into_iter()
        .map(|(id, usage)| {
            let function = by_id.get(&id);
            let heaviest = usage.lines.iter().max_by_key(|(line, value)| (**value, -**line));
            ProfileFunction {
                node: member.node.clone(),
                kind,
                function: Raw::from_bytes(function.map_or(&[], |function| text(function.name))),
                file: Raw::from_bytes(function.map_or(&[], |function| text(function.filename))),
                line: heaviest.and_then(|(line, _)| u64::try_from(*line).ok()).unwrap_or(0),
                flat: usage.flat,
                cumulative: usage.cumulative,
                flat_share: share(usage.flat, total),
                cumulative_share: share(usage.cumulative, total),
                unit: String::from_utf8_lossy(text(unit)).into_owned(),
                place: Place { source: member.source.clone(), location: format!("function:{id}") },
            }
        })
        .collect();
    heaviest(&mut all);
    Functions { functions: all, samples }
}

/// Keeps the heaviest by either measure, in order.
fn heaviest(all: &mut Vec<ProfileFunction>) {
    all.sort_by(|a, b| {
        b.cumulative
            .cmp(&a.cumulative)
            .then_with(|| (&a.function, &a.file).cmp(&(&b.function, &b.file)))
    });
    let mut rest = all.split_off(all.len().min(FUNCTIONS_MAX));
    let order = |a: &ProfileFunction, b: &ProfileFunction| {
        b.flat
            .cmp(&a.flat)
            .then(b.cumulative.cmp(&a.cumulative))
            .then_with(|| (&a.function, &a.file).cmp(&(&b.function, &b.file)))
    };
    rest.sort_by(order);
    rest.truncate(FUNCTIONS_MAX);
    all.append(&mut rest);
    all.sort_by(order);
}

#[expect(clippy::cast_precision_loss, reason = "a share needs no more than 53 bits")]
fn share(part: i64, total: i64) -> f64 {
    if total <= 0 { 0.0 } else { (part as f64 / total as f64).clamp(0.0, 1.0) }
}

#[cfg(test)]
mod tests;
