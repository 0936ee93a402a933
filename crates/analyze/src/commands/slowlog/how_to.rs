//! Step 8 of the playbook: how slow logging is turned on, fetched and turned off again.

use anyhow::{Result, bail};
use slowlog::summary::{DATABASES, HOSTINGS, SlowLogging, slow_logging};
use std::io::Write;

/// The database of the list that a user's word means.
pub(crate) fn database(word: &str) -> Result<&'static str> {
    let lower = word.to_lowercase();
    let known = match lower.as_str() {
        "postgresql" | "pg" => "postgres",
        "percona" => "mysql",
        other => other,
    };
    match DATABASES.iter().find(|name| **name == known) {
        Some(name) => Ok(name),
        None => bail!("no database `{word}`: write one of {}", DATABASES.join(", ")),
    }
}

/// The hosting of the list that a user's word means.
pub(crate) fn hosting(word: &str) -> Result<&'static str> {
    match HOSTINGS.iter().find(|name| **name == word) {
        Some(name) => Ok(name),
        None => bail!("--hosting {word}: write one of {}", HOSTINGS.join(", ")),
    }
}

/// All that is to be sent to a customer, as lines.
pub(crate) fn lines(
    logging: &SlowLogging,
    database: &str,
    version: Option<(u32, u32)>,
) -> Vec<String> {
    let mut out = Vec::new();
    let mut part = |label: &str, lines: &[String]| {
        for (idx, line) in lines.iter().enumerate() {
            let label = if idx == 0 { label } else { "" };
            out.push(format!("{label:10}{line}"));
        }
    };
    let own = |lines: &[&str]| -> Vec<String> { lines.iter().map(|l| (*l).to_owned()).collect() };
    part("turn on", &own(logging.on));
    part("version", &logging.by_version(database, version));
    part("fetch", &own(logging.fetch));
    part("turn off", &own(logging.off));
    part("mind", &own(logging.mind));
    part("cost", &own(logging.cost()));
    out
}

/// The numbers of a version that a user names.
fn numbers(text: &str) -> Result<(u32, u32)> {
    let lead = |part: &str| {
        part.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<u32>().ok()
    };
    let mut parts = text.split('.');
    match (parts.next().and_then(lead), parts.next().map(lead)) {
        (Some(major), None) => Ok((major, u32::MAX)),
        (Some(major), Some(Some(minor))) => Ok((major, minor)),
        _ => {
            bail!("--database-version {text}: write the database's version, such as 15.8 or 8.0.36")
        }
    }
}

/// `analyze slowlog --how-to`.
pub(crate) fn run(
    words: &[String],
    place: Option<&str>,
    version: Option<&str>,
    out: &mut dyn Write,
) -> Result<()> {
    let version = version.map(numbers).transpose()?;
    let databases = match words {
        [] => vec!["postgres"],
        words => words.iter().map(|word| database(word)).collect::<Result<Vec<_>>>()?,
    };
    let places: Vec<&str> = match place {
        Some(word) => vec![hosting(word)?],
        None => HOSTINGS.to_vec(),
    };
    for database in &databases {
        for place in &places {
            let Some(logging) = slow_logging(database, place) else { continue };
            writeln!(out, "{database}, {}", place_name(place))?;
            for line in lines(logging, database, version) {
                writeln!(out, "  {line}")?;
            }
            writeln!(out)?;
        }
    }
    if words.is_empty() {
        writeln!(out, "For MySQL and MariaDB: --database mysql, --database mariadb.")?;
    }
    writeln!(
        out,
        "1000 ms (1 s) is a good threshold for Mattermost. Leave it on from before the incident if you can, \
         and read the log with: analyze slowlog FILE..."
    )?;
    Ok(())
}

fn place_name(hosting: &str) -> &'static str {
    match hosting {
        "rds" => "Amazon RDS (--hosting rds)",
        "aurora" => "Amazon Aurora (--hosting aurora)",
        "azure" => "Azure flexible server (--hosting azure)",
        "cloudsql" => "Google Cloud SQL (--hosting cloudsql)",
        "operator" => "Kubernetes operator (--hosting operator)",
        _ => "self-managed (--hosting self)",
    }
}

/// The two or three lines of step 8 in a report: the commands of a self-managed server, and where
/// those of other places are.
pub(crate) fn in_report(database: &str) -> Vec<String> {
    let Some(logging) = slow_logging(database, "self") else { return Vec::new() };
    let mut out =
        vec![format!("on: {}", logging.on.join(" ")), format!("off: {}", logging.off.join(" "))];
    if let Some(cost) = logging.cost().first() {
        out.push(format!("cost: {cost}; no restart"));
    }
    out.push(format!(
        "in RDS, Aurora, Azure, Cloud SQL or under an operator: `analyze slowlog --how-to --database {database} --hosting HOSTING`"
    ));
    out
}
