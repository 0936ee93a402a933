use super::super::prefix::infer;

/// What a server of some prefix writes: two users, background processes, an application with
/// blanks, a name with a hyphen.
fn log(prefix: &str) -> String {
    let sessions = [
        ("mmuser", "mattermost", "mattermost", "127.0.0.1", 4711_u32),
        ("svc-mm", "mattermost", "PostgreSQL JDBC Driver", "10.0.0.5", 4712),
        ("mmuser", "mattermost", "mattermost", "10.0.0.7", 4713),
        ("report", "mattermost", "psql", "127.0.0.1", 4714),
    ];
    let mut out = String::new();
    for n in 0..40_u32 {
        let (user, database, application, host, pid) = sessions[(n % 4) as usize];
        let is_background = n % 10 == 9;
        let pid = if is_background { 900 } else { pid };
        let mut bytes = prefix.chars();
        while let Some(char) = bytes.next() {
            if char != '%' {
                out.push(char);
                continue;
            }
            let mut width = String::new();
            let mut escape = bytes.next().unwrap();
            while escape == '-' || escape.is_ascii_digit() {
                width.push(escape);
                escape = bytes.next().unwrap();
            }
            let session = |text: &str| if is_background { String::new() } else { text.to_owned() };
            let value = match escape {
                'q' if is_background => break,
                'q' => continue,
                '%' => "%".to_owned(),
                'm' => format!("2026-11-22 06:00:{:02}.{:03} UTC", n, n * 7),
                't' => format!("2026-11-22 06:00:{n:02} UTC"),
                's' => "2026-11-22 05:00:00 UTC".to_owned(),
                'n' => format!("1795327200.{:03}", n * 7),
                'p' => pid.to_string(),
                'P' => String::new(),
                'c' => format!("6b0339e6.{pid:x}"),
                'l' => (n / 4 + 2).to_string(),
                'x' => "0".to_owned(),
                'v' => session(&format!("{}/{}", n % 4 + 3, n)),
                'e' => "00000".to_owned(),
                'Q' => "-6117617880456321454".to_owned(),
                'u' => session(user),
                'd' => session(database),
                'a' => session(application),
                'h' => session(host),
                'L' if is_background => "[none]".to_owned(),
                'L' => "10.9.9.9".to_owned(),
                'r' => session(&format!("{host}({})", 40_000 + n)),
                'i' => session(["SELECT", "UPDATE"][(n % 2) as usize]),
                other => panic!("{other}"),
            };
            let n_wide: i32 = width.parse().unwrap_or(0);
            let wide = n_wide.unsigned_abs() as usize;
            if n_wide < 0 {
                out.push_str(&format!("{value:<wide$}"));
            } else {
                out.push_str(&format!("{value:>wide$}"));
            }
        }
        out.push_str(if is_background {
            "LOG:  checkpoint starting: time\n"
        } else {
            "LOG:  duration: 1.500 ms  statement: select 1\n"
        });
    }
    out
}

#[test]
fn prefixes_of_all_kinds_are_learnt_as_they_are() {
    let mut wrong = Vec::new();
    for prefix in [
        "%m [%p] ",
        "%m [%p] %q%u@%d ",
        "<%c %l> <%m> <%u:%d> ",
        "time=\"%m\" pid=%p user=%u db=%d app=%a client=%h sess=%c line=%l ",
        "{\"t\":\"%m\",\"p\":%p,\"u\":\"%u\",\"d\":\"%d\",\"a\":\"%a\"} ",
        "%-10p %m %-15u ",
        "[%m][%p][%u][%d][%a][%h]",
        "%m,%p,%u,%d,%a,%h,",
        "%m\t%p\t%u\t%d\t%a\t%h\t",
        "%n %p %q%Q %e %u ",
        "%a %u@%d %h %m [%p]: ",
        "100%% %m %p %q%u/%d %a - ",
        "%m - %p - %u - %d - %a - ",
        "%t %r %u %d %a %p ",
        "'%m' '%p' '%u' '%d' '%a' ",
        "%m %d %u %a pid:%p:",
        "%m | %p | %h | %u | %d | %a | ",
        "%m [%p] %q%a ",
        "%t %u %d %p ",
        "%h %u %d %m %p ",
        "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h,sess=%c,txid=%x ",
        "%m (%p) %u:%d:%h ",
        "%u %d %m ",
        "{%m} {%p} {%u} {%d} ",
        "%m;%p;%u;%d;%r;%a;%i;%e; ",
        "→ %m • %p • %u • ",
        "%m [%p] %L %q%u@%d %h ",
        "%t [%p] %u@%d",
    ] {
        let log = log(prefix);
        let found = infer(log.as_bytes()).map(|(found, read)| (found.text, read));
        let (text, read) = found.unwrap_or_default();
        if read < 32 || text != prefix {
            wrong.push(format!("{prefix:?}: {text:?} reads {read}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
