package import ToolKit

/// Finds files by what stands in them and by their names.
package struct WorkspaceSearch: Tool {
    package struct Arguments: ToolArguments {
        package let query: String
        package let maxMatches: Int
        package let snippetLines: Int

        package static let schema = ArgumentSchema(
            .required(
                "query", .string(minLength: 1, maxLength: 1_000), aliases: ["q"],
                "A phrase or several words. Lower case finds any case; a file with all words is found, one with the "
                    + "whole phrase comes first."),
            .optional("max_matches", .integer(1...200), default: 15, "The best so many files are answered."),
            .optional("snippet_lines", .integer(1...50), default: 5, "Lines shown around the place in each file."))
    }

    package let name = "workspace_search"
    package let description =
        "Searches the workspace's text files and file names; .gitignore is honoured. One match a file, best first."
    package let risk = Risk.low
    package let isEnabledByDefault = true
    package let isIdempotent = true
    package let annotations = ToolAnnotations(title: "Search the workspace", readOnly: true)

    /// A larger file is not opened.
    static let maxFileSize = 1_024 * 1_024
    /// A NUL among so many first bytes makes a file binary.
    static let binaryProbe = 8 * 1_024

    package init() {}

    package func access(for arguments: Arguments) throws(ToolFailure) -> Access {
        _ = try Self.query(arguments)
        return .search(.root)
    }

    package func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        let query = try Self.query(arguments)
        return [
            "summary": .string(
                "search the names and texts of the workspace's files for \(JSONWriter.quoted(query.text)), "
                    + "\(query.ignoresCase ? "in any case" : "case as written"), and answer at most "
                    + "\(arguments.maxMatches) files"),
            "folder": ".",
            "ignores_case": .bool(query.ignoresCase),
            "words": .integer(max(1, query.words.count)),
            "max_matches": .integer(arguments.maxMatches),
            "max_file_size": .integer(Self.maxFileSize),
            "honours_gitignore": true,
            "writes": false,
        ]
    }

    package func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        var search = RunningSearch(
            query: try Self.query(arguments), limit: arguments.maxMatches, lines: arguments.snippetLines)
        let summary = try ProjectWalk(context: context, folder: .root).run { entry, summary in
            try search.look(at: entry, &summary)
            return true
        }
        let matches = search.ranking.matches
        var result: [String: JSONValue] = [
            "query": .string(arguments.query),
            "count": .integer(matches.count),
            "matches": .array(
                matches.map {
                    ["path": .string($0.path), "line": .integer($0.line), "snippet": .string($0.snippet)]
                }),
            "truncated": .bool(search.ranking.isTruncated || summary.stoppedBy != nil),
            "files": .integer(summary.files),
            "skipped": [
                "binary": .integer(search.binary), "too_large": .integer(search.tooLarge),
                "ignored": .integer(summary.ignored), "hidden": .integer(summary.hidden),
                "unreadable": .integer(summary.unreadable), "links": .integer(summary.links),
            ],
        ]
        result["stopped_by"] = summary.stoppedBy.map { .string($0) }
        return ToolOutput(.object(result), summary: "\(matches.count) matches among \(summary.files) files")
    }

    private static func query(_ arguments: Arguments) throws(ToolFailure) -> SearchQuery {
        guard let query = SearchQuery(arguments.query) else {
            throw ToolFailure(
                "empty_query", "query holds nothing but spaces", remedy: "name a word or a phrase to look for")
        }
        return query
    }
}

/// One search on its way through the files.
private struct RunningSearch {
    let query: SearchQuery
    let lines: Int
    var ranking: SearchRanking
    var binary = 0
    var tooLarge = 0

    init(query: SearchQuery, limit: Int, lines: Int) {
        self.query = query
        self.lines = lines
        ranking = SearchRanking(limit: limit)
    }

    mutating func look(at entry: WalkEntry, _ summary: inout ProjectWalk.Summary) throws {
        let name = entry.path.name ?? ""
        let path = entry.path.description
        let nameHit = query.hit(name: name, path: path)
        if let nameHit, !ranking.admits(nameHit.rank, spread: 0) {
            ranking.noteLeftOut()
            return
        }
        guard nameHit != nil || ranking.admits(.phraseAsWord, spread: 0) else {
            ranking.noteLeftOut()
            return
        }
        let slice: FileSlice?
        do {
            slice = try entry.read(WorkspaceSearch.maxFileSize)
        } catch is ToolFailure {
            slice = nil
        }
        var text = slice?.bytes ?? []
        if slice == nil {
            summary.unreadable += 1
        } else if slice?.isTruncated == true {
            tooLarge += 1
            text = []
        } else if text.prefix(WorkspaceSearch.binaryProbe).contains(0) {
            binary += 1
            text = []
        }
        text.withUnsafeBufferPointer { text in
            guard let hit = nameHit ?? query.hit(name: name, text: text) ?? query.wordsHit(name: name) else { return }
            guard ranking.admits(hit.rank, spread: hit.spread) else { return ranking.noteLeftOut() }
            let snippet = Snippet(of: text, around: hit.place, lines: lines)
            ranking.insert(
                .init(path: path, rank: hit.rank, spread: hit.spread, line: snippet.line, snippet: snippet.text))
        }
    }
}
