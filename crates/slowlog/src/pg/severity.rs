//! The word after a prefix: how bad a record is, or of which record it is a part.

/// A severity, or the kind of a record that continues another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Severity {
    Panic,
    Fatal,
    Error,
    Warning,
    Log,
    Notice,
    Info,
    Debug,
    Detail,
    Hint,
    Query,
    Context,
    Statement,
    Location,
    Backtrace,
}

/// How many severities begin a record; they come first in the enum.
pub(crate) const PRIMARY: usize = 8;

/// The words of severities that begin a record, in the enum's order.
pub(crate) const WORDS: [&str; PRIMARY] =
    ["PANIC", "FATAL", "ERROR", "WARNING", "LOG", "NOTICE", "INFO", "DEBUG"];

impl Severity {
    /// Whether it begins something that belongs to the record before.
    pub(crate) fn is_aside(self) -> bool {
        self as usize >= PRIMARY
    }

    /// The severity that a word names: as in `error_severity`.
    pub(crate) fn of(word: &[u8]) -> Option<Self> {
        Some(match word {
            b"LOG" => Self::Log,
            b"ERROR" => Self::Error,
            b"FATAL" => Self::Fatal,
            b"PANIC" => Self::Panic,
            b"WARNING" => Self::Warning,
            b"NOTICE" => Self::Notice,
            b"INFO" => Self::Info,
            b"DEBUG" | b"DEBUG1" | b"DEBUG2" | b"DEBUG3" | b"DEBUG4" | b"DEBUG5" => Self::Debug,
            b"DETAIL" => Self::Detail,
            b"HINT" => Self::Hint,
            b"QUERY" => Self::Query,
            b"CONTEXT" => Self::Context,
            b"STATEMENT" => Self::Statement,
            b"LOCATION" => Self::Location,
            b"BACKTRACE" => Self::Backtrace,
            _ => return None,
        })
    }

    /// The severity that a word of another `lc_messages` names.
    pub(crate) fn of_localised(word: &str) -> Option<Self> {
        if let Some(severity) = super::languages::severity(word) {
            return Some(severity);
        }
        // Words of other versions and languages.
        Some(match word {
            "LOG" | "JOURNAL" | "REGISTRO" | "СООБЩЕНИЕ" | "ログ" | "日志" | "로그"
            | "DZIENNIK" | "ПРОТОКОЛ" => Self::Log,
            "FEHLER" | "ERREUR" | "ERRO" | "ERRORE" | "ОШИБКА" | "エラー" | "错误" | "오류"
            | "BŁĄD" | "CHYBA" | "FEL" | "HATA" | "ПОМИЛКА" => Self::Error,
            "FATALE" | "ВАЖНО" | "致命的エラー" | "致命错误" | "치명적오류" | "KATASTROFALNY"
            | "ÖLÜMCÜL (FATAL)" | "FATALNÍ" | "FATALT" | "ФАТАЛЬНО" => Self::Fatal,
            "PANIK"
            | "PÁNICO"
            | "PANICO"
            | "PÂNICO"
            | "ПАНИКА"
            | "パニック"
            | "比致命错误还过分的错误"
            | "PANIKA" => Self::Panic,
            "WARNUNG"
            | "ATTENTION"
            | "ADVERTENCIA"
            | "AVISO"
            | "ATTENZIONE"
            | "ПРЕДУПРЕЖДЕНИЕ"
            | "警告"
            | "경고"
            | "OSTRZEŻENIE"
            | "VAROVÁNÍ"
            | "VARNING"
            | "UYARI"
            | "ПОПЕРЕДЖЕННЯ" => Self::Warning,
            "HINWEIS" | "NOTA" | "NOTIFICA" | "ЗАМЕЧАНИЕ" | "注意" | "알림" | "UWAGA" => {
                Self::Notice
            }
            "DÉTAIL"
            | "DETALLE"
            | "DETALHE"
            | "DETTAGLI"
            | "ПОДРОБНОСТИ"
            | "詳細"
            | "详细信息"
            | "상세정보"
            | "SZCZEGÓŁY"
            | "ДЕТАЛІ" => Self::Detail,
            "TIPP" | "ASTUCE" | "SUGERENCIA" | "DICA" | "SUGGERIMENTO" | "ПОДСКАЗКА" | "ヒント"
            | "提示" | "힌트" | "PODPOWIEDŹ" | "ПІДКАЗКА" => Self::Hint,
            "ANFRAGE" | "REQUÊTE" | "CONSULTA" | "ЗАПРОС" | "问题" | "查询" | "ЗАПИТ" => {
                Self::Query
            }
            "ZUSAMMENHANG" | "KONTEXT" | "CONTEXTE" | "CONTEXTO" | "CONTESTO" | "КОНТЕКСТ"
            | "コンテキスト" | "上下文" | "문맥" | "KONTEKST" => Self::Context,
            "ANWEISUNG"
            | "INSTRUCTION"
            | "SENTENCIA"
            | "COMANDO"
            | "ISTRUZIONE"
            | "ОПЕРАТОР"
            | "文"
            | "语句"
            | "명령 구문"
            | "WYRAŻENIE"
            | "ІНСТРУКЦІЯ" => Self::Statement,
            "ORT" | "EMPLACEMENT" | "UBICACIÓN" | "LOCAL" | "POSIZIONE" | "ПОЛОЖЕНИЕ" | "場所"
            | "位置" => Self::Location,
            _ => return None,
        })
    }
}

/// A severity at the start of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The severity.
    pub(crate) severity: Severity,
    /// Bytes up to the message.
    pub(crate) len: usize,
    /// Whether the word was of another language.
    pub(crate) localised: bool,
}

/// Longest word of a severity in bytes.
const WORD_MAX: usize = 40;

/// Reads `SEVERITY:  ` at the start of `bytes`.
#[inline]
pub(crate) fn at_start(bytes: &[u8]) -> Option<Found> {
    let first = *bytes.first()?;
    if first.is_ascii_uppercase() {
        let colon = bytes.iter().take(12).position(|byte| *byte == b':');
        if let Some(colon) = colon
            && let Some(severity) = Severity::of(bytes.get(..colon)?)
        {
            let len = colon + 1 + spaces(bytes.get(colon + 1..)?)?;
            return Some(Found { severity, len, localised: false });
        }
    } else if first < 0x80 {
        return None;
    }
    // French puts a space before the colon.
    let head = bytes.get(..bytes.len().min(WORD_MAX))?;
    let colon = head.iter().position(|byte| *byte == b':')?;
    let word = std::str::from_utf8(head.get(..colon)?).ok()?.trim_end_matches([' ', '\u{a0}']);
    let severity = Severity::of_localised(word)?;
    let len = colon + 1 + spaces(bytes.get(colon + 1..)?)?;
    Some(Found { severity, len, localised: severity != Severity::Log || word != "LOG" })
}

/// The one or two spaces after a severity, or the end of the line.
#[inline]
fn spaces(rest: &[u8]) -> Option<usize> {
    match rest {
        [b' ', b' ', ..] => Some(2),
        [b' ', ..] => Some(1),
        [] | [b'\n' | b'\r', ..] => Some(0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_are_read_in_english_and_said_to_be_other_languages() {
        let log = at_start(b"LOG:  duration").unwrap();
        assert_eq!((log.severity, log.len, log.localised), (Severity::Log, 6, false));
        let german = at_start("FEHLER:  Relation".as_bytes()).unwrap();
        assert_eq!((german.severity, german.localised), (Severity::Error, true));
        let russian = at_start("ОШИБКА:  отношение".as_bytes()).unwrap();
        assert_eq!((russian.severity, russian.localised), (Severity::Error, true));
        assert_eq!(at_start(b"NOT:  a severity"), None);
        assert_eq!(at_start(b"log:  lower"), None);
    }
}
