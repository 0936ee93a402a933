//! The rules that come with the program.

#[test]
fn shipped_rules_compile_and_pass_their_cases() {
    let rules = match rules::load(&rules::shipped(), &rules::Overrides::default()) {
        Ok(rules) => rules,
        Err(faults) => panic!("{faults}"),
    };
    assert!(!rules.is_empty());
    let report = rules::test(&rules);
    assert_eq!(report.n_failed(), 0, "\n{report}");
}

#[test]
fn shipped_rules_have_nothing_to_complain_about() {
    let rules = rules::load(&rules::shipped(), &rules::Overrides::default()).unwrap();
    let complaints: Vec<String> = rules::lint(&rules).iter().map(ToString::to_string).collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}
