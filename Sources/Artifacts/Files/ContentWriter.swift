import HDF5

/// Writes a tree into a group of a file.
enum ContentWriter {
    /// Writes `content`, a whole artifact, and attaches its dimension scales.
    static func write(
        _ content: ContentGroup, into group: borrowing Group
    ) throws(ArtifactError) {
        try rethrowing { () throws(HDF5Error) in
            try writeGroup(content, into: group)
            var scales: [String: String] = [:]
            findScales(content, at: "", into: &scales)
            try attachScales(content, at: "", in: group, scales: scales)
        }
    }

    /// Sets attributes on a group or dataset, sorted by name.
    static func write<Owner: AttributeOwner & ~Copyable>(
        _ attributes: [String: AttributeContent], on owner: borrowing Owner
    ) throws(HDF5Error) {
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
            switch value {
            case .string(let value): try owner.setAttribute(name, value)
            case .strings(let values): try owner.setAttribute(name, values)
            case .int64(let value): try owner.setAttribute(name, value)
            case .int64s(let values): try owner.setAttribute(name, values)
            case .float64(let value): try owner.setAttribute(name, value)
            case .float64s(let values): try owner.setAttribute(name, values)
            case .other: continue
            }
        }
    }

    /// Names the axes of a dataset, as h5py's `dataset.dims[i].label`.
    static func label(_ dims: [String], of dataset: borrowing Dataset) throws(HDF5Error) {
        for (axis, dim) in dims.enumerated() where axis < dataset.shape.count {
            try dataset.setLabel(dim, axis: axis)
        }
    }

    private static func writeGroup(
        _ content: ContentGroup, into group: borrowing Group
    ) throws(HDF5Error) {
        for (name, dataset) in content.datasets.sorted(by: { $0.key < $1.key }) {
            guard let values = dataset.values else { continue }
            switch values {
            case .float32(let values):
                try group.writeDataset(name, values, shape: dataset.shape)
            case .float64(let values):
                try group.writeDataset(name, values, shape: dataset.shape)
            case .int32(let values): try group.writeDataset(name, values, shape: dataset.shape)
            case .int64(let values): try group.writeDataset(name, values, shape: dataset.shape)
            case .bool(let values): try group.writeBools(name, values, shape: dataset.shape)
            case .string(let values): try group.writeStrings(name, values, shape: dataset.shape)
            }
            try write(dataset.attributes, on: group.dataset(name))
        }
        for (name, inner) in content.groups.sorted(by: { $0.key < $1.key }) {
            try writeGroup(inner, into: group.createGroup(name))
        }
        // Last: the digest is among them, so a file that has it is complete.
        try write(content.attributes, on: group)
    }

    /// Finds the path, relative to the artifact, of the scale of each axis that has one.
    private static func findScales(
        _ content: ContentGroup, at prefix: String, into scales: inout [String: String]
    ) {
        for (name, dataset) in content.datasets where dataset.isScale {
            if let dim = dataset.dims.first { scales[dim] = prefix + name }
        }
        for (name, inner) in content.groups where inner.attributes["artifact"] == nil {
            findScales(inner, at: prefix + name + "/", into: &scales)
        }
    }

    private static func attachScales(
        _ content: ContentGroup, at prefix: String, in root: borrowing Group,
        scales: [String: String]
    ) throws(HDF5Error) {
        for (name, description) in content.datasets.sorted(by: { $0.key < $1.key })
        where description.values != nil {
            let dataset = try root.dataset(prefix + name)
            // A scale can't have scales itself; its name is that of its axis.
            if description.isScale, let dim = description.dims.first {
                try dataset.makeScale(dim)
                continue
            }
            for (axis, dim) in description.dims.enumerated() {
                try dataset.setLabel(dim, axis: axis)
                if let scale = scales[dim] {
                    try dataset.attachScale(root.dataset(scale), axis: axis)
                }
            }
        }
        for (name, inner) in content.groups.sorted(by: { $0.key < $1.key }) {
            let isArtifact = inner.attributes["artifact"] != nil
            if isArtifact {
                var own: [String: String] = [:]
                findScales(inner, at: prefix + name + "/", into: &own)
                try attachScales(inner, at: prefix + name + "/", in: root, scales: own)
            } else {
                try attachScales(inner, at: prefix + name + "/", in: root, scales: scales)
            }
        }
    }
}
