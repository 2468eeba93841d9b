internal import GRDB

extension StateDatabase {
    /// Runs of their own, which the inbox refers to; until then an item held its one run itself.
    static func createRuns(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE runs (
                    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, call TEXT NOT NULL,
                    digest TEXT NOT NULL, principal TEXT NOT NULL, is_idempotent INTEGER NOT NULL, task_id TEXT,
                    step INTEGER, created_at REAL NOT NULL, state TEXT NOT NULL, token TEXT, lease_until REAL,
                    beginnings INTEGER NOT NULL DEFAULT 0, audit_id TEXT, approved_item TEXT, result TEXT
                ) STRICT;
                INSERT INTO runs (id, call, digest, principal, is_idempotent, created_at, state, token, lease_until,
                    audit_id, approved_item, result)
                SELECT run_id, call, digest, principal, 0, created_at, run_state,
                    iif(run_state = 'running', 'before', NULL), iif(run_state = 'running', 0, NULL), audit_id,
                    iif(status = 'approved', id, NULL), result
                FROM inbox ORDER BY seq;
                CREATE INDEX runs_queued ON runs (seq) WHERE state = 'queued' AND approved_item IS NOT NULL;
                CREATE INDEX runs_held ON runs (seq) WHERE state IN ('leased', 'running');
                CREATE INDEX runs_of_task ON runs (task_id, step) WHERE task_id IS NOT NULL;
                CREATE INDEX runs_age ON runs (created_at) WHERE task_id IS NULL;
                CREATE TABLE items (
                    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
                    digest TEXT NOT NULL, principal TEXT NOT NULL, risk INTEGER NOT NULL, plan TEXT NOT NULL,
                    is_undoable INTEGER NOT NULL, policy_base TEXT, risk_estimate REAL, created_at REAL NOT NULL,
                    expires_at REAL NOT NULL, size INTEGER NOT NULL, status TEXT NOT NULL, decided_by TEXT,
                    decided_at REAL, note TEXT, grant_id TEXT, resolution TEXT, run_id TEXT NOT NULL
                ) STRICT;
                INSERT INTO items (seq, id, kind, digest, principal, risk, plan, is_undoable, policy_base,
                    risk_estimate, created_at, expires_at, size, status, decided_by, decided_at, note, grant_id, run_id)
                SELECT seq, id, kind, digest, principal, risk, plan, is_undoable, policy_base,
                    risk_estimate, created_at, expires_at, size, status, decided_by, decided_at, note, grant_id, run_id
                FROM inbox;
                DROP TABLE inbox;
                ALTER TABLE items RENAME TO inbox;
                CREATE INDEX inbox_pending ON inbox (seq) WHERE status = 'pending';
                CREATE INDEX inbox_load ON inbox (principal, size) WHERE status = 'pending';
                CREATE INDEX inbox_expiry ON inbox (expires_at) WHERE status = 'pending';
                CREATE INDEX inbox_kind ON inbox (kind, seq);
                CREATE INDEX inbox_principal ON inbox (principal, seq);
                CREATE INDEX inbox_run ON inbox (run_id, seq);
                """)
    }
}
