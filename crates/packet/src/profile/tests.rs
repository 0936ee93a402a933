use super::*;
use message::{Function, Line, Location, Sample, ValueType};
use std::io::Write as _;

/// `outer` calls `inner`, which was inlined into it at one place; `outer` also works itself.
fn made() -> Profile {
    let texts =
        ["", "samples", "count", "cpu", "nanoseconds", "outer", "outer.go", "inner", "inner.go"];
    Profile {
        sample_type: vec![ValueType { r#type: 1, unit: 2 }, ValueType { r#type: 3, unit: 4 }],
        sample: vec![
            Sample { location_id: vec![1, 2], value: vec![3, 300] },
            Sample { location_id: vec![2], value: vec![1, 100] },
            // Recursion: `outer` stands twice and counts once.
            Sample { location_id: vec![2, 2], value: vec![6, 600] },
        ],
        location: vec![
            Location {
                id: 1,
                line: vec![Line { function_id: 2, line: 70 }, Line { function_id: 1, line: 12 }],
            },
            Location { id: 2, line: vec![Line { function_id: 1, line: 10 }] },
        ],
        function: vec![
            Function { id: 1, name: 5, filename: 6 },
            Function { id: 2, name: 7, filename: 8 },
        ],
        string_table: texts.iter().map(|text| text.as_bytes().to_vec()).collect(),
    }
}

fn packed(profile: &Profile) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(&profile.encode_to_vec()).unwrap();
    writer.finish().unwrap()
}

fn parsed(bytes: &[u8]) -> (Functions, Issues) {
    let mut issues = Issues::default();
    let functions = read(bytes, ProfileKind::Heap, &Member::default(), &mut issues);
    (functions, issues)
}

#[test]
fn flat_and_cumulative_are_those_of_pprof() {
    let (read, issues) = parsed(&packed(&made()));
    assert!(issues.is_empty());
    let rows: Vec<_> = read
        .functions
        .iter()
        .map(|f| (f.function.untrusted(), f.file.untrusted(), f.line, f.flat, f.cumulative))
        .collect();
    assert_eq!(rows, [("outer", "outer.go", 10, 700, 1000), ("inner", "inner.go", 70, 300, 300)]);
    assert_eq!(read.functions[0].unit, "nanoseconds");
    assert_eq!(read.functions[0].kind, ProfileKind::Cpu, "what it measures decides, not its name");
    assert!((read.functions[1].flat_share - 0.3).abs() < 1e-9);
}

#[test]
fn memory_in_use_is_what_a_heap_profile_is_read_for() {
    let mut heap = made();
    heap.sample_type = vec![ValueType { r#type: 1, unit: 2 }, ValueType { r#type: 3, unit: 4 }];
    heap.string_table[3] = b"inuse_space".to_vec();
    heap.string_table[4] = b"bytes".to_vec();
    let (read, _) = parsed(&packed(&heap));
    assert_eq!(
        (read.functions[0].kind, read.functions[0].unit.as_str()),
        (ProfileKind::Heap, "bytes")
    );
}

#[test]
fn a_cut_profile_is_an_issue_and_no_panic() {
    let bytes = packed(&made());
    for end in 0..bytes.len() - 1 {
        let (read, issues) = parsed(&bytes[..end]);
        assert!(read.functions.is_empty() && !issues.is_empty(), "cut at {end}");
    }
}

#[test]
fn a_profile_that_unpacks_to_more_than_the_limit_is_not_read() {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let zeros = vec![0_u8; 1 << 20];
    for _ in 0..17 {
        writer.write_all(&zeros).unwrap();
    }
    let (_, issues) = parsed(&writer.finish().unwrap());
    assert!(issues.iter().any(|issue| issue.reason.contains("larger")));
}

#[test]
fn ids_that_lead_nowhere_are_survived() {
    let mut broken = made();
    broken.location.clear();
    broken.string_table.truncate(1);
    let (read, issues) = parsed(&packed(&broken));
    assert!(read.functions.is_empty());
    assert!(!issues.is_empty());
}
