package import GRDB

extension AuditIndexStore {
    /// The tables of the audit's index. Appended to, never edited.
    package static func registerMigrations(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("audit-index-1") { database in
            // `seq`, the rowid, ends every index, so each of them lists its entries in order.
            try database.execute(
                sql: """
                    CREATE TABLE tool_executions (
                        seq INTEGER PRIMARY KEY,
                        kind TEXT NOT NULL,
                        audit_id TEXT NOT NULL,
                        tool_name TEXT,
                        status TEXT,
                        agent_id TEXT,
                        principal TEXT,
                        file INTEGER NOT NULL,
                        offset INTEGER NOT NULL,
                        length INTEGER NOT NULL,
                        outcome_seq INTEGER,
                        outcome_file INTEGER,
                        outcome_offset INTEGER,
                        outcome_length INTEGER
                    );
                    CREATE INDEX tool_executions_audit_id ON tool_executions(audit_id);
                    CREATE INDEX tool_executions_tool_name ON tool_executions(tool_name);
                    CREATE INDEX tool_executions_status ON tool_executions(status) WHERE status IS NOT NULL;
                    CREATE INDEX tool_executions_agent_id ON tool_executions(agent_id) WHERE agent_id IS NOT NULL;
                    CREATE INDEX tool_executions_principal ON tool_executions(principal);
                    CREATE INDEX tool_executions_change ON tool_executions(seq) WHERE kind = 'change';
                    CREATE INDEX tool_executions_open ON tool_executions(seq)
                        WHERE kind = 'intent' AND outcome_seq IS NULL;
                    CREATE TABLE audit_tiles (
                        level INTEGER NOT NULL,
                        position INTEGER NOT NULL,
                        root BLOB NOT NULL,
                        start_file INTEGER,
                        start_offset INTEGER,
                        PRIMARY KEY (level, position)
                    ) WITHOUT ROWID;
                    CREATE TABLE audit_position (
                        id INTEGER PRIMARY KEY CHECK (id = 1),
                        seq INTEGER NOT NULL,
                        hash BLOB NOT NULL,
                        end_file INTEGER NOT NULL,
                        end_offset INTEGER NOT NULL
                    );
                    """)
        }
        migrator.registerMigration("audit-index-2: late ends") { database in
            // ``IndexedEntry/lateness``, which may change only together with a further migration.
            try database.execute(
                sql: """
                    CREATE INDEX tool_executions_late ON tool_executions(outcome_seq) WHERE outcome_seq > seq + 256
                    """)
        }
    }
}
