use super::*;

const DUMP: &str = "goroutine 1 [semacquire, 14313 minutes]:
sync.runtime_Semacquire(0xc0008c8cf8)
\truntime/sema.go:71 +0x25
github.com/mattermost/mattermost/server/v8/cmd.runServer({0x3d6a0f8})
\tgithub.com/mattermost/mattermost/server/v8/cmd/server.go:129 +0x5e8
main.main()
\tmain.go:33 +0x5d

goroutine 20 [select, 3 minutes, locked to thread]:
database/sql.(*DB).conn(0xc000212000, {0x1, 0x2}, 0x1)
\tdatabase/sql/sql.go:1369 +0x70e
github.com/mattermost/mattermost/server/v8/store.(*W).Select(...)
\tstore/w.go:10
created by net/http.(*Server).Serve in goroutine 1
\tnet/http/server.go:3285 +0x4b4

goroutine 21 [select]:
database/sql.(*DB).conn(0xc000212999, {0x7, 0x8}, 0x1)
\tdatabase/sql/sql.go:1369 +0x70e
github.com/mattermost/mattermost/server/v8/store.(*W).Select(...)
\tstore/w.go:10
created by net/http.(*Server).Serve in goroutine 7
\tnet/http/server.go:3285 +0x4b4

goroutine 22 gp=0xc000007a40 m=nil [running]:
runtime/pprof.writeGoroutineStacks({0x1, 0x2})
\truntime/pprof/pprof.go:703 +0x6a
";

fn groups(text: &[u8]) -> Parsed<Vec<GoroutineGroup>> {
    let mut reader = GoroutineReader::new("p.zip!goroutines", Some("mm-1"));
    reader.push(text);
    reader.finish()
}

#[test]
fn equal_stacks_are_one_group_whatever_their_arguments() {
    let parsed = groups(DUMP.as_bytes());
    assert_eq!(parsed.coverage.records, 4);
    assert_eq!(parsed.records.len(), 3);
    let first = &parsed.records[0];
    assert_eq!((first.goroutines, first.waiting_over_minute, first.longest_wait_min), (2, 1, 3));
    assert_eq!((first.state.as_str(), first.wait_reason.as_deref()), ("waiting", Some("select")));
    assert_eq!(
        first.stack.untrusted(),
        "database/sql.(*DB).conn\ngithub.com/mattermost/mattermost/server/v8/store.(*W).Select\ncreated by net/http.(*Server).Serve"
    );
    assert_eq!(
        first.top.untrusted(),
        "github.com/mattermost/mattermost/server/v8/store.(*W).Select"
    );
    assert_eq!(first.place.location, "line:9");
}

#[test]
fn a_running_goroutine_waits_for_nothing() {
    let parsed = groups(DUMP.as_bytes());
    let running = parsed.records.iter().find(|group| group.state == "running").unwrap();
    assert_eq!((running.wait_reason.as_deref(), running.longest_wait_min), (None, 0));
    assert_eq!(running.top.untrusted(), "runtime/pprof.writeGoroutineStacks");
}

#[test]
fn the_result_does_not_depend_on_the_cuts() {
    let whole = groups(DUMP.as_bytes());
    for size in [1, 2, 7, 64] {
        let mut reader = GoroutineReader::new("p.zip!goroutines", Some("mm-1"));
        for piece in DUMP.as_bytes().chunks(size) {
            reader.push(piece);
        }
        assert_eq!(reader.finish(), whole);
    }
}

#[test]
fn a_dump_cut_anywhere_counts_every_goroutine_that_began() {
    for end in 0..DUMP.len() {
        let parsed = groups(&DUMP.as_bytes()[..end]);
        let began = DUMP[..end].matches("]:").count() as u64;
        assert!(parsed.coverage.records >= began, "cut at {end}");
    }
}

#[test]
fn text_that_is_no_dump_is_said() {
    let parsed = groups(b"<html>\n");
    assert!(parsed.records.is_empty());
    assert_eq!(parsed.issues.skipped(), 1);
}

#[test]
fn more_stacks_than_the_limit_are_counted_together() {
    let mut text = String::new();
    for n in 0..GROUPS_MAX + 5 {
        text.push_str(&format!("goroutine {n} [select]:\nmain.f{n}()\n\tf.go:1\n\n"));
    }
    let parsed = groups(text.as_bytes());
    assert_eq!(parsed.records.len(), GROUPS_MAX + 1);
    assert_eq!(parsed.records.last().unwrap().goroutines, 5);
    assert_eq!(
        parsed.records.iter().map(|group| group.goroutines).sum::<u64>(),
        (GROUPS_MAX + 5) as u64
    );
}

#[test]
fn a_stack_of_the_standard_library_alone_is_told_by_its_outermost_function() {
    let parsed = groups(b"goroutine 5 [IO wait]:\ninternal/poll.runtime_pollWait(0x1)\n\tfd.go:1\nnet/http.(*conn).serve(0x2, {0x3, 0x4})\n\tserver.go:1\ncreated by net/http.(*Server).Serve in goroutine 1\n\tserver.go:2\n\n");
    assert_eq!(parsed.records[0].top.untrusted(), "net/http.(*conn).serve");
}
