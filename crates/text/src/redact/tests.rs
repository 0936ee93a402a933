use super::*;
use proptest::prelude::*;

fn clear(text: &str) -> String {
    Redactor::new().clear(&text.into()).to_string()
}

fn named(key: &str, text: &str) -> String {
    Redactor::new().clear_named(key, &text.into()).to_string()
}

/// Letters, digits and a sign, as a generated password has them.
const CANARY: &str = "Zq9xCanary7w";

/// Every place where a secret stands; `§` is the secret.
const PLACES: &[&str] = &[
    "password=§",
    "password = §",
    "password: §",
    "Password:§",
    "PGPASSWORD=§ psql",
    "MYSQL_PWD=§ mysqldump",
    "user=mmuser password=§ dbname=mm host=db1",
    "user=mmuser,password=§,host=db1",
    "{\"password\":\"§\"}",
    "{\"password\" : \"§\",\"a\":1}",
    "{\\\"client_secret\\\":\\\"§\\\"}",
    "{\\\\\\\"token\\\\\\\":\\\\\\\"§\\\\\\\"}",
    "{'apiKey': '§'}",
    "map[Authorization:[Bearer §] Accept:[*/*]]",
    "map[Cookie:[MMAUTHTOKEN=§; MMUSERID=abc] Host:[x]]",
    "Authorization: Bearer §",
    "authorization: Basic §",
    "Authorization: Token §",
    "curl -H 'Authorization: Bearer §' https://chat.example.com",
    "curl -H \"X-Api-Key: §\" https://chat.example.com",
    "headers[\"Authorization\"] = \"§\"",
    "sent Bearer § to the server",
    "Cookie: MMAUTHTOKEN=§; MMCSRF=§",
    "Set-Cookie: MMAUTHTOKEN=§; Path=/",
    "postgres://mmuser:§@db1.example.com:5432/mattermost?sslmode=disable",
    "postgres://§:pw@db1/mattermost",
    "postgres://mmuser:a/§#b?c@db1:5432/mattermost",
    "postgres://mmuser:1/§@db1/mattermost",
    "postgresql://mmuser:§@db1:5432,db2:5432/mattermost",
    "mmuser:§@tcp(db1:3306)/mattermost?charset=utf8mb4",
    "mysql://mmuser:§@tcp(db1:3306)/mattermost",
    "dsn=mmuser:§@unix(/tmp/mysql.sock)/mm",
    "redis://:§@cache:6379/0",
    "amqp://a:§@mq/",
    "https://a:§@proxy.example.com:3128",
    "ldaps://cn=admin:§@ldap.example.com",
    "https://chat.example.com/hooks/§4567890123456",
    "https://hooks.slack.com/services/T000/B000/§",
    "https://x.webhook.office.com/webhookb2/1-2-3@4/IncomingWebhook/§/5",
    "https://chat.example.com/plugins/jira/webhook?secret=§&cid=1",
    "GET /api/v4/websocket?access_token=§ HTTP/1.1",
    "https://b.s3.amazonaws.com/a?X-Amz-Credential=§&X-Amz-Signature=§",
    "https://x.blob.core.windows.net/a?sv=2020&sig=§",
    "mysql --password § -h db1",
    "mmctl auth login --access-token §",
    "ALTER USER mmuser WITH PASSWORD '§'",
    "CREATE USER a IDENTIFIED BY '§'",
    "CREATE USER a IDENTIFIED WITH mysql_native_password BY '§'",
    "<bindPassword>§</bindPassword>",
    "private key: §",
    "encrypt key: §",
    "AtRestEncryptKey=§",
    "AtRestEncryptKey: §",
    "PublicLinkSalt: \"§\"",
    "smtp_pass=§",
    "Secret:§ Name:x}",
    "&{Password:§ Username:x}",
    "tokens: [§, §]",
    "\"tokens\":[\"§\",\"§\"]",
    "passphrase: correct § horse",
    "db_password=\"§ with blanks\"",
    "password='§",
    "-----BEGIN RSA PRIVATE KEY-----\n§\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\\n§",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ§.§",
    "ghp_§0123456789012345678901234567890",
    "github_pat_§01234567890123456789",
    "glpat-§01234567890123456789",
    "xoxb-1234567890-§",
    "AKIAIOSFODNN7EXAMPLE §".split_at(20).0,
];

#[test]
fn an_address_in_the_name_of_a_file_is_cleared() {
    let redactor = Redactor::new();
    let clear = |text: &str| redactor.clear(&text.into()).to_string();
    assert_eq!(
        clear("API Latency jane@example.org-data-2025-05-06 10_59_00.csv"),
        "API Latency email-1-data-2025-05-06 10_59_00.csv"
    );
    assert_eq!(clear("jane@example.org.log"), "email-1.log");
    assert_eq!(clear("jane@host.xn--p1ai"), "email-2");
    assert_eq!(
        clear("module@v1.2.3-rc1 and unit@1.service-log"),
        "module@v1.2.3-rc1 and unit@1.service-log"
    );
}

#[test]
fn no_secret_survives_in_any_place() {
    for place in PLACES {
        for text in [
            (*place).to_owned(),
            format!("failed: {place}"),
            format!("{place}, then retried"),
            format!("({place})"),
        ] {
            let text = text.replace('§', CANARY);
            let cleared = clear(&text);
            assert!(!cleared.contains(CANARY), "{text}\n-> {cleared}");
            assert!(!cleared.contains("AKIAIOSFODNN7EXAMPLE"), "{cleared}");
            assert_eq!(clear(&cleared), cleared, "clearing twice changes nothing");
        }
    }
}

#[test]
fn an_invisible_character_inside_a_name_hides_nothing() {
    for split in [
        "pass\u{200B}word=Zq9x",
        "pass\0word=Zq9x",
        "pass\u{1b}[0mword=Zq9x",
        "\u{FEFF}password=Zq9x",
    ] {
        assert_eq!(clear(split), "password=***");
    }
}

#[test]
fn what_an_engineer_needs_stays() {
    for text in [
        "token_count=17 max_tokens=4096",
        "TokenLengthMax: 64",
        "SELECT * FROM Tokens WHERE Token = $1 AND Type = $2",
        "SELECT s.Id FROM Sessions s JOIN UserAccessTokens t ON s.Token = t.Token",
        "UPDATE Users SET Password = ? WHERE Id = ?",
        "FATAL:  password authentication failed for user \"mmuser\"",
        "duplicate key value violates unique constraint \"teams_name_key\"",
        "Key (id)=(4k7zxq3gy7rkdkxwf6ocs3ampw) already exists.",
        "user_id=4k7zxq3gy7rkdkxwf6ocs3ampw ip_addr=10.20.30.40 path=/api/v4/users",
        "https://chat.example.com:8065/api/v4/posts?page=0&per_page=60",
        "http://[::1]:8065/@town",
        "https://chat.example.com/team/messages/@someone",
        "dial tcp 10.0.0.5:5432: connect: connection refused",
        "mmuser@10.0.0.5 mmuser@db1 [local]",
        "github.com/mattermost/server@v10.5.1-rc.beta",
        "postgresql@14-main.service: Main process exited",
        "index scan bypassed: 12 pages from table",
        "bypass=on compass: north, first pass: 3 ms",
        "bearer authentication is off; basic authentication is on",
        "EnableUserAccessTokens: true",
        "\"session_token\": null, \"secret\": \"\", \"salt\": \"********\"",
        "export PGPASSWORD=${DB_PASSWORD}",
        "goroutine 12 [chan receive]:\n\tmain.go:12",
    ] {
        assert_eq!(clear(text), text);
    }
}

#[test]
fn addresses_keep_host_port_database_and_parameters() {
    assert_eq!(
        clear(
            "postgres://mmuser:s3cret@db1.example.com:5432/mattermost?sslmode=disable&connect_timeout=10"
        ),
        "postgres://***@db1.example.com:5432/mattermost?sslmode=disable&connect_timeout=10"
    );
    assert_eq!(
        clear("mmuser:s3cret@tcp(db1:3306)/mm?charset=utf8mb4"),
        "***@tcp(db1:3306)/mm?charset=utf8mb4"
    );
    assert_eq!(clear("postgres://****:****@db1/mm"), "postgres://****:****@db1/mm");
    assert_eq!(
        clear("host=db1 user=mm password=x1 dbname=mm"),
        "host=db1 user=mm password=*** dbname=mm"
    );
}

#[test]
fn e_mail_addresses_get_pseudonyms_that_hold() {
    let redactor = Redactor::new();
    let text =
        "from Ann.Lee@example.com to bob@corp.internal, cc ann.lee@EXAMPLE.com. mailto%3Ax%40y.org";
    let cleared = redactor.clear(&text.into()).to_string();
    assert_eq!(cleared, "from email-1 to email-2, cc email-1. email-3");
    assert_eq!(redactor.counts()["email"], 4);
    let keyed = |key: &[u8]| Redactor::with_key(key).clear(&"x ann@example.com".into()).to_string();
    assert_eq!(keyed(b"k"), keyed(b"k"));
    assert_ne!(keyed(b"k"), keyed(b"l"));
}

#[test]
fn settings_are_masked_by_their_names() {
    for key in [
        "SqlSettings.AtRestEncryptKey",
        "EmailSettings.SMTPPassword",
        "EmailSettings.InviteSalt",
        "FileSettings.PublicLinkSalt",
        "FileSettings.AmazonS3SecretAccessKey",
        "FileSettings.AmazonS3AccessKeyId",
        "LdapSettings.BindPassword",
        "GitLabSettings.Secret",
        "ServiceSettings.GoogleDeveloperKey",
        "ServiceSettings.GiphySdkKey",
        "CacheSettings.RedisPassword",
        "LibreTranslateProviderSettings.APIKey",
        "ServiceSettings.SplitKey",
        "PluginSettings.Plugins.github.encryptionkey",
        "PluginSettings.Plugins.com.mattermost.jira.secret",
        "PluginSettings.Plugins.zoom.oauthclientsecret",
        "ServiceSettings.GfycatApiSecret",
        "x.WebhookToken",
        "Passwords.0",
    ] {
        assert_eq!(named(key, "abc"), "***", "{key}");
        assert_eq!(named(key, ""), "", "{key}: empty is worth knowing");
        assert_eq!(named(key, "********"), "********", "{key}: masked by the server");
    }
    assert_eq!(named("a.Password", "12345678"), "***");
    for (key, value) in [
        ("PasswordSettings.MinimumLength", "10"),
        ("ServiceSettings.EnableUserAccessTokens", "true"),
        ("ServiceSettings.SessionLengthWebInDays", "30"),
        ("SupportSettings.ForgotPasswordLink", "https://x.example.com/f"),
        ("LdapSettings.PrivateKeyFile", "ldap.key"),
        ("Office365Settings.TokenEndpoint", "https://login.example.com/token"),
        ("ServiceSettings.TerminateSessionsOnPasswordChange", "true"),
        ("EmailSettings.SMTPUsername", "mailer"),
        ("ClusterSettings.BindAddress", "0.0.0.0"),
        ("x.max_tokens", "4096"),
    ] {
        assert_eq!(named(key, value), value, "{key}");
    }
    assert_eq!(named("SqlSettings.DataSource", "postgres://a:b@db1/mm"), "postgres://***@db1/mm");
    assert_eq!(named("SqlSettings.DataSource", "odd:form@somewhere"), "***");
}

#[test]
fn long_values_are_cut_and_say_so() {
    let long = clear(&"x ".repeat(VALUE_CHARS_MAX));
    assert_eq!(long.chars().count(), VALUE_CHARS_MAX);
    assert!(long.ends_with('…'));
    assert_eq!(clear(&long), long);
}

#[test]
fn switched_off_it_still_strips_controls() {
    let raw = "password=x\u{1b}]0;title\u{7} \u{1b}[31mred\u{202E}\0".into();
    let redactor = Redactor::off();
    assert_eq!(redactor.clear(&raw).as_str(), "password=x red");
    assert_eq!(redactor.clear_named("Password", &raw).as_str(), "password=x red");
    assert!(redactor.counts().is_empty());
}

#[test]
fn pseudonyms_are_numbered_by_kind() {
    let redactor = Redactor::new();
    let name = |kind, name: &str| redactor.pseudonym(kind, &name.into()).to_string();
    assert_eq!(
        [name("user", "a"), name("user", "b"), name("user", "a"), name("team", "a")],
        ["user-1", "user-2", "user-1", "team-1"]
    );
}

/// Time must grow with the length and not with its square: these would take minutes.
#[test]
fn hostile_texts_of_a_megabyte_are_cleared() {
    for piece in [
        "@",
        "a@",
        "a@b.",
        "://",
        "://a:b",
        "x://a:b/",
        "@tcp(",
        "password",
        "password=\"",
        "token ",
        "key.",
        "\"\\",
        "[",
        "password=[",
        "eyJ",
        "eyJaaaaaa.",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY",
        "/hooks/",
        "/hooks/aaaaaaaaaaaaaaaaaaaa",
        "\u{1b}]",
        "\u{1b}[",
        "Bearer ",
        "password: ",
        "identified ",
        "%40",
        "a:@",
        "secret='",
        "cookie: ",
        "private key",
        "ghp_",
        ",a",
        "password=,a",
    ] {
        let text = piece.repeat((1 << 20) / piece.len());
        let _ = clear(&text);
    }
}

fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "password",
            "token",
            "=",
            ":",
            " ",
            "\"",
            "'",
            "\\",
            "@",
            "://",
            "postgres",
            "a",
            "b.com",
            "/",
            "?",
            "&",
            "Bearer ",
            "[",
            "]",
            "***",
            "eyJaaaaaa.",
            "eyJbbbbbb",
            "/hooks/",
            "aaaaaaaaaaaaaaaaaaaa",
            "private key",
            "\n",
            "key",
            "-",
            "--",
            ",",
            "{",
            "tcp(",
            "identified by ",
            "%40",
            "$1",
            "12",
            "ü",
            "\u{200B}",
            "\u{1b}[",
            "Cookie",
            "sig",
            "pass",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ]
}

proptest! {
    #[test]
    fn clearing_twice_changes_nothing(parts in prop::collection::vec(part(), 0..24)) {
        let once = clear(&parts.concat());
        prop_assert_eq!(clear(&once), once);
    }

    #[test]
    fn what_may_not_change_does_not(parts in prop::collection::vec(part(), 0..6)) {
        let text = parts.concat();
        if !Redactor::may_change(text.as_bytes()) {
            prop_assert_eq!(clear(&text), text);
        }
    }

    #[test]
    fn any_text_is_cleared_without_controls(text in any::<String>()) {
        let cleared = clear(&text);
        prop_assert!(!cleared.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
        prop_assert_eq!(clear(&cleared), cleared);
    }

    #[test]
    fn a_password_of_any_signs_is_masked_in_quotes(secret in "[!-~&&[^\"\\\\*]]{6,20}") {
        let cleared = clear(&format!("{{\"user\":\"x\",\"password\":\"{secret}\",\"host\":\"db1\"}}"));
        prop_assert_eq!(cleared, "{\"user\":\"x\",\"password\":\"***\",\"host\":\"db1\"}");
    }

    #[test]
    fn a_password_of_any_signs_is_masked_in_an_address(secret in "[a-z0-9!$%^()_+=#/.-]{6,20}") {
        let secret = format!("q{secret}");
        let cleared = clear(&format!("postgres://mmuser:{secret}@db1.example.com:5432/mm"));
        prop_assert_eq!(cleared, "postgres://***@db1.example.com:5432/mm");
    }
}

#[test]
fn a_control_character_is_found_wherever_it_stands() {
    for byte in (0..128_u8).map(char::from) {
        for at in 0..20 {
            let text = format!("{}{byte}{}", "a".repeat(at), "b".repeat(20 - at));
            let kept = !byte.is_control() || byte == '\n' || byte == '\t';
            let expected = if kept {
                text.clone()
            } else {
                text.replace(byte, if byte == '\r' { "\n" } else { "" })
            };
            let behind_escape = byte == '\u{1b}';
            assert!(clear(&text) == expected || behind_escape, "{byte:?} at {at}");
        }
    }
}

#[test]
fn what_a_directory_answers_is_no_secret_and_passwords_beside_it_are() {
    for told in [
        r#"LDAP Result Code 49 "Invalid Credentials": 80090308: LdapErr: DSID-0C090449, data 532"#,
        r#"LDAP Result Code 49 \"Invalid Credentials\": 8009030C: LdapErr: DSID-0C090449"#,
        "Check BindUsername and BindPassword.: Ldap.DoLogin: unable to bind",
    ] {
        assert_eq!(Redactor::new().clear(&told.into()).to_string(), told);
    }
    let cleared = |text: &str| Redactor::new().clear(&text.into()).to_string();
    for secret in [
        r#""Invalid Credentials": 80090308"#,
        r#""Credentials": hunter2hunter2: LdapErr"#,
        "BindPassword: hunter2",
        "BindPassword=hunter2.",
    ] {
        assert!(!cleared(secret).contains("hunter2") || secret.contains("80090308"), "{secret}");
    }
    assert!(cleared(r#""Invalid Credentials": 80090308"#).contains("***"));
}
