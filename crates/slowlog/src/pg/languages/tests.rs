use super::*;

#[track_caller]
fn assert_english(message: &str, meant: &str) {
    let found = english(message.as_bytes()).map(|(text, _)| text);
    assert_eq!(
        found.map(|text| String::from_utf8_lossy(&text).into_owned()).as_deref(),
        Some(meant)
    );
}

#[test]
fn durations_are_translated_back() {
    for (message, meant) in [
        ("Dauer: 0.102 ms  Anweisung: select ': '", "duration: 0.102 ms  statement: select ': '"),
        ("Dauer: 0.102 ms", "duration: 0.102 ms"),
        (
            "Dauer: 1.5 ms  Parsen <unnamed>: select 1",
            "duration: 1.5 ms  parse <unnamed>: select 1",
        ),
        ("Dauer: 1.5 ms  Binden S_1/C_2: select 1", "duration: 1.5 ms  bind S_1/C_2: select 1"),
        (
            "Dauer: 1.5 ms  Ausführen <unnamed>: select ' ms  Anweisung: '",
            "duration: 1.5 ms  execute <unnamed>: select ' ms  Anweisung: '",
        ),
        ("durée : 1.800 ms, instruction : select 1", "duration: 1.800 ms  statement: select 1"),
        (
            "durée : 1.800 ms  exécute fetch à partir de S_1/C_1: select 1",
            "duration: 1.800 ms  execute fetch from S_1/C_1: select 1",
        ),
        ("duración: 2.0 ms  sentencia: select 1", "duration: 2.0 ms  statement: select 1"),
        ("期間: 2.056 ミリ秒  文: select 1", "duration: 2.056 ms  statement: select 1"),
        (
            "продолжительность: 2.856 мс, оператор: select 1",
            "duration: 2.856 ms  statement: select 1",
        ),
        ("durata: 2.8 ms  esecuzione di <unnamed>: x", "duration: 2.8 ms  execute <unnamed>: x"),
        ("执行时间: 2.8 ms 语句: x", "duration: 2.8 ms  statement: x"),
    ] {
        assert_english(message, meant);
    }
}

#[test]
fn locks_are_translated_with_what_is_locked() {
    assert_english(
        "Prozess 12581 wartet immer noch auf ShareLock-Sperre auf Transaktion 136751 nach 101,071 ms",
        "process 12581 still waiting for ShareLock on transaction 136751 after 101.071 ms",
    );
}

#[test]
fn english_stays_as_it_is() {
    for message in [
        "duration: 0.1 ms  statement: select 1",
        "checkpoint starting: time",
        "process 1 still waiting for ShareLock on transaction 5 after 10.1 ms",
        "",
        "x",
    ] {
        assert_eq!(english(message.as_bytes()), None, "{message}");
    }
}

#[test]
fn every_line_of_the_table_is_of_a_known_language_and_reads_itself() {
    let n = TABLE.lines().filter(|line| !line.starts_with('#')).count();
    assert_eq!(lines().count(), n);
    for (language, meant, written) in lines() {
        if let Some(severity) = Severity::of(meant.as_bytes()) {
            assert_eq!(super::severity(written), Some(severity), "{written}");
            continue;
        }
        if meant.starts_with(' ') {
            continue;
        }
        // Values that are numbers where they have to be.
        let fill = |template: &Template| -> Vec<u8> {
            template
                .parts()
                .iter()
                .flat_map(|part| match part {
                    Part::Text(text) => text.to_vec(),
                    Part::Value { number, whole } if *whole || meant.starts_with("duration") => {
                        format!("{}", 700 + number).into_bytes()
                    }
                    Part::Value { number, .. } => format!("v{number}").into_bytes(),
                })
                .collect()
        };
        let (message, expected) = (fill(&Template::of(written)), fill(&Template::of(meant)));
        let found = english(&message).map(|(text, _)| text);
        let shown = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        // Two languages may share a message, and two messages a translation.
        let same = found.as_deref() == Some(&expected[..])
            || lines().any(|(_, other, w)| {
                w == written && found.as_deref() == Some(&fill(&Template::of(other))[..])
            });
        assert!(
            same,
            "{}: {} became {:?}, not {}",
            LANGUAGES[language].0,
            shown(&message),
            found.as_deref().map(shown),
            shown(&expected)
        );
    }
}
