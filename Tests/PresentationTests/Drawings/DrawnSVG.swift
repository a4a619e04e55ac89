import Foundation
import FoundationXML

/// An SVG drawing, read back by an XML parser.
final class DrawnSVG: NSObject, XMLParserDelegate {
    /// A text, where it stands and how large it is.
    struct Text {
        var content = ""
        var x: Double
        var y: Double
        var size: Double
        var anchor: String
        /// The number of the group (`<g>`) that it is in.
        var group: Int
    }

    /// A frame of a group: the smallest and largest coordinates of its outlines.
    struct Frame {
        var x: ClosedRange<Double>
        var y: ClosedRange<Double>
    }

    /// Width and height of the drawing.
    private(set) var size = (width: 0.0, height: 0.0)
    private(set) var texts: [Text] = []
    /// The classes of the groups.
    private(set) var classes: [String] = []
    /// The largest outline of each group that has any.
    private(set) var frames: [Int: Frame] = [:]
    /// The tooltips.
    private(set) var titles: [String] = []
    private var element = ""
    private var isInside = false

    /// Reads a drawing; nil where it isn't well-formed XML.
    init?(_ text: String) {
        super.init()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = self
        guard parser.parse() else { return nil }
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String]
    ) {
        element = name
        func number(_ key: String) -> Double {
            Double((attributes[key] ?? "").prefix { $0.isNumber || $0 == "." || $0 == "-" }) ?? 0
        }
        switch name {
        case "svg": size = (number("width"), number("height"))
        case "g": classes.append(attributes["class"] ?? "")
        case "title": titles.append("")
        case "text":
            texts.append(
                Text(
                    x: number("x"), y: number("y"), size: number("font-size"),
                    anchor: attributes["text-anchor"] ?? "start", group: classes.count - 1))
        case "path", "polygon":
            addFrame(attributes["d"] ?? attributes["points"] ?? "")
        default: break
        }
    }

    private func addFrame(_ outline: String) {
        let numbers = outline.matches(of: /-?[0-9.]+/).compactMap { Double($0.0) }
        let xs = stride(from: 0, to: numbers.count - 1, by: 2).map { numbers[$0] }
        let ys = stride(from: 1, to: numbers.count, by: 2).map { numbers[$0] }
        guard let left = xs.min(), let right = xs.max(), let top = ys.min(), let bottom = ys.max()
        else { return }
        let group = classes.count - 1
        if let known = frames[group], known.x.upperBound - known.x.lowerBound >= right - left {
            return
        }
        frames[group] = Frame(x: left...right, y: top...bottom)
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        if element == "text", !texts.isEmpty { texts[texts.count - 1].content += string }
        if element == "title", !titles.isEmpty { titles[titles.count - 1] += string }
    }

    func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
        qualifiedName: String?
    ) {
        element = ""
    }
}
