/// Something to be done on a page, or to be known about it.
public enum PageAction: Sendable, Hashable {
    public enum Presence: String, Sendable, Hashable, CaseIterable {
        case visible
        case hidden
        /// In the document, to be seen or not.
        case attached
    }

    public enum Content: Sendable, Hashable {
        /// As it is seen.
        case text
        case html
        /// Of a field.
        case value
        case attribute(String)
    }

    case click(PageElement, count: Int)
    /// With keys, as a person would. Replaces what a field holds when `clears` says so.
    case type(PageElement, text: String, clears: Bool)
    /// One chord such as `Control+A`; without an element wherever the focus is.
    case press(PageElement?, KeyChord)
    /// The option with that value, or with that text.
    case select(PageElement, option: String)
    /// An element into view, or by so many pixels.
    case scroll(PageElement?, right: Int, down: Int)
    case wait(Duration)
    case waitFor(PageElement, Presence)
    case extract(PageElement, Content, all: Bool)
    case expect(PageExpectation)
}

/// Which element: the first that a CSS selector finds, preferably one that can be seen.
public struct PageElement: Sendable, Hashable {
    public var selector: String
    /// Selectors of the frames that lead to its document, outermost first.
    public var frames: [String]

    public init(_ selector: String, in frames: [String] = []) {
        self.selector = selector
        self.frames = frames
    }
}

/// What has to be true of a page, soon.
public struct PageExpectation: Sendable, Hashable {
    public enum Subject: Sendable, Hashable {
        case url
        case title
        /// Of the element, or of the whole page.
        case text(PageElement?)
        case value(PageElement)
        case count(PageElement)
        case presence(PageElement, PageAction.Presence)
    }

    public enum Comparison: String, Sendable, Hashable, CaseIterable {
        case contains
        case equals
    }

    public var subject: Subject
    public var comparison: Comparison
    /// Empty for ``Subject/presence(_:_:)``.
    public var expected: String

    public init(_ subject: Subject, _ comparison: Comparison = .contains, _ expected: String = "") {
        self.subject = subject
        self.comparison = comparison
        self.expected = expected
    }
}

public enum PictureArea: Sendable, Hashable {
    /// What a window of 1280 by 720 shows.
    case view
    case page
    case element(PageElement)
}

/// A PNG.
public struct PagePicture: Sendable, Hashable {
    public var png: [UInt8]
    /// In pixels.
    public var width: Int
    public var height: Int
    /// Whether the page is longer than a picture can be.
    public var isCut: Bool

    public init(png: [UInt8], width: Int, height: Int, isCut: Bool = false) {
        self.png = png
        self.width = width
        self.height = height
        self.isCut = isCut
    }
}
