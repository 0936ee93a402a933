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

#[test]
fn the_example_of_the_documentation_compiles_and_passes() {
    let text = include_str!("../../../docs/rules.md");
    let example = text
        .split("```toml\n")
        .skip(1)
        .filter_map(|block| block.split("```").next())
        .find(|block| block.starts_with("id = "))
        .expect("an example");
    let source = rules::RuleSource {
        path: "rules/search/many-posts-without-search-engine.toml".to_owned(),
        text: example.to_owned(),
    };
    let rules = rules::load(&[source], &rules::Overrides::default())
        .unwrap_or_else(|faults| panic!("{faults}"));
    let report = rules::test(&rules);
    assert_eq!(report.n_failed(), 0, "\n{report}");
    assert!(rules::lint(&rules).is_empty(), "{:?}", rules::lint(&rules));
}
