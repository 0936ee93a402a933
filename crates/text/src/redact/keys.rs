//! Names of keys and settings that hold secrets.

/// How sure a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secrecy {
    /// A password, a key, a salt: masked whatever it looks like.
    Strong,
    /// A token, a cookie: a short number is a count or a position.
    Weak,
    /// Secret as `name=value` only; as words they are common.
    Assigned,
}

/// Ends of names, in lower case without separators.
const STRONG: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "passcode",
    "passwordhash",
    "password_hash",
    "secret",
    "secrets",
    "secretvalue",
    "apikey",
    "apikeys",
    "secretkey",
    "privatekey",
    "encryptkey",
    "encryptionkey",
    "accesskey",
    "accesskeyid",
    "signingkey",
    "authkey",
    "masterkey",
    "sharedkey",
    "servicekey",
    "developerkey",
    "sdkkey",
    "splitkey",
    "accountkey",
    "storagekey",
    "authorization",
    "credential",
    "credentials",
    "salt",
    "authtoken",
    "mysqlpwd",
    "dbpass",
    "dbpwd",
    "xamzsignature",
    "xamzcredential",
];
const WEAK: &[&str] = &["token", "tokens", "jwt", "cookie", "cookies"];
/// Names that end like one of the above and are none.
const HARMLESS: &[&str] = &["basalt"];

/// Whether a key, a setting's path or a header name names a secret. Only its last part counts:
/// `PasswordSettings.MinimumLength` does not.
pub(crate) fn secrecy(key: &str) -> Option<Secrecy> {
    let numeric = |part: &&str| !part.is_empty() && !part.bytes().all(|byte| byte.is_ascii_digit());
    let last = key.rsplit(['.', '/', '[', ']']).find(numeric)?;
    let flat: String =
        last.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let flat = flat.trim_end_matches(|c: char| c.is_ascii_digit());
    if HARMLESS.contains(&flat) {
        return None;
    }
    if STRONG.iter().any(|end| flat.ends_with(end)) {
        return Some(Secrecy::Strong);
    }
    if WEAK.iter().any(|end| flat.ends_with(end)) {
        return Some(Secrecy::Weak);
    }
    match last_word(last).as_str() {
        "pwd" | "pw" => Some(Secrecy::Strong),
        "pass" if last.len() > 4 => Some(Secrecy::Strong),
        "pass" | "sig" => Some(Secrecy::Assigned),
        _ => None,
    }
}

/// `smtpPass` and `smtp_pass` end in the word `pass`, `bypass` does not.
fn last_word(name: &str) -> String {
    let name = name.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
    let mut start = 0;
    let mut was_lower = false;
    for (at, c) in name.char_indices() {
        if !c.is_ascii_alphanumeric() {
            start = at + c.len_utf8();
        } else if c.is_ascii_uppercase() && was_lower {
            start = at;
        }
        was_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    name.get(start..).unwrap_or_default().to_ascii_lowercase()
}

/// Words in front of `key` that make it a secret, for `private key: ...`.
pub(crate) fn qualifies_key(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "private",
        "api",
        "secret",
        "access",
        "encrypt",
        "encryption",
        "signing",
        "auth",
        "master",
        "shared",
    ];
    WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Whether a value under a secret's name gives nothing away.
pub(crate) fn is_harmless(value: &str, secrecy: Secrecy, key: &str) -> bool {
    let value = value.trim();
    const WORDS: &[&str] = &[
        "",
        "true",
        "false",
        "null",
        "nil",
        "<nil>",
        "none",
        "undefined",
        "?",
        "%s",
        "%v",
        "[]",
        "{}",
    ];
    if WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
        || value.bytes().all(|byte| byte == b'*')
    {
        return true;
    }
    // A parameter of a statement or a reference to a variable.
    if let Some(name) = value.strip_prefix('$') {
        let name = name.trim_start_matches('{').trim_end_matches('}');
        let is_name = !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase() || b == b'_');
        if is_name
            && (name.bytes().all(|b| b.is_ascii_digit()) || name.len() > 2 && name.contains('_'))
        {
            return true;
        }
    }
    // A count. Passwords are made of digits, too.
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit()) && value.len() <= 9;
    if is_number && secrecy != Secrecy::Strong {
        return true;
    }
    // A column compared with a column of the same name: `s.Token = t.Token`.
    let own = key.rsplit('.').next().unwrap_or(key);
    let other = value.rsplit('.').next().unwrap_or(value).trim_matches(['"', '`']);
    value.contains('.') && !own.is_empty() && own.eq_ignore_ascii_case(other)
}
