//! How the server is reached, and with whose secret: from the environment or from files that only
//! their owner can read, never from arguments.

use crate::args::PostArgs;
use crate::settings::MattermostSettings;
use anyhow::{Context as _, Result, bail};
use mattermost::{Client, Clock, Connection, Retry, Site, Token, WebhookUrl};
use std::hash::{BuildHasher as _, Hasher as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Bytes of the largest file of a token, an address or certificates.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// With a token, or through a webhook.
pub(super) enum Way {
    Token { site: Site, token: Token, connection: Connection },
    Webhook(WebhookUrl, Connection),
}

/// What arguments say about the server and whose token it is.
pub(crate) struct Asked<'a> {
    pub(crate) server: Option<&'a str>,
    pub(crate) token_file: Option<&'a Path>,
    pub(crate) ca_file: Option<&'a Path>,
}

/// A client of the server that arguments, environment and settings say.
pub(crate) fn client(asked: &Asked<'_>, settings: &MattermostSettings) -> Result<Client> {
    let connection = connection(asked, settings)?;
    let (site, token) = site_and_token(asked, settings)?;
    Ok(Client::new(site, token, &connection, Retry::default(), Arc::new(Machine))?)
}

fn connection(asked: &Asked<'_>, settings: &MattermostSettings) -> Result<Connection> {
    let ca_file = asked.ca_file.or(settings.ca_file.as_deref());
    Ok(Connection {
        proxy: env(&["HTTPS_PROXY", "https_proxy"]),
        no_proxy: env(&["NO_PROXY", "no_proxy"]),
        certificates: ca_file.map(read).transpose()?.unwrap_or_default(),
        timeout: None,
    })
}

/// The way that arguments, environment and settings say.
pub(super) fn way(args: &PostArgs, settings: &MattermostSettings) -> Result<Way> {
    let asked = Asked {
        server: args.server.as_deref(),
        token_file: args.token_file.as_deref(),
        ca_file: args.ca_file.as_deref(),
    };
    let connection = connection(&asked, settings)?;
    let webhook_file = args.webhook_file.as_deref();
    if args.webhook || webhook_file.is_some() {
        let written = env(&["ANALYZE_MM_WEBHOOK"]);
        let url = match webhook_file.or(settings.webhook_file.as_deref()) {
            Some(path) if webhook_file.is_some() || written.is_empty() => secret(path)?,
            _ if written.is_empty() => bail!(
                "--webhook: put its address into ANALYZE_MM_WEBHOOK, or into a file for --webhook-file"
            ),
            _ => written,
        };
        return Ok(Way::Webhook(WebhookUrl::new(&url)?, connection));
    }
    let (site, token) = site_and_token(&asked, settings)?;
    Ok(Way::Token { site, token, connection })
}

fn site_and_token(asked: &Asked<'_>, settings: &MattermostSettings) -> Result<(Site, Token)> {
    let from_env = env(&["ANALYZE_MM_SERVER"]);
    let server = asked
        .server
        .map(str::to_owned)
        .or(Some(from_env).filter(|text| !text.is_empty()))
        .or_else(|| settings.server.clone());
    let Some(server) = server else {
        bail!(
            "no server: give --server https://HOST, ANALYZE_MM_SERVER, or [mattermost] of analyze.toml; --dry-run needs none"
        )
    };
    let site = Site::parse(&server)?;
    let written = env(&["ANALYZE_MM_TOKEN"]);
    let token = match (asked.token_file, settings.token_file.as_deref()) {
        (Some(path), _) => secret(path)?,
        (None, _) if !written.is_empty() => written,
        (None, Some(path)) => secret(path)?,
        (None, None) => bail!(
            "no token: put it into ANALYZE_MM_TOKEN, or into a file for --token-file; --dry-run needs none"
        ),
    };
    Ok((site, Token::new(&token)?))
}

/// The first of these variables that is set.
fn env(names: &[&str]) -> String {
    #[expect(clippy::disallowed_methods, reason = "the environment is read here and handed on")]
    let value =
        names.iter().find_map(|name| std::env::var(name).ok().filter(|it| !it.trim().is_empty()));
    value.unwrap_or_default()
}

/// A file that holds a secret: refused when others can read it.
fn secret(path: &Path) -> Result<String> {
    let bytes = read(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path)
            .with_context(|| path.display().to_string())?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            bail!("{}: others can read it; run: chmod 600 {}", path.display(), path.display());
        }
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        // The error itself would show what is in it.
        Err(_) => bail!("{}: is no text", path.display()),
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let shown = || format!("cannot read {}", path.display());
    if std::fs::metadata(path).with_context(shown)?.len() > FILE_BYTES_MAX {
        bail!("{}: is larger than any file of this kind", path.display());
    }
    #[expect(clippy::disallowed_methods, reason = "a file that the user names")]
    std::fs::read(path).with_context(shown)
}

/// The machine's own time and chance.
pub(super) struct Machine;

impl Clock for Machine {
    fn now_ms(&self) -> i64 {
        #[expect(clippy::disallowed_methods, reason = "waits are in the machine's time")]
        chrono::Utc::now().timestamp_millis()
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }

    fn random(&self) -> u64 {
        std::collections::hash_map::RandomState::new().build_hasher().finish()
    }
}
