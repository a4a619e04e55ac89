import Basics

/// What `tokenizer.model`, SentencePiece's own file, says: its message `ModelProto`.
struct SentencePieceFile {
    /// What a piece is for.
    enum PieceType: UInt64 {
        /// An ordinary token.
        case normal = 1
        /// Stands for characters without a token.
        case unknown = 2
        /// A special token such as `</s>`.
        case control = 3
        /// A token that is found in text as it stands.
        case userDefined = 4
        /// A token that words aren't cut into.
        case unused = 5
        /// One byte, written `<0xNN>`.
        case byte = 6
    }

    /// How words become tokens.
    enum Algorithm: UInt64 {
        case unigram = 1
        case bytePair = 2
        case word = 3
        case character = 4
    }

    /// Every token, with `▁` for spaces.
    private(set) var pieces = StringTable()
    /// The score of each.
    private(set) var scores: [Float] = []
    /// What each is for.
    private(set) var types: [PieceType] = []
    private(set) var algorithm = Algorithm.unigram
    /// Whether characters without a token become bytes.
    private(set) var fallsBackToBytes = false
    private(set) var isSuffix = false
    private(set) var unknownID: Int32 = 0
    private(set) var bosID: Int32 = 1
    private(set) var eosID: Int32 = 2
    /// `precompiled_charsmap`.
    private(set) var map: [UInt8] = []
    private(set) var addsSpace = true
    private(set) var removesExtraSpaces = true
    private(set) var escapesSpaces = true

    /// Reads `bytes`, the content of a file that `bad` names.
    init(_ bytes: [UInt8], _ bad: (String) -> Failure) throws(Failure) {
        do {
            try read(bytes)
        } catch {
            throw bad("not a SentencePiece model, or cut off")
        }
        guard !pieces.isEmpty else { throw bad("not a SentencePiece model: it has no pieces") }
    }

    private mutating func read(_ bytes: [UInt8]) throws(ProtobufReader.Damage) {
        var reader = ProtobufReader(bytes, 0..<bytes.count)
        while let (field, value) = try reader.next() {
            guard case .bytes(let range) = value else { continue }
            switch field {
            case 1: try readPiece(ProtobufReader(bytes, range))
            case 2: try readTrainer(ProtobufReader(bytes, range))
            case 3: try readNormalizer(ProtobufReader(bytes, range))
            default: break  // test data, and how texts are put together again
            }
        }
    }

    private mutating func readPiece(_ reader: ProtobufReader) throws(ProtobufReader.Damage) {
        var reader = reader
        var piece: ArraySlice<UInt8> = []
        var score: Float = 0
        var type = PieceType.normal
        while let (field, value) = try reader.next() {
            switch (field, value) {
            case (1, .bytes(let range)): piece = reader.bytes[range]
            case (2, .float(let number)): score = number
            case (3, .integer(let code)):
                guard let known = PieceType(rawValue: code) else { throw ProtobufReader.Damage() }
                type = known
            default: break
            }
        }
        pieces.append(piece)
        scores.append(score)
        types.append(type)
    }

    private mutating func readTrainer(_ reader: ProtobufReader) throws(ProtobufReader.Damage) {
        var reader = reader
        while let (field, value) = try reader.next() {
            guard case .integer(let number) = value else { continue }
            switch field {
            case 3:
                guard let known = Algorithm(rawValue: number) else {
                    throw ProtobufReader.Damage()
                }
                algorithm = known
            case 24: isSuffix = number != 0
            case 35: fallsBackToBytes = number != 0
            case 40: unknownID = Int32(truncatingIfNeeded: number)
            case 41: bosID = Int32(truncatingIfNeeded: number)
            case 42: eosID = Int32(truncatingIfNeeded: number)
            default: break  // how the model was trained
            }
        }
    }

    private mutating func readNormalizer(_ reader: ProtobufReader) throws(ProtobufReader.Damage) {
        var reader = reader
        while let (field, value) = try reader.next() {
            switch (field, value) {
            case (2, .bytes(let range)): map = Array(reader.bytes[range])
            case (3, .integer(let number)): addsSpace = number != 0
            case (4, .integer(let number)): removesExtraSpaces = number != 0
            case (5, .integer(let number)): escapesSpaces = number != 0
            default: break  // the rules' name, and their source
            }
        }
    }
}
