internal import GRDB

extension StateDatabase {
    /// Effects of previews, what calls changed, and which contents both need. `owner` is the effect's id or the call's
    /// audit id.
    static func createEffects(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE effects (
                    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, principal TEXT NOT NULL,
                    agent_id TEXT, tool_name TEXT NOT NULL, args TEXT NOT NULL, call_digest TEXT NOT NULL,
                    audit_id TEXT NOT NULL, effect TEXT NOT NULL, digest TEXT NOT NULL, lines TEXT NOT NULL,
                    basis TEXT NOT NULL, method TEXT, omissions TEXT NOT NULL, answer TEXT NOT NULL,
                    policy_version TEXT NOT NULL, files INTEGER NOT NULL, deletions INTEGER NOT NULL,
                    bytes INTEGER NOT NULL, created_at REAL NOT NULL, expires_at REAL NOT NULL, state TEXT NOT NULL,
                    applied_audit_id TEXT, ended_at REAL
                ) STRICT;
                CREATE INDEX effects_of_principal ON effects (principal, seq);
                CREATE INDEX effects_waiting ON effects (expires_at) WHERE state = 'previewed';
                CREATE INDEX effects_held ON effects (principal, created_at, bytes) WHERE state = 'previewed';
                CREATE INDEX effects_applying ON effects (seq) WHERE state = 'applying';
                CREATE INDEX effects_ended ON effects (ended_at) WHERE ended_at IS NOT NULL;
                CREATE TABLE undos (
                    audit_id TEXT PRIMARY KEY, principal TEXT NOT NULL, tool_name TEXT NOT NULL, effect TEXT NOT NULL,
                    commits TEXT NOT NULL, problem TEXT, bytes INTEGER NOT NULL, created_at REAL NOT NULL, undone_by TEXT,
                    is_undoing INTEGER NOT NULL DEFAULT 0, evicted_at REAL
                ) STRICT;
                CREATE INDEX undos_held ON undos (principal, created_at, bytes)
                    WHERE problem IS NULL AND evicted_at IS NULL AND is_undoing = 0;
                CREATE INDEX undos_age ON undos (created_at)
                    WHERE problem IS NULL AND evicted_at IS NULL AND is_undoing = 0;
                CREATE INDEX undos_ended ON undos (created_at) WHERE problem IS NOT NULL OR evicted_at IS NOT NULL;
                CREATE INDEX undos_undoing ON undos (audit_id) WHERE is_undoing = 1;
                CREATE TABLE effect_contents (
                    owner TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (owner, sha256)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX effect_contents_needed ON effect_contents (sha256);
                ALTER TABLE grants ADD COLUMN within TEXT;
                """)
    }
}
