//! `analyze dba`: read-only questions for the customer's DBA.

use crate::args::DbaArgs;
use crate::assemble::system::shown;
use crate::pipeline;
use anyhow::{Context as _, Result, bail};
use dba::{Database, DbaTarget, HOSTINGS};
use std::io::Write;
use tables::{Engine, Tables};

pub(crate) fn run(args: &DbaArgs, out: &mut dyn Write) -> Result<()> {
    let database = args
        .database
        .as_deref()
        .map(|word| {
            Database::parse(word)
                .with_context(|| format!("--database {word}: write postgres, mysql or mariadb"))
        })
        .transpose()?;
    let major = args
        .version
        .as_deref()
        .map(|version| {
            major(version).with_context(|| format!("--db-version {version}: write 15 or 8.0.36"))
        })
        .transpose()?;
    if let Some(hosting) = &args.hosting
        && !HOSTINGS.contains(&hosting.as_str())
    {
        bail!("--hosting {hosting}: write one of {}", HOSTINGS.join(", "));
    }
    let read = if args.read.inputs.is_empty() {
        None
    } else {
        let run = pipeline::run(&args.read.inputs, &args.read.how, false)?;
        target(&run.tables)
    };
    let Some(database) = database.or(read.as_ref().map(|target| target.database)) else {
        if args.read.inputs.is_empty() {
            bail!("for which database? name a support packet, or write --database postgres");
        }
        bail!("the inputs do not tell which database it is; write --database postgres");
    };
    // A version that was read is one of the database that was read.
    let read_major =
        read.filter(|target| target.database == database).and_then(|target| target.major);
    let target = DbaTarget { database, major: major.or(read_major), hosting: args.hosting.clone() };
    write!(out, "{}", dba::dba_sheet(&target))?;
    Ok(())
}

/// What the packet says about the database.
pub(crate) fn target(tables: &Tables) -> Option<DbaTarget> {
    let database = match tables.engine()? {
        Engine::Postgresql => Database::Postgres,
        Engine::Mysql if tables.database_product() == Some("MariaDB") => Database::Mariadb,
        Engine::Mysql => Database::Mysql,
    };
    let version = shown(tables.facts().get("database.version", None).cell()).unwrap_or_default();
    Some(DbaTarget { database, major: major(&version), hosting: None })
}

/// The first number of a version: 15 of `15.8 (Debian)`, 8 of `8.0.36-log`.
fn major(version: &str) -> Option<u32> {
    let digits: String = version
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok().filter(|major| *major > 0)
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_read_from_what_servers_say() {
        assert_eq!(major("15.8 (Debian 15.8-1.pgdg120+1)"), Some(15));
        assert_eq!(major("8.0.36-log"), Some(8));
        assert_eq!(major("unknown"), None);
    }
}
