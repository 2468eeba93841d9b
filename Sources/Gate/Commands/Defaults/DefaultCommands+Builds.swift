extension DefaultCommands {
    /// Builds and tests that execute the project's code: confined, without a network, writing their build folder.
    static let swiftAndRust = #"""
          - name: swift build
            run: [swift, [build, test]]
            flags: any
            operands: any
            verdict: allow
            reason: "builds and tests execute the project's code, confined and without a network"
            writes: [.build]
            examples:
              match: ["swift build", "swift test --filter Gate", "swift build -c release"]
              not_match: ["swift run x", "swift package reset", "swift repl", "swift x.swift", "swift sdk install x"]

          - name: swift package reads
            run: [swift, package, [describe, dump-package, show-dependencies]]
            flags: ["--type=text|json", "--format=text|json|dot|flatlist"]
            verdict: allow
            reason: "reading a manifest executes it, confined and without a network"
            writes: [.build]
            examples:
              match: ["swift package describe --type=json", "swift package dump-package"]
              not_match: ["swift package update", "swift package --package-path /tmp describe", "swift package plugin x"]

          - name: cargo
            run: [cargo, [build, b, test, t, check, c, clippy, bench, doc]]
            flags: any
            operands: any
            verdict: allow
            reason: "builds and tests execute the project's code, confined and without a network"
            writes: [target]
            examples:
              match: ["cargo test", "cargo build --release", "cargo clippy -- -D warnings"]
              not_match: ["cargo run", "cargo install x", "cargo publish", "cargo --config x test", "cargo +nightly test",
                "cargo login"]

          - name: cargo reads
            run: [cargo, [tree, metadata, fmt]]
            flags: ["--check", "--all", "--format-version=1", "--no-deps", "--offline", "--locked", "--frozen", "--workspace",
              "--depth=<number>"]
            verdict: allow
            reason: "without a place to write it only reads"
            examples:
              match: ["cargo fmt --check", "cargo metadata --format-version=1 --no-deps", "cargo tree"]
              not_match: ["cargo fmt -- --config-path /tmp", "cargo tree --manifest-path /tmp/x"]

        """#

    static let goAndMake = #"""
          - name: go
            run: [go, [build, test, vet]]
            flags: any
            operands: any
            verdict: allow
            reason: "builds and tests execute the project's code, confined and without a network"
            writes: [bin]
            examples:
              match: ["go test ./...", "go build -o bin/app ./cmd/app", "go vet ./..."]
              not_match: ["go run x.go", "go generate ./...", "go install x", "go get x", "go env -w X=y", "go tool x",
                "go -C /tmp test"]

          - name: go reads
            run: [go, [list, version, doc]]
            flags: ["-m", "-json", "-e", "-deps", "-f <text>", "-all", "-src"]
            operands: ["<word>..."]
            verdict: allow
            reason: "listing packages changes nothing"
            examples:
              match: ["go list ./...", "go version", "go list -m -json all"]
              not_match: ["go list -toolexec=sh ./...", "go list -exec sh", "go list -modfile=/tmp/x"]

          - name: make
            run: [make]
            flags: ["-j <number>", "-k", "-s", "-n", "-B", "--jobs=<number>", "--keep-going", "--silent", "--dry-run",
              "--always-make", "--no-print-directory"]
            operands: ["all|build|test|tests|check|lint|clean|format-check|coverage", "test|tests|check|lint"]
            verdict: allow
            reason: "builds and tests execute the project's code, confined and without a network"
            writes: [build, dist, bin, obj, target, out]
            examples:
              match: ["make", "make test", "make -j4 build", "make clean test"]
              not_match: ["make -f /tmp/Makefile", "make -C /tmp", "make --eval=x", "make SHELL=/tmp/sh", "make deploy",
                "make -I /tmp", "make install", "make CC=evil test"]

        """#
}
