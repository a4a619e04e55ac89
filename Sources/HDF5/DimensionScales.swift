import Basics
import CHDF5

extension Dataset {
    /// Makes this dataset the dimension scale `name`: the coordinates along an axis of other datasets.
    package borrowing func makeScale(_ name: String) throws(HDF5Error) {
        Library.lock()
        defer { Library.unlock() }
        try location.checkName(name, "make a dimension scale")
        try location.check(
            H5DSset_scale(identifier.id, name), "make a dimension scale", .io)
    }

    /// Attaches `scale` to `axis` of this dataset, which h5py shows as `dataset.dims[axis]`.
    package borrowing func attachScale(
        _ scale: borrowing Dataset, axis: Int, label: String? = nil
    ) throws(HDF5Error) {
        Library.lock()
        defer { Library.unlock() }
        let axisIndex = try checkAxis(axis)
        try location.check(
            H5DSattach_scale(identifier.id, scale.identifier.id, axisIndex),
            "attach a dimension scale", .io)
        if let label { try setLabel(label, axis: axis) }
    }

    /// Sets the label of `axis`, which h5py shows as `dataset.dims[axis].label`.
    package borrowing func setLabel(_ label: String, axis: Int) throws(HDF5Error) {
        Library.lock()
        defer { Library.unlock() }
        try location.checkName(label, "label an axis")
        try location.check(
            H5DSset_label(identifier.id, try checkAxis(axis), label), "label an axis", .io)
    }

    private borrowing func checkAxis(_ axis: Int) throws(HDF5Error) -> UInt32 {
        guard shape.indices.contains(axis) else {
            throw location.failure("label an axis", .usage, "axis \(axis) isn't one of \(shape)")
        }
        return UInt32(axis)
    }
}
