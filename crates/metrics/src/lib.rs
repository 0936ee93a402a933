//! Reads metric series: Grafana CSV, Prometheus JSON.
