use super::*;
use crate::document::json;

fn config(text: &str) -> Config {
    let member = Member { source: "p.zip!sanitized_config.json".into(), ..Member::default() };
    read(&json(text.as_bytes()).root, &member, &mut Issues::default())
}

fn value(config: &Config, path: &str) -> Option<Scalar> {
    config.settings.iter().find(|setting| setting.path == path).map(|setting| setting.value.clone())
}

#[test]
fn masked_values_are_neither_text_nor_missing() {
    let config = config(
        r#"{"SqlSettings": {"DataSource": "********************************", "AtRestEncryptKey": ""},
           "ServiceSettings": {"AllowCorsFrom": "*"}}"#,
    );
    assert_eq!(value(&config, "SqlSettings.DataSource"), Some(Scalar::Masked));
    assert_eq!(value(&config, "SqlSettings.AtRestEncryptKey"), Some(Scalar::Text("".into())));
    assert_eq!(value(&config, "ServiceSettings.AllowCorsFrom"), Some(Scalar::Text("*".into())));
    assert_eq!(value(&config, "SqlSettings.MaxOpenConns"), None);
}

#[test]
fn a_partly_masked_source_keeps_its_host() {
    let dsn = "postgres://****:****@db-1:5432/mattermost?connect_timeout=10";
    let config = config(&format!(r#"{{"SqlSettings": {{"DataSource": "{dsn}"}}}}"#));
    assert_eq!(value(&config, "SqlSettings.DataSource"), Some(Scalar::Text(dsn.into())));
}

#[test]
fn lists_have_a_length_and_values() {
    let config = config(
        r#"{"SqlSettings": {"DataSourceReplicas": ["********************************", "x"], "DataSourceSearchReplicas": null}}"#,
    );
    assert_eq!(value(&config, "SqlSettings.DataSourceReplicas.length"), Some(Scalar::Int(2)));
    assert_eq!(value(&config, "SqlSettings.DataSourceReplicas.0"), Some(Scalar::Masked));
    assert_eq!(value(&config, "SqlSettings.DataSourceReplicas.1"), Some(Scalar::Text("x".into())));
    assert_eq!(value(&config, "SqlSettings.DataSourceSearchReplicas.length"), Some(Scalar::Int(0)));
}

#[test]
fn lists_of_objects_are_items() {
    let config = config(
        r#"{"SqlSettings": {"ReplicaLagSettings": [{"DataSource": "a", "QueryTimeLag": null}, {"DataSource": "b"}]}}"#,
    );
    assert_eq!(value(&config, "SqlSettings.ReplicaLagSettings.length"), Some(Scalar::Int(2)));
    let items: Vec<_> = config.items.iter().map(|item| (item.index, item.key.as_str())).collect();
    assert_eq!(items, [(0, "DataSource"), (0, "QueryTimeLag"), (1, "DataSource")]);
    assert_eq!(config.items[2].place.location, "/SqlSettings/ReplicaLagSettings/1/DataSource");
}

#[test]
fn older_names_become_the_newest_and_keep_their_place() {
    let config = config(
        r#"{"ElasticsearchSettings": {"ConnectionUrl": "http://es:9200"}, "ServiceSettings": {"SessionLengthWebInDays": 30}}"#,
    );
    let setting =
        config.settings.iter().find(|s| s.path == "ElasticsearchSettings.ConnectionURL").unwrap();
    assert_eq!(setting.place.location, "/ElasticsearchSettings/ConnectionUrl");
    assert_eq!(value(&config, "ServiceSettings.SessionLengthWebInHours"), Some(Scalar::Int(720)));
}

#[test]
fn a_newest_name_wins_over_an_older_one() {
    let config = config(
        r#"{"ServiceSettings": {"SessionLengthWebInDays": 30, "SessionLengthWebInHours": 8}}"#,
    );
    let hours: Vec<_> = config
        .settings
        .iter()
        .filter(|s| s.path == "ServiceSettings.SessionLengthWebInHours")
        .map(|s| s.value.clone())
        .collect();
    assert_eq!(hours, [Scalar::Int(8)]);
    assert_eq!(value(&config, "ServiceSettings.SessionLengthWebInDays"), Some(Scalar::Int(30)));
}

#[test]
fn a_cut_setting_is_unreadable_and_the_rest_stands() {
    let config = config("{\"SqlSettings\": {\"MaxOpenConns\": 100, \"MaxIdleConns\": 5");
    assert_eq!(value(&config, "SqlSettings.MaxOpenConns"), Some(Scalar::Int(100)));
    assert_eq!(value(&config, "SqlSettings.MaxIdleConns"), Some(Scalar::Unreadable));
}

#[test]
fn the_length_of_a_cut_list_is_not_known() {
    for end in ["[\"a\", \"b", "[\"a\"", "[\"a\","] {
        let config = config(&format!("{{\"SqlSettings\": {{\"DataSourceReplicas\": {end}"));
        let length = value(&config, "SqlSettings.DataSourceReplicas.length");
        assert_eq!(length, Some(Scalar::Unreadable));
        let first = value(&config, "SqlSettings.DataSourceReplicas.0");
        assert_eq!(first, Some(Scalar::Text("a".into())));
    }
}
