//! Figures from the text of `SHOW ENGINE INNODB STATUS`.

/// What is read from it: the words before the number, and the name of the counter.
const FIGURES: &[(&str, &str)] = &[
    ("History list length ", "innodb_history_list_length"),
    ("Free buffers ", "innodb_free_buffers"),
    ("Buffer pool size ", "innodb_buffer_pool_pages"),
    ("Modified db pages ", "innodb_modified_pages"),
    ("Pending normal aio reads: ", "innodb_pending_reads"),
];

/// Names and values.
///
/// Source: MySQL 8.4 manual 17.17.3.
pub(crate) fn figures(status: &str) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for (words, name) in FIGURES {
        let number = status.lines().find_map(|line| {
            let rest = line.trim_start().strip_prefix(words)?.trim_start();
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            (!digits.is_empty()).then_some(digits)
        });
        if let Some(number) = number {
            found.push((*name, number));
        }
    }
    let deadlock = status.lines().any(|line| line.trim() == "LATEST DETECTED DEADLOCK");
    found.push(("innodb_deadlock_shown", if deadlock { "1" } else { "0" }.to_owned()));
    let waiting = status.lines().filter(|line| line.contains("TRX HAS BEEN WAITING")).count();
    found.push(("innodb_lock_waits_shown", waiting.to_string()));
    found
}

#[cfg(test)]
mod tests {
    use super::figures;

    #[test]
    fn the_history_list_and_the_last_deadlock_are_found() {
        let text = "=====\nLATEST DETECTED DEADLOCK\n---\nTRANSACTIONS\nTrx id counter 12\nHistory list length 1203941\nFree buffers       7003\n------- TRX HAS BEEN WAITING 12 SEC FOR THIS LOCK TO BE GRANTED:\n";
        let found = figures(text);
        assert!(found.contains(&("innodb_history_list_length", "1203941".to_owned())));
        assert!(found.contains(&("innodb_free_buffers", "7003".to_owned())));
        assert!(found.contains(&("innodb_deadlock_shown", "1".to_owned())));
        assert!(found.contains(&("innodb_lock_waits_shown", "1".to_owned())));
        assert!(figures("").contains(&("innodb_deadlock_shown", "0".to_owned())));
    }
}
