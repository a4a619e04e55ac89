import Basics
import Foundation
import Models
import Testing

/// Digests of files that are computed once.
@Suite("Kept digests")
struct DigestCacheTests {
    /// A folder with a file in it and a cache, which is removed at the end.
    private final class Place {
        let root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        /// How often a digest was computed.
        var computed = 0

        init() throws {
            try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(at: root) }

        var model: URL { root.appending(path: "model") }
        var cache: URL { root.appending(path: "cache") }

        func write(_ text: String) throws { try Data(text.utf8).write(to: model) }

        /// The digest by a cache that keeps those of all files from this age on: the content's letters.
        func digest(leastSize: Int = 0, leastAge: Double = -60) throws -> String {
            let cache = DigestCache(
                folder: cache.path, leastSize: leastSize, leastAge: leastAge)
            return try cache.digest(ofFile: model.path) { () throws(Failure) in
                computed += 1
                let text = (try? String(contentsOf: model, encoding: .utf8)) ?? ""
                return String(String(repeating: text, count: 64).prefix(64))
            }
        }
    }

    @Test("A digest is computed once, and again when the file is another one")
    func once() throws {
        let place = try Place()
        try place.write("aaaa")
        #expect(try place.digest() == String(repeating: "a", count: 64))
        #expect(try place.digest() == String(repeating: "a", count: 64))
        #expect(place.computed == 1)

        // The same size and time of modification, written in place.
        let old = try FileManager.default.attributesOfItem(atPath: place.model.path)
        let handle = try FileHandle(forWritingTo: place.model)
        try handle.write(contentsOf: Data("bbbb".utf8))
        try handle.close()
        let modified = try #require(old[.modificationDate] as? Date)
        try FileManager.default.setAttributes(
            [.modificationDate: modified], ofItemAtPath: place.model.path)
        #expect(try place.digest() == String(repeating: "b", count: 64))
        #expect(place.computed == 2)

        // Another file of the same size in its place.
        let other = place.root.appending(path: "other")
        try Data("cccc".utf8).write(to: other)
        try FileManager.default.removeItem(at: place.model)
        try FileManager.default.moveItem(at: other, to: place.model)
        #expect(try place.digest() == String(repeating: "c", count: 64))
        #expect(try place.digest() == String(repeating: "c", count: 64))
        #expect(place.computed == 3)
    }

    @Test("Of small files and of those that just changed nothing is kept")
    func notKept() throws {
        let place = try Place()
        try place.write("aaaa")
        for _ in 0..<2 { _ = try place.digest(leastSize: 5) }
        for _ in 0..<2 { _ = try place.digest(leastAge: 60) }
        #expect(place.computed == 4)
        #expect(!FileManager.default.fileExists(atPath: place.cache.path))
    }

    @Test(
        "What is kept damaged is computed again",
        arguments: ["", "\n", "abc\nx", "cut", "of another file"])
    func damaged(damage: String) throws {
        let place = try Place()
        try place.write("aaaa")
        _ = try place.digest()
        let names = try FileManager.default.contentsOfDirectory(atPath: place.cache.path)
        #expect(names.count == 1)
        let entry = place.cache.appending(path: names[0])
        var text = try String(contentsOf: entry, encoding: .utf8)
        switch damage {
        case "cut": text = String(text.dropFirst())
        case "of another file": text += "x"
        default: text = damage
        }
        try Data(text.utf8).write(to: entry)
        #expect(try place.digest() == String(repeating: "a", count: 64))
        #expect(place.computed == 2)
        #expect(try place.digest() == String(repeating: "a", count: 64))
        #expect(place.computed == 2)
    }

    @Test("Where nothing can be kept, digests are computed every time")
    func noFolder() throws {
        let place = try Place()
        try place.write("aaaa")
        try Data().write(to: place.cache)
        for _ in 0..<2 { #expect(try place.digest().hasPrefix("aaaa")) }
        #expect(place.computed == 2)
    }

    @Test("A missing file's digest is what computing it says")
    func missing() throws {
        let place = try Place()
        #expect(try place.digest().isEmpty)
        #expect(place.computed == 1)
    }

    @Test("The user can have every digest computed, and a cache needs a folder with a whole path")
    func environment() {
        #expect(DigestCache(environment: ["HOME": "/home/x"]) != nil)
        #expect(DigestCache(environment: ["XDG_CACHE_HOME": "/c"]) != nil)
        #expect(DigestCache(environment: ["XDG_CACHE_HOME": "c"]) == nil)
        #expect(DigestCache(environment: [:]) == nil)
        #expect(
            DigestCache(environment: ["HOME": "/home/x", "CIRCUITTOOLS_DIGESTS": "check"]) == nil)
    }
}
