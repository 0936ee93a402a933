//! Logs of servers whose messages are in another language give what the English ones give.

use super::read;
use crate::{EventClass, SlowLog};

const ENGLISH: &str = "2026-11-22 06:00:00.000 UTC [7] mm@mm LOG:  duration: 5.250 ms  statement: select 1
2026-11-22 06:00:01.000 UTC [7] mm@mm LOG:  duration: 7.000 ms  execute <unnamed>: select a from t where b = $1
2026-11-22 06:00:01.000 UTC [7] mm@mm DETAIL:  parameters: $1 = '5'
2026-11-22 06:00:02.101 UTC [8] mm@mm LOG:  process 8 still waiting for ShareLock on transaction 5 after 101.071 ms
2026-11-22 06:00:02.101 UTC [8] mm@mm DETAIL:  Process holding the lock: 7. Wait queue: 8.
2026-11-22 06:00:02.101 UTC [8] mm@mm STATEMENT:  update t set a = 1
2026-11-22 06:00:02.366 UTC [8] mm@mm LOG:  process 8 acquired ShareLock on transaction 5 after 365.414 ms
2026-11-22 06:00:03.000 UTC [9] mm@mm ERROR:  canceling statement due to statement timeout
2026-11-22 06:00:03.000 UTC [9] mm@mm STATEMENT:  select pg_sleep(9)
2026-11-22 06:00:04.000 UTC [9] mm@mm LOG:  temporary file: path \"base/pgsql_tmp/pgsql_tmp9.0\", size 7880704
2026-11-22 06:00:05.000 UTC [3] LOG:  checkpoint starting: time
";

const GERMAN: &str = "2026-11-22 06:00:00.000 UTC [7] mm@mm LOG:  Dauer: 5.250 ms  Anweisung: select 1
2026-11-22 06:00:01.000 UTC [7] mm@mm LOG:  Dauer: 7.000 ms  Ausführen <unnamed>: select a from t where b = $1
2026-11-22 06:00:01.000 UTC [7] mm@mm DETAIL:  Parameter: $1 = '5'
2026-11-22 06:00:02.101 UTC [8] mm@mm LOG:  Prozess 8 wartet immer noch auf ShareLock-Sperre auf Transaktion 5 nach 101,071 ms
2026-11-22 06:00:02.101 UTC [8] mm@mm DETAIL:  Process holding the lock: 7. Wait queue: 8.
2026-11-22 06:00:02.101 UTC [8] mm@mm ANWEISUNG:  update t set a = 1
2026-11-22 06:00:02.366 UTC [8] mm@mm LOG:  Prozess 8 erlangte ShareLock-Sperre auf Transaktion 5 nach 365,414 ms
2026-11-22 06:00:03.000 UTC [9] mm@mm FEHLER:  storniere Anfrage wegen Zeitüberschreitung der Anfrage
2026-11-22 06:00:03.000 UTC [9] mm@mm ANWEISUNG:  select pg_sleep(9)
2026-11-22 06:00:04.000 UTC [9] mm@mm LOG:  temporäre Datei: Pfad »base/pgsql_tmp/pgsql_tmp9.0«, Größe 7880704
2026-11-22 06:00:05.000 UTC [3] LOG:  Checkpoint beginnt: time
";

const RUSSIAN: &str = "2026-11-22 06:00:00.000 UTC [7] mm@mm СООБЩЕНИЕ:  продолжительность: 5.250 мс, оператор: select 1
2026-11-22 06:00:01.000 UTC [7] mm@mm СООБЩЕНИЕ:  продолжительность: 7.000 мс  выполнение <unnamed>: select a from t where b = $1
2026-11-22 06:00:01.000 UTC [7] mm@mm ПОДРОБНОСТИ:  параметры: $1 = '5'
2026-11-22 06:00:02.101 UTC [8] mm@mm СООБЩЕНИЕ:  процесс 8 продолжает ожидать в режиме ShareLock блокировку \"транзакция 5\" в течение 101.071 мс
2026-11-22 06:00:02.101 UTC [8] mm@mm ПОДРОБНОСТИ:  Process holding the lock: 7. Wait queue: 8.
2026-11-22 06:00:02.101 UTC [8] mm@mm ОПЕРАТОР:  update t set a = 1
2026-11-22 06:00:02.366 UTC [8] mm@mm СООБЩЕНИЕ:  процесс 8 получил в режиме ShareLock блокировку \"транзакция 5\" через 365.414 мс
2026-11-22 06:00:03.000 UTC [9] mm@mm ОШИБКА:  выполнение оператора отменено из-за тайм-аута
2026-11-22 06:00:03.000 UTC [9] mm@mm ОПЕРАТОР:  select pg_sleep(9)
2026-11-22 06:00:04.000 UTC [9] mm@mm СООБЩЕНИЕ:  временный файл: путь \"base/pgsql_tmp/pgsql_tmp9.0\", размер 7880704
2026-11-22 06:00:05.000 UTC [3] СООБЩЕНИЕ:  начата контрольная точка: time
";

/// Queries, waits and events, as far as they do not hold the words of messages.
fn told(log: &SlowLog) -> impl PartialEq + std::fmt::Debug + use<> {
    let queries: Vec<_> =
        log.queries.iter().map(|q| (q.fingerprint.clone(), q.calls, q.total_us)).collect();
    let locks: Vec<_> = log
        .locks
        .iter()
        .map(|l| (l.mode.clone(), l.target.clone(), l.waited_us, l.blocker.pid))
        .collect();
    let events: Vec<(EventClass, String, u64, u64)> =
        log.events.iter().map(|e| (e.class, e.cause.clone(), e.calls, e.amount)).collect();
    (queries, locks, events)
}

#[test]
fn what_is_read_does_not_depend_on_the_language() {
    let english = told(&read(ENGLISH.as_bytes()).records);
    for (name, text) in [("German", GERMAN), ("Russian", RUSSIAN)] {
        let parsed = read(text.as_bytes());
        assert_eq!(told(&parsed.records), english, "{name}");
        let said = format!("messages in {name}");
        assert!(parsed.coverage.limits.contains(&said), "{:?}", parsed.coverage.limits);
    }
}

#[test]
fn a_language_that_is_not_known_is_said() {
    let text = "2026-11-22 06:00:00.000 UTC [7] mm@mm LOG:  baslatildi\n2026-11-22 06:00:03.000 UTC [9] mm@mm HATA:  olmadi\n".repeat(5);
    let limits = read(text.as_bytes()).coverage.limits;
    assert!(limits.iter().any(|limit| limit == "messages in another language"), "{limits:?}");
}
