#!/bin/sh
# Fills fuzz/corpus/TARGET with what the fixtures hold. Targets that choose by their first byte get
# each file with a first byte of its own.
set -eu
cd "$(dirname "$0")/.."
seed() { # TARGET FILES...
    target=$1
    shift
    mkdir -p "fuzz/corpus/$target"
    number=0
    for file in "$@"; do
        number=$((number + 1))
        { printf '%b' "\\0$(printf '%o' $((number % 16)))"; head -c 60000 "$file"; } >"fuzz/corpus/$target/$number"
    done
}
IFS='
'
seed packet_member $(find fixtures/packets -type f ! -name '*.log' | sort)
seed server_log $(find fixtures/packets fixtures/log -name '*.log' | sort)
seed metric_file $(find fixtures/grafana -type f | sort)
mkdir -p fuzz/corpus/dba_answers
cp fixtures/dba/*.txt fixtures/dba/*.csv fuzz/corpus/dba_answers
seed rule_file $(find rules -name '*.toml' | sort)
seed text $(find fixtures/packets -name 'sanitized_config.json' -o -path 'fixtures/packets/*' -name '*.log' | sort)
seed containers $(find fixtures/incidents -name '*.zip' -o -path 'fixtures/*' -name '*.gz' | sort)
mkdir -p fuzz/corpus/slow_log fuzz/corpus/statement fuzz/corpus/question
for file in $(find fixtures/incidents -name '*.log.gz' -o -path 'fixtures/*' -name '*.json.gz' | sort); do
    { printf '\001'; gunzip -c "$file" | head -c 60000; } >"fuzz/corpus/slow_log/$(basename "$file")"
done
printf 'SELECT * FROM Posts WHERE Id = $1 AND Message LIKE '"'%%x%%'"'' >fuzz/corpus/statement/1
printf 'SELECT level, SUM(calls) FROM log_patterns GROUP BY level' >fuzz/corpus/question/1
for target in slow_stderr slow_csvlog slow_jsonlog slow_syslog slow_mysql slow_table slow_azure slow_pgbouncer slow_column slow_wrapped slow_pg_stat_statements slow_digests slow_envelope; do
    seed "$target" $(find fixtures/slowlog -type f | sort)
done
mkdir -p fuzz/corpus/slow_prefix
for file in $(find fixtures/slowlog -type f -name '*.log' | sort); do
    { printf '%%m [%%p] %%q%%u@%%d \n'; head -c 8000 "$file"; } >"fuzz/corpus/slow_prefix/$(basename "$file")"
done
