import Testing

extension Playground {
    /// Makes `count` of the one request that waits, which is the first that this home has seen. To ask for each would take
    /// minutes; the daemon cannot tell the copies from the real one.
    func multiplyWhatWaits(to count: Int) async throws {
        let script = """
            import sqlite3, sys
            database = sqlite3.connect(sys.argv[1], timeout=30)
            for table, own in (
                ("runs", {"id": "'run_many_' || n"}),
                ("inbox", {"id": "'req_many_' || n", "run_id": "'run_many_' || n"}),
            ):
                names = [row[1] for row in database.execute(f"PRAGMA table_info({table})") if row[1] != "seq"]
                database.execute(
                    "WITH RECURSIVE counter(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM counter WHERE n < ?) "
                    f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(own.get(name, name) for name in names)} "
                    f"FROM {table}, counter WHERE seq = 1", (int(sys.argv[2]),))
            database.commit()
            """
        let ended = try await Program.run("/usr/bin/python3", ["-c", script, home + "/data/state.sqlite", "\(count)"])
        #expect(ended.status == 0, "\(ended.errors)")
    }
}
