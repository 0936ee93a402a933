//! Places in the server's code that the evidence of suspects names: callers and `err_where` of log
//! patterns, the server's own function in a stack, functions of profiles, the store's methods of
//! statements. Nothing is concluded: what the data does not carry is left empty.

use model::{Evidence, Finding, Place, Suspect, SuspectCode};
use tables::{Cell, Table, Tables};

/// Places of one suspect that are named.
const PLACES_MAX: usize = 12;
/// Modules of the server and its plugins, as stacks and profiles name them.
const OWN_MODULES: &[&str] =
    &["mattermost/server/", "mattermost-server/", "mattermost-plugin", "mattermost/mattermost"];

/// Where errors of all requests are logged: it says nothing about any of them.
const LOGGED_FOR_ALL: &[&str] = &["web/context.go", "mlog/"];

/// Adds to each suspect what the rows behind its evidence name.
pub(crate) fn add_code(suspects: &mut [Suspect], findings: &[Finding], tables: &Tables) {
    for suspect in suspects {
        let evidence = suspect
            .findings
            .iter()
            .filter_map(|&idx| findings.get(idx))
            .flat_map(|finding| &finding.evidence);
        for entry in evidence {
            for found in named(entry, tables) {
                let known = suspect
                    .code
                    .iter()
                    .any(|code| code.file == found.file && code.function == found.function);
                if !known && suspect.code.len() < PLACES_MAX {
                    suspect.code.push(found);
                }
            }
        }
    }
}

/// What the row behind an entry of evidence names.
fn named(entry: &Evidence, tables: &Tables) -> Vec<SuspectCode> {
    let mut found = Vec::new();
    let mut add = |file: String, function: String| {
        if !file.is_empty() || !function.is_empty() {
            found.push(SuspectCode { file, function, place: entry.place.clone() });
        }
    };
    if let Some((table, row)) = row_of(tables, "log_patterns", &entry.place) {
        // `err_where` names a function; the caller is where it was logged, for an error of a
        // request always the same place.
        add(String::new(), words(&table, "err_where", row));
        let caller = words(&table, "caller", row);
        if !LOGGED_FOR_ALL.iter().any(|place| caller.starts_with(place)) {
            add(caller, String::new());
        }
    }
    if let Some((table, row)) = row_of(tables, "goroutines", &entry.place) {
        let stack = words(&table, "stack", row);
        let own = stack.split(" < ").find(|function| is_own(function));
        add(String::new(), own.unwrap_or_default().to_owned());
    }
    if let Some((table, row)) = row_of(tables, "profile", &entry.place) {
        let function = words(&table, "function", row);
        if is_own(&function) {
            let file = words(&table, "file", row);
            let line = table.column("line").map_or(Cell::Null, |column| column.get(row));
            let file = match (file.is_empty(), line) {
                (false, Cell::Int(line)) if line > 0 => format!("{file}:{line}"),
                _ => file,
            };
            add(file, function);
        }
    }
    if let Some((table, row)) = row_of(tables, "queries", &entry.place) {
        add(String::new(), words(&table, "store_method", row));
    }
    found
}

fn is_own(function: &str) -> bool {
    OWN_MODULES.iter().any(|module| function.contains(module))
}

/// The row of a table that stands at a place.
fn row_of<'t>(tables: &'t Tables, name: &str, place: &Place) -> Option<(Table<'t>, usize)> {
    let table = tables.table(name)?;
    let (source, location) = (table.column("source")?, table.column("location")?);
    let row = (0..table.n_rows()).find(|row| {
        location.get(*row) == Cell::Text(&place.location)
            && source.get(*row) == Cell::Text(&place.source)
    })?;
    Some((table, row))
}

/// A cleared text of a row; empty for a gap.
fn words(table: &Table<'_>, column: &str, row: usize) -> String {
    let value = table.column(column).and_then(|column| column.value(row));
    value.map_or_else(String::new, |value| value.as_str().to_owned())
}
