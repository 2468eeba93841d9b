internal import Gate
internal import Testing
internal import ToolKit

@Suite("A playbook that somebody writes")
struct ReadingTests {
    @Test("is read with every field, and its defaults")
    func whole() throws {
        let json: JSONValue = [
            "name": "one", "description": "d", "category": "checks", "tags": ["t"],
            "variables": ["where": ["type": "string", "default": "a.txt", "description": "which"]],
            "steps": [
                [
                    "tool_name": "filesystem_read", "args": ["path": "{where}", "limit": 5], "description": "s",
                    "retry_on_failure": true, "max_retries": 7, "expect": ["text": "x"],
                ],
                ["tool_name": "repo_git_status"],
            ],
        ]
        let read = try PlaybookDefinition(json: json, checkedBy: Sample.tools())
        #expect(read.steps.map(\.toolName) == ["filesystem_read", "git_status"])
        #expect(read.steps[0].maxRetries == 7 && read.steps[0].retriesOnFailure && !read.steps[1].retriesOnFailure)
        #expect(read.steps[0].expect == ["text": "x"])
        #expect(read.variables["where"] == PlaybookVariable(.string, default: "a.txt", description: "which"))
        #expect(try PlaybookDefinition(json: read.json, checkedBy: Sample.tools()) == read)
    }

    @Test("has the variables that its steps name when it declares none")
    func derived() throws {
        let json = Sample.with(
            Sample.step("filesystem_read", ["path": "src/{name}.txt", "limit": "{count}"]),
            Sample.step("workspace_search", ["query": "{name} {{literal}}"]))
        let read = try PlaybookDefinition(json: json, checkedBy: Sample.tools())
        #expect(read.variables == ["name": PlaybookVariable(), "count": PlaybookVariable()])
    }

    @Test(
        "is refused with the field and the reason",
        arguments: [
            ([:], "name is required"),
            ([:], "steps is required"),
            (["name": "one", "steps": []], "steps must have 1 to 200 elements, not 0"),
            (["name": 1, "steps": []], "name must be a string, not an integer"),
            (["name": " one", "steps": []], "name must be one line without invisible characters"),
            (["name": "o\u{202E}ne", "steps": []], "name must be one line without invisible characters"),
            (["name": "one", "stepz": []], "stepz is unknown; did you mean \"steps\"?"),
            (["name": "one", "steps": [], "tags": ["a", "a"]], "tags[1] is given twice"),
            (["name": "one", "steps": [], "tags": "a"], "tags must be an array of strings, not a string"),
            (Sample.with("x"), "steps[0] must be an object, not a string"),
            (Sample.with(["args": [:]]), "steps[0].tool_name is required"),
            (
                Sample.with(Sample.step("git_statuz", [:])),
                "steps[0].tool_name is unknown; did you mean \"git_status\"?"
            ),
            (Sample.with(Sample.step("git_status", [])), "steps[0].args must be an object, not an array"),
            (
                Sample.with(Sample.step("git_status", [:]), Sample.step("filesystem_read", [:])),
                "steps[1].args.path is required"
            ),
            (
                Sample.with(Sample.step("filesystem_read", ["path": "../x"])),
                "steps[0].args.path lies outside the workspace"
            ),
            (
                Sample.with(Sample.step("filesystem_read", ["path": "a", "limit": "many"])),
                "steps[0].args.limit must be an integer, not a string"
            ),
            (
                Sample.with(Sample.step("filesystem_read", ["path": "a", "pth": "{x}"])),
                "steps[0].args.pth \"pth\" is unknown; did you mean \"path\"?"
            ),
            (
                Sample.with(["tool_name": "git_status", "max_retries": 101]),
                "steps[0].max_retries must be an integer from 0 to 100"
            ),
            (
                Sample.with(["tool_name": "git_status", "retry_on_failure": 1]),
                "steps[0].retry_on_failure must be true or false, not an integer"
            ),
            (
                Sample.with(["tool_name": "git_status", "expect": "ok"]),
                "steps[0].expect must be an object, not a string"
            ),
            (Sample.with(["tool_name": "git_status", "retries": 1]), "steps[0].retries is unknown"),
        ] as [(JSONValue, String)])
    func refused(_ json: JSONValue, _ problem: String) throws {
        let problems = try Sample.problems(json)
        #expect(problems.contains { $0.hasPrefix(problem) }, "\(problems)")
    }

    @Test(
        "is refused when its variables are wrong",
        arguments: [
            (["Name": [:]], "variables.Name must be named with lower-case letters"),
            (["a": 1], "variables.a must be an object, not an integer"),
            (["a": ["type": "text"]], "variables.a.type must be one of \"any\""),
            (["a": ["type": "integer", "default": "x"]], "variables.a.default must be an integer, not a string"),
            (["a": [:], "b": [:]], "variables.b is used by no step"),
            (["q": [:]], "steps[0].args.path names {a}, which is not declared"),
            (["a": ["required": false]], "steps[0].args.path holds {a}, which may have no value; give it a default"),
            (["a": ["type": "array"]], "steps[0].args.path cannot hold {a} inside a text: it is an array"),
            (["a": ["defualt": 1]], "variables.a.defualt is unknown; did you mean \"default\"?"),
            ([], "variables must be an object of names and descriptions, not an array"),
        ] as [(JSONValue, String)])
    func variables(_ variables: JSONValue, _ problem: String) throws {
        let problems = try Sample.problems(
            Sample.with(Sample.step("filesystem_read", ["path": "src/{a}"]), variables: variables))
        #expect(problems.contains { $0.hasPrefix(problem) }, "\(problems)")
    }

    @Test(
        "keeps variables out of texts that are taken apart",
        arguments: [
            ("shell_exec", ["command": "git log {range}"]), ("shell_exec", ["cmd": "ls {a}"]),
            ("sandbox_worker_run", ["command": "{program} -v"]), ("run_tests", ["runner": "{tool} test"]),
            ("apply_patch", ["patch": "--- a/{file}\n"]), ("apply_patch", ["content": "--- a/{file}\n"]),
        ] as [(String, JSONValue)])
    func commands(_ tool: String, _ arguments: JSONValue) throws {
        let problems = try Sample.problems(Sample.with(Sample.step(tool, arguments)))
        #expect(problems.count == 1 && problems[0].contains("inside a text that is taken apart"), "\(problems)")
    }

    @Test(
        "lets variables be words of a command, or all of it",
        arguments: [
            ("shell_exec", ["command": ["git", "log", "--author={who}", "{range}"]]),
            ("shell_exec", ["command": "{command}"]), ("run_tests", ["runner": "{runner}"]),
            ("shell_exec", ["command": "git log --format={{x}}"]),
        ] as [(String, JSONValue)])
    func words(_ tool: String, _ arguments: JSONValue) throws {
        #expect(try Sample.problems(Sample.with(Sample.step(tool, arguments))) == [])
    }

    @Test("is refused when it is too large, too deep, or too much")
    func oversized() throws {
        let deep = (0..<12).reduce(JSONValue.integer(1)) { value, _ in .array([value]) }
        #expect(
            try Sample.problems(Sample.with(Sample.step("filesystem_read", ["path": deep])))
                .contains("steps[0].args.path is nested deeper than 8 levels"))
        let long = JSONValue.string(String(repeating: "x", count: 70_000))
        #expect(
            try Sample.problems(Sample.with(Sample.step("filesystem_write", ["path": "a", "content": long])))
                == ["steps make the playbook larger than 64 KiB"])
        let many = JSONValue.array(Array(repeating: Sample.step("git_status", [:]), count: 201))
        #expect(
            try Sample.problems(["name": "one", "steps": many])
                == ["steps must have 1 to 200 elements, not 201"])
        let names = (0..<51).map { JSONValue.string("{v\($0)}") }
        #expect(
            try Sample.problems(Sample.with(Sample.step("shell_exec", ["command": .array(names)])))
                == ["steps name 51 variables; at most 50"])
    }
}

@Suite("Playbooks that come with the daemon")
struct BuiltInPlaybookTests {
    @Test("hold against the tools that it has, and declare what they use", arguments: BuiltInPlaybooks.all)
    func sound(_ playbook: Playbook) throws {
        let read = try PlaybookDefinition(json: playbook.definition.json, checkedBy: Sample.tools())
        #expect(read == playbook.definition)
        #expect(Identifier.isWellFormed(playbook.id) && playbook.isBuiltIn)
        let tools = try Sample.tools()
        let filled = try read.filled(with: read.variables["runner"] == nil ? [:] : ["runner": "pytest"])
        for (step, arguments) in zip(read.steps, filled) {
            #expect(tools.problems(of: arguments, toolName: step.toolName) == [])
        }
    }
}
