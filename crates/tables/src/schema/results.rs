//! Tables of metrics, and of what was concluded.

use super::tables;
use crate::TableDoc;

pub(super) const TABLES: &[TableDoc] = tables! {
    "series": "A metric series." {
        "series_id" Text "" "the series' id";
        "metric" Text "" "the canonical metric; the panel's own name when it is not known";
        "prometheus" Text "" "the Prometheus metric under it, where known";
        "view" Text "" "the playbook's view that it belongs to";
        "unit" Text "unit" "the unit of its values";
        "panel" Text "" "the panel's title, where the file name has it";
        "legend" Text "" "the legend or the header as exported";
        "labels" Text "" "its labels, as `key=value` joined with `, `";
        "node" Text "" "the node, where a label says so";
        "subject" Text "" "what it is about: a store method, a handler; null for the whole";
        "quantile" Float "" "the quantile of a latency, if it is one";
        "total" Bool "" "whether it is a sum over several nodes";
        "clock" Text "" "utc; local (times without a zone, wrong by the unknown offset); inferred (moved to UTC by an offset from elsewhere)";
        "note" Text "" "what was done to the values";
        "points" Int "" "values that are no gap";
        "first_at" Time "" "the first point";
        "last_at" Time "" "the last point";
        "step_s" Int "s" "seconds between two points";
        "median" Float "" "median of all points";
        "min" Float "" "smallest point";
        "max" Float "" "greatest point";
        "last" Float "" "the last point";
        "baseline_median" Float "" "median before the incident; null without a window";
        "incident_median" Float "" "median in the incident; null without a window";
        "incident_max" Float "" "greatest point in the incident; null without a window";
        "onset" Time "" "when it began to differ from what it was; null when it did not, or when it was so from its first point on";
    }
    "samples": "A point of a metric series." {
        "series_id" Text "" "the series' id";
        "at" Time "" "when";
        "value" Float "" "the value; null for a gap";
    }
    "changes": "A change of a signal." {
        "signal" Text "" "the signal's id";
        "signal_kind" Text "" "what the signal measures: database, query, store, pool, process, cluster, api, http, websocket, service, log, other";
        "metric" Text "" "the signal's metric";
        "subject" Text "" "the signal's subject; null for the whole";
        "node" Text "" "the node; null for all";
        "unit" Text "unit" "the signal's unit";
        "kind" Text "" "rise, fall, appears, vanishes, ramp, burst, dip, reset";
        "onset" Time "" "when it began";
        "until" Time "" "when it ended; null: still going on at the last value";
        "last_at" Time "" "the signal's last value with data";
        "before" Float "" "median before";
        "after" Float "" "median while it lasted";
        "ratio" Float "ratio" "after over before; null when there was nothing before";
        "z" Float "" "distance from the baseline in scaled median absolute deviations";
        "persistence" Float "ratio" "share of values after the onset that are beyond the threshold";
        "higher_is_worse" Bool "" "whether higher is worse in this signal";
        "confidence" Text "" "certain, likely, possible";
    }
    "node_splits": "What tells the nodes that suffer from those that do not." {
        "what" Text "" "`version`, or the path of a setting";
        "value" Text "" "what the nodes that suffer have";
        "value_others" Text "" "what the others have, joined with `, `";
        "newer" Bool "" "whether the nodes that suffer have the newer version; null for settings";
        "nodes" Text "" "the nodes that suffer, joined with `, `";
        "others" Text "" "the nodes on which the same was measured and did not get worse";
        "metrics" Text "" "what got worse on exactly these nodes, the earliest first";
        "n_metrics" Int "" "how many metrics that are";
        "n_differences" Int "" "in how many things the two differ";
        "onset" Time "" "when the first of the metrics got worse";
    }
    "suspects": "A ranked cause, as in the JSON report; for questions, not for rules." {
        "rank" Int "" "the place, counted from 1";
        "cause" Text "" "the cause, from the vocabulary";
        "subject" Text "" "what exactly";
        "score" Float "ratio" "0 to 1";
        "confidence" Text "" "certain, likely, possible";
        "onset" Time "" "when it began";
        "summary" Text "" "in one or two sentences";
        "n_sources" Int "" "how many kinds of sources agree";
    }
    "timeline": "What happened, in order, as in the JSON report; for questions, not for rules." {
        "time" Time "" "when";
        "end" Time "" "until when, if it lasted";
        "precision_s" Int "s" "how exact the time is";
        "node" Text "" "on which node; null for all";
        "subject" Text "" "about what";
        "what" Text "" "what happened";
        "kind" Text "" "observed, inferred, human";
    }
};
