internal import Foundation
internal import ToolKit

extension OpenPage {
    /// In pixels.
    static let viewSize = (width: 1_280, height: 720)
    private static let largestHeight = 12_000.0
    private static let largestWidth = 4_000.0

    func picture(of area: PictureArea) async throws -> PagePicture {
        try check()
        var fields: [String: JSONValue] = ["format": "png"]
        var isCut = false
        switch area {
        case .view: break
        case .page:
            let end = stepEnd
            let metrics = try await patiently(until: end) { end in
                try await connection.call("Page.getLayoutMetrics", in: session, until: answerEnd(end))
            }
            let size = metrics["cssContentSize"]
            let (width, height) = (size?["width"]?.doubleValue ?? 0, size?["height"]?.doubleValue ?? 0)
            isCut = width > Self.largestWidth || height > Self.largestHeight
            fields["clip"] = Self.clip(0, 0, width, height)
            fields["captureBeyondViewport"] = true
        case .element(let element):
            let place = try await place(of: element, mayBeCovered: true)
            guard element.frames.isEmpty else {
                throw PageTrouble.wrongKind(element, needs: "element of the page itself, which a picture needs")
            }
            isCut = place.box.width > Self.largestWidth || place.box.height > Self.largestHeight
            fields["clip"] = Self.clip(place.box.x, place.box.y, place.box.width, place.box.height)
            fields["captureBeyondViewport"] = true
        }
        let end = stepEnd
        let answer = try await patiently(until: end) { end in
            try await connection.call("Page.captureScreenshot", fields, in: session, until: answerEnd(end))
        }
        guard let text = answer["data"]?.stringValue, let data = Data(base64Encoded: text), data.count >= 24 else {
            throw ToolFailure(
                "no_picture", "the browser made no picture of the page", remedy: "try again, or choose another element")
        }
        let png = [UInt8](data)
        let number = { (offset: Int) in png[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
        return PagePicture(png: png, width: number(16), height: number(20), isCut: isCut)
    }

    private static func clip(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> JSONValue {
        [
            "x": .number(x), "y": .number(y), "width": .number(min(max(width, 1), largestWidth)),
            "height": .number(min(max(height, 1), largestHeight)), "scale": 1,
        ]
    }
}
