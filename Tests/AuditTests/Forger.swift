internal import Audit
internal import Foundation
internal import Synchronization

/// What somebody with write access to `logs/`, but without the signing key, can do to a log.
struct Forger {
    let storage: CrashStorage

    /// Files in order, each as its lines with their newlines.
    var files: [(name: String, lines: [[UInt8]])]

    /// Those of another home with the same history, and its head file.
    var foreignFiles: [(name: String, lines: [[UInt8]])] = []
    var foreignHead: [UInt8] = []

    init(_ storage: CrashStorage) {
        self.storage = storage
        let names = storage.state.withLock { Array($0.names.keys) }
        files = names.filter { $0.hasSuffix(".jsonl") }.sorted { left, right in
            if left == LogNames.active || right == LogNames.active { return right == LogNames.active && left != right }
            return left < right
        }.map { name in (name, Self.lines(storage.bytes(name))) }
    }

    static func lines(_ bytes: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var line: [UInt8] = []
        for byte in bytes {
            line.append(byte)
            if byte == UInt8(ascii: "\n") {
                lines.append(line)
                line = []
            }
        }
        if !line.isEmpty { lines.append(line) }
        return lines
    }

    /// Puts the files back.
    func store() {
        for file in files { storage.set(file.name, Array(file.lines.joined())) }
    }

    /// Replaces the first `old` in line `line` of file `file`.
    mutating func edit(_ file: Int, _ line: Int, _ old: String, _ new: String) {
        let text = String(decoding: files[file].lines[line], as: UTF8.self)
        guard let range = text.range(of: old) else { preconditionFailure("line \(line) has no \(old)") }
        files[file].lines[line] = Array(text.replacingCharacters(in: range, with: new).utf8)
    }

    /// Gives every line from there on the right `seq`, `prev` and `hash` again, checkpoints and all.
    mutating func rechain(from file: Int, _ line: Int) {
        var (seq, prev) = (0, LineHash.none.hex)
        for place in files.indices {
            for index in files[place].lines.indices {
                if (place, index) >= (file, line) {
                    files[place].lines[index] = Self.chained(files[place].lines[index], seq: seq + 1, prev: prev)
                }
                seq += 1
                prev = String(decoding: files[place].lines[index].suffix(67).prefix(64), as: UTF8.self)
            }
        }
    }

    /// The line with other members of the chain, its hash made anew.
    static func chained(_ line: [UInt8], seq: Int, prev: String) -> [UInt8] {
        let text = String(decoding: line, as: UTF8.self)
        guard let tail = text.range(of: #","seq":"#, options: .backwards) else { return line }
        let content = text[..<tail.lowerBound] + #","seq":\#(seq),"prev":"\#(prev)""#
        let hash = LineHash.of(Array((content + "}").utf8)).hex
        return Array((content + #","hash":"\#(hash)"}"# + "\n").utf8)
    }

    /// Where a line that contains `text` stands in a file.
    func place(of text: String, in file: Int, after start: Int = 0) -> Int {
        files[file].lines[start...].firstIndex { String(decoding: $0, as: UTF8.self).contains(text) } ?? 0
    }
}
