extension DefaultCommands {
    /// Node. A script is whatever package.json says, so it runs confined like any test.
    static let node = #"""
          - name: node tests
            run: [[npm, pnpm, yarn], [test, t]]
            flags: any
            operands: any
            verdict: allow
            reason: "tests execute the project's code, confined and without a network"
            writes: [coverage, .nyc_output, node_modules/.cache, node_modules/.vite, node_modules/.vite-temp]
            examples:
              match: ["npm test", "pnpm test -- --watch=false", "yarn test"]
              not_match: ["npm install", "npm --prefix /tmp test", "npm exec x", "npx jest"]

          - name: node scripts
            run: [[npm, pnpm, yarn], [run, run-script], [test, build, lint, typecheck, check, "test:unit", format-check]]
            flags: any
            operands: any
            verdict: allow
            reason: "builds and tests execute the project's code, confined and without a network"
            writes: [dist, build, coverage, .nyc_output, node_modules/.cache, node_modules/.vite, node_modules/.vite-temp]
            examples:
              match: ["npm run test", "npm run build -- --mode production", "pnpm run lint"]
              not_match: ["npm run publish", "npm run deploy", "npm run", "npm --script-shell=/tmp/x run test"]

          - name: node own tests
            run: [[node, nodejs], "--test"]
            operands: ["<path>..."]
            verdict: allow
            reason: "tests execute the project's code, confined and without a network"
            examples:
              match: ["node --test", "node --test tests/a.test.js"]
              not_match: ["node --test -e 1", "node --test --require ./x", "node -e 1", "node a.js", "node --test /tmp/a.js"]

          - name: npm reads
            run: [[npm, pnpm], [ls, list, why, explain]]
            flags: ["--all", "--depth=<number>", "--json", "-a", "--long", "--prod"]
            operands: ["<word>..."]
            verdict: allow
            reason: "listing packages changes nothing"
            examples:
              match: ["npm ls --depth=0", "npm why react"]
              not_match: ["npm ls -g", "npm ls --prefix /tmp", "npm view x", "npm config ls"]

        """#
}
