import Basics
import CHDF5

/// A box of a dataset's elements, checked against its shape.
struct Selection: ~Copyable {
    /// The number of selected elements.
    let count: Int
    /// The selection in the file.
    let fileSpace: Identifier
    /// The same elements in memory, in one piece. It has the box's shape: between selections of other
    /// shapes the library moves the elements of chunks one by one.
    let memorySpace: Identifier

    /// The elements of `dataset` from `start` on, `shape` along each axis; all if these are nil.
    init(
        of dataset: borrowing Dataset, start: [Int]? = nil, shape: [Int]? = nil,
        operation: String
    ) throws(HDF5Error) {
        let location = dataset.location
        let whole = dataset.shape
        let start = start ?? whole.map { _ in 0 }
        let box = shape ?? whole
        guard start.count == whole.count, box.count == whole.count else {
            throw location.failure(
                operation, .usage, "a selection \(start), \(box) has not the rank of \(whole)")
        }
        for (size, (first, length)) in zip(whole, zip(start, box)) {
            guard first >= 0, length >= 0, first <= size, length <= size - first else {
                throw location.failure(
                    operation, .usage, "a selection \(start), \(box) goes beyond the shape \(whole)"
                )
            }
        }
        // No overflow: the box is no larger than the dataset, whose element count was checked.
        let count = box.reduce(1, *)
        let fileSpace = Identifier(
            try location.check(H5Dget_space(dataset.identifier.id), operation), close: H5Sclose)
        let memorySpace = try makeSpace(box, at: location)
        if !whole.isEmpty {
            // The extent may have changed through another handle since: the library checks again.
            let offsets = start.map { hsize_t($0) }
            let sizes = box.map { hsize_t($0) }
            if count == 0 {
                try location.check(H5Sselect_none(fileSpace.id), operation)
                try location.check(H5Sselect_none(memorySpace.id), operation)
            } else {
                try location.check(
                    H5Sselect_hyperslab(
                        fileSpace.id, H5S_SELECT_SET, offsets, nil, sizes, nil), operation)
            }
        }
        self.count = count
        self.fileSpace = fileSpace
        self.memorySpace = memorySpace
    }

    /// The start and shape that select `rows` of the first axis.
    static func rows(
        _ rows: Range<Int>, of dataset: borrowing Dataset, operation: String
    ) throws(HDF5Error) -> (start: [Int], shape: [Int]) {
        var start = dataset.shape.map { _ in 0 }
        var shape = dataset.shape
        guard !shape.isEmpty else {
            throw dataset.location.failure(operation, .usage, "a single value has no rows")
        }
        start[0] = rows.lowerBound
        shape[0] = rows.count
        return (start, shape)
    }
}
