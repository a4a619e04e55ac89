import Basics
import COniguruma

/// A regular expression as Oniguruma reads it, the engine of the `tokenizers` library: what `\w`, `\h`,
/// `.` and `$` mean differs from engine to engine, and ids with it.
///
/// Unchecked: the compiled expression is only read once it is made, and Oniguruma keeps what a search
/// changes in the match parameters and the region, which each call of ``matches(in:_:)`` has for itself.
final class RegularExpression: @unchecked Sendable {
    /// How often a search may turn back before it is given up: Oniguruma's own default for a match.
    private static let maximumRetries: UInt = 10_000_000
    private static let isPrepared = COniguruma_prepare() == ONIG_NORMAL

    private let regex: OnigRegex
    /// The expression and where it comes from, for errors.
    private let place: String

    /// Why a text is no regular expression.
    struct SyntaxError: Error {
        var description: String
    }

    /// Compiles `source`; `place` names the file it comes from.
    init(_ source: String, place: String) throws(SyntaxError) {
        guard Self.isPrepared else {
            throw SyntaxError(description: "Oniguruma can't be initialised")
        }
        var regex: OnigRegex?
        var message = [CChar](repeating: 0, count: Int(COniguruma_messageSize))
        let pattern = Array(Self.withSymbolsInPunctuation(source).utf8)
        let code = COniguruma_compile(&regex, pattern, pattern.count, &message)
        guard code == ONIG_NORMAL, let regex else {
            let end = message.firstIndex(of: 0) ?? message.count
            throw SyntaxError(
                description: String(
                    decoding: message[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        self.regex = regex
        self.place = "\(place): its expression `\(source)`"
    }

    deinit { onig_free(regex) }

    /// The matches within `range` of `text`, in order; some may be empty, though none right after
    /// another match. `range` is all that the expression sees.
    ///
    /// - Throws: `Failure` (bad data) where the search takes too many steps, or goes on past
    ///   `deadline`.
    func matches(
        in text: Span<UInt8>, _ range: Range<Int>, by deadline: SearchDeadline
    ) throws(Failure) -> [Range<Int>] {
        guard let parameters = onig_new_match_param(), let region = onig_region_new() else {
            throw Failure(.internalError, "\(place) can't be searched: no memory")
        }
        defer {
            onig_free_match_param(parameters)
            onig_region_free(region, 1)
        }
        onig_initialize_match_param(parameters)
        onig_set_retry_limit_in_match_of_match_param(parameters, Self.maximumRetries)
        onig_set_retry_limit_in_search_of_match_param(parameters, Self.maximumRetries)

        let bytes = text.extracting(range).knownToOniguruma()
        var matches: [Range<Int>] = []
        var code: Int32 = 0
        bytes.withUnsafeBufferPointer { bytes in
            // An empty buffer has no address, and Oniguruma needs one.
            var none: UInt8 = 0
            withUnsafePointer(to: &none) { none in
                let first = bytes.baseAddress ?? none
                let end = first + bytes.count
                var index = 0
                while index <= bytes.count {
                    code = onig_search_with_param(
                        regex, first, end, first + index, end, region, ONIG_OPTION_NONE,
                        parameters)
                    guard code >= 0 else { return }
                    let found = Int(region.pointee.beg[0])..<Int(region.pointee.end[0])
                    if found.isEmpty, matches.last?.upperBound == found.upperBound {
                        // The `onig` crate goes on after the next character.
                        index = found.upperBound + 1
                        while index < bytes.count, bytes[index] & 0xC0 == 0x80 { index += 1 }
                        continue
                    }
                    index = found.upperBound
                    matches.append(found)
                    if deadline.hasPassed {
                        code = ONIGERR_RETRY_LIMIT_IN_SEARCH_OVER
                        return
                    }
                }
            }
        }
        guard code >= 0 || code == ONIG_MISMATCH else {
            throw Failure(
                .badData,
                "\(place) takes too many steps to find in this text; give its token ids instead")
        }
        return matches.map { range.lowerBound + $0.lowerBound..<range.lowerBound + $0.upperBound }
    }
}

/// When the searches of all expressions in one text have to be done: each may take millions of steps, and
/// a text has room for thousands of them.
struct SearchDeadline: Sendable {
    private let end = ContinuousClock.now + .seconds(30)

    var hasPassed: Bool { ContinuousClock.now > end }
}
