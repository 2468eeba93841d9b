internal import ToolKit

extension OpenPage {
    /// Where an element is: in pixels of what the window shows, and of its own document.
    struct Place {
        var x: Double
        var y: Double
        /// Of the document it is in, from that document's beginning.
        var box: (x: Double, y: Double, width: Double, height: Double)
        var document: Document
    }

    /// Waits until the element is there, can be seen, and nothing lies over it.
    ///
    /// - Throws: ``ToolFailure`` with what was in the way at last.
    func place(of element: PageElement, mayBeCovered: Bool = false) async throws -> Place {
        let end = stepEnd
        return try await soon(until: end) {
            guard let (document, _) = try await document(of: element, until: end) else {
                throw NotYet(PageTrouble.notFound(element))
            }
            let answer = try await evaluate(
                PageScripts.place, [.string(element.selector)], in: document, until: end)
            try require(answer, element)
            guard answer["seen"]?.boolValue == true else { throw NotYet(PageTrouble.notVisible(element)) }
            if !mayBeCovered {
                if answer["disabled"]?.boolValue == true { throw NotYet(PageTrouble.disabled(element)) }
                if let other = answer["covered"]?.stringValue {
                    throw NotYet(PageTrouble.covered(element, by: other))
                }
            }
            // The element was scrolled to, and its frames with it.
            guard let (_, offset) = try await self.document(of: element, until: end, scrolls: false) else {
                throw NotYet(PageTrouble.notFound(element))
            }
            let box = answer["box"]
            return Place(
                x: (answer["x"]?.doubleValue ?? 0) + offset.x, y: (answer["y"]?.doubleValue ?? 0) + offset.y,
                box: (
                    box?["x"]?.doubleValue ?? 0, box?["y"]?.doubleValue ?? 0, box?["width"]?.doubleValue ?? 0,
                    box?["height"]?.doubleValue ?? 0
                ), document: document)
        }
    }

    /// The document that the frames of an element lead to, and where it begins in the window; `nil` when there is none.
    func document(
        of element: PageElement, until end: ContinuousClock.Instant, scrolls: Bool = true
    ) async throws -> (Document, (x: Double, y: Double))? {
        var document = Document.main(self)
        var offset = (x: 0.0, y: 0.0)
        for selector in element.frames {
            let world = try await world(of: document, until: end)
            let words = String(decoding: JSONWriter.write(.string(selector)), as: UTF8.self)
            let found = try await connection.call(
                "Runtime.evaluate",
                ["expression": .string("(\(PageScripts.frame))(\(words))"), "contextId": world, "silent": true],
                in: document.session, until: answerEnd(end))
            guard let object = found["result"]?["objectId"] else { return nil }
            let session = document.session
            defer { connection.post("Runtime.releaseObject", ["objectId": object], in: session) }
            let node = try await connection.call(
                "DOM.describeNode", ["objectId": object], in: document.session, until: answerEnd(end))
            guard let frame = node["node"]?["frameId"]?.stringValue else {
                throw PageTrouble.wrongKind(
                    PageElement(selector, in: Array(element.frames.prefix { $0 != selector })), needs: "frame")
            }
            let place = try await connection.call(
                "Runtime.callFunctionOn",
                [
                    "functionDeclaration": .string(PageScripts.frameOffset), "objectId": object,
                    "arguments": [["value": .bool(scrolls)]], "returnByValue": true, "silent": true,
                ], in: document.session, until: answerEnd(end))
            offset.x += place["result"]?["value"]?["x"]?.doubleValue ?? 0
            offset.y += place["result"]?["value"]?["y"]?.doubleValue ?? 0
            // A frame of another site is a target of its own, by the frame's id.
            document = Document(session: watch.session(of: frame) ?? document.session, frame: frame)
        }
        return (document, offset)
    }

    /// Not yet as it should be: what will be said when it never is.
    struct NotYet: Error {
        let failure: ToolFailure
        init(_ failure: ToolFailure) { self.failure = failure }
    }

    /// Looks again until `body` throws ``NotYet`` no more, or the time is over.
    func soon<Value: Sendable>(
        until end: ContinuousClock.Instant, _ body: () async throws -> Value
    ) async throws -> Value {
        while true {
            try check()
            do {
                return try await body()
            } catch let notYet as NotYet {
                guard .now + Self.pace < end else { throw notYet.failure }
                try await Task.sleep(for: Self.pace)
            } catch let refused as CommandRefused where refused.isAboutGoneDocument && .now + Self.pace < end {
                try await Task.sleep(for: Self.pace)
            } catch {
                throw trouble(error)
            }
        }
    }

    func require(_ answer: JSONValue, _ element: PageElement) throws {
        if answer["invalid"]?.boolValue == true { throw PageTrouble.invalidSelector(element) }
        guard answer["count"]?.integerValue ?? 0 > 0 else { throw NotYet(PageTrouble.notFound(element)) }
    }
}
