import Basics
import CHDF5

/// How a dataset's elements are laid out in the file.
package enum Layout: Hashable, Sendable {
    /// In one piece, allocated when the dataset is created, and aligned to 4096 bytes if it has at
    /// least 1024 bytes: it can be mapped.
    case contiguous
    /// In the object header, for a few bytes. This module doesn't write it.
    case compact
    /// In pieces of `shape`, each filtered. With `isExtendable` the first axis may grow.
    ///
    /// `shuffle` reorders the bytes of the elements by significance, so that `deflate` (zlib, level 0
    /// to 9) compresses them better; `fletcher32` is a checksum that is verified on every read.
    case chunked(
        _ shape: [Int], deflate: Int? = nil, shuffle: Bool = false, fletcher32: Bool = false,
        isExtendable: Bool = false)
}

extension Layout {
    /// The shape of a chunk; nil where there are none.
    var chunkShape: [Int]? {
        if case .chunked(let shape, _, _, _, _) = self { shape } else { nil }
    }

    /// Whether the first axis may grow.
    package var isExtendable: Bool {
        if case .chunked(_, _, _, _, let isExtendable) = self { isExtendable } else { false }
    }

    /// Whether the elements pass through filters between the file and memory.
    var isFiltered: Bool {
        if case .chunked(_, let deflate, let shuffle, let fletcher32, _) = self {
            deflate != nil || shuffle || fletcher32
        } else {
            false
        }
    }

    /// The creation properties of a dataset of `shape` with this layout.
    func makeCreationProperties(
        shape: [Int], at location: Location
    ) throws(HDF5Error) -> Identifier {
        let operation = "create dataset"
        let list = Identifier(
            try location.check(H5Pcreate(CHDF5_DATASET_CREATE()), operation, .internalError),
            close: H5Pclose)
        // Times would make two files of the same content differ.
        try location.check(H5Pset_obj_track_times(list.id, false), operation)
        switch self {
        case .contiguous:
            try location.check(H5Pset_layout(list.id, H5D_CONTIGUOUS), operation)
            try location.check(H5Pset_alloc_time(list.id, H5D_ALLOC_TIME_EARLY), operation)
        case .compact:
            try location.check(H5Pset_layout(list.id, H5D_COMPACT), operation)
        case .chunked(let chunk, let deflate, let shuffle, let fletcher32, _):
            guard chunk.count == shape.count, !chunk.isEmpty, chunk.allSatisfy({ $0 > 0 }) else {
                throw location.failure(
                    operation, .usage, "chunks of \(chunk) don't fit the shape \(shape)")
            }
            let dimensions = chunk.map { hsize_t($0) }
            try location.check(
                H5Pset_chunk(list.id, Int32(chunk.count), dimensions), operation, .usage)
            // The part of a chunk beyond the edge of the dataset must not be uninitialised memory.
            try location.check(H5Pset_fill_time(list.id, H5D_FILL_TIME_ALLOC), operation)
            if shuffle { try location.check(H5Pset_shuffle(list.id), operation) }
            if let deflate {
                guard (0...9).contains(deflate) else {
                    throw location.failure(operation, .usage, "deflate has levels 0 to 9")
                }
                try location.check(H5Pset_deflate(list.id, UInt32(deflate)), operation)
            }
            if fletcher32 { try location.check(H5Pset_fletcher32(list.id), operation) }
        }
        return list
    }

    /// The layout that a dataset's creation properties `list` describe. Whether the dataset is
    /// extendable isn't among them.
    ///
    /// - Throws: `badData` where its elements are in other files, or need an unsupported filter.
    init(creationProperties list: hid_t, at location: Location) throws(HDF5Error) {
        let operation = "open"
        switch H5Pget_layout(list) {
        case H5D_CONTIGUOUS:
            guard H5Pget_external_count(list) <= 0 else {
                throw location.failure(operation, .badData, "its data are in another file")
            }
            self = .contiguous
        case H5D_COMPACT: self = .compact
        case H5D_CHUNKED:
            self = try Self.chunked(list, at: location)
        case H5D_VIRTUAL:
            throw location.failure(operation, .badData, "its data are in other files")
        default:
            throw location.failure(operation, .badData, "its layout is unknown")
        }
    }

    private static func chunked(
        _ list: hid_t, at location: Location
    ) throws(HDF5Error) -> Layout {
        var dimensions = [hsize_t](repeating: 0, count: Int(CHDF5_MAX_RANK()))
        let rank = try location.check(
            H5Pget_chunk(list, CHDF5_MAX_RANK(), &dimensions), "open")
        let shape = dimensions.prefix(Int(rank)).map { Int(clamping: $0) }
        var deflate: Int?
        var shuffle = false
        var fletcher32 = false
        for index in 0..<max(0, H5Pget_nfilters(list)) {
            var flags: UInt32 = 0
            var settings: [UInt32] = [0, 0, 0, 0]
            var settingCount = settings.count
            var configuration: UInt32 = 0
            let filter = H5Pget_filter2(
                list, UInt32(index), &flags, &settingCount, &settings, 0, nil, &configuration)
            switch filter {
            case CHDF5_FILTER_DEFLATE(): deflate = Int(settings[0])
            case CHDF5_FILTER_SHUFFLE(): shuffle = true
            case CHDF5_FILTER_FLETCHER32(): fletcher32 = true
            default:
                throw location.failure(
                    "open", .badData, "it needs the filter \(filter), which isn't supported")
            }
        }
        return .chunked(shape, deflate: deflate, shuffle: shuffle, fletcher32: fletcher32)
    }
}
