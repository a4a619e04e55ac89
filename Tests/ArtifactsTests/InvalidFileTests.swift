import Artifacts
import Basics
import CHDF5
import HDF5
import TestSupport
import Testing

/// One invalid file per rule of the schemas, with the diagnostic it must get.
@Suite("Invalid files") struct InvalidFileTests {
    /// A way to damage a valid artifact, and what the check must say of it.
    struct Damage: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var path: String
        var message: String
        /// Whether reading it as its Swift type must fail too; provenance is only checked.
        var isRefused = true
        var apply: @Sendable (borrowing Group) throws(HDF5Error) -> Void
    }

    private static func replace(
        _ root: borrowing Group, _ path: String,
        with write: (borrowing Group) throws(HDF5Error) -> Void
    ) throws(HDF5Error) {
        try root.delete(path)
        try write(root)
    }

    static let circuitDamages: [Damage] = [
        Damage(
            testDescription: "missing dataset", path: "/edges/in_circuit",
            message: "the dataset is missing"
        ) { root throws(HDF5Error) in try root.delete("edges/in_circuit") },
        Damage(
            testDescription: "missing group", path: "/decisions", message: "the group is missing"
        ) { root throws(HDF5Error) in try root.delete("decisions") },
        Damage(
            testDescription: "missing attribute", path: "/@metric",
            message: "the attribute is missing"
        ) { root throws(HDF5Error) in try root.deleteAttribute("metric") },
        Damage(
            testDescription: "group for a dataset", path: "/edges/in_circuit",
            message: "it is a group, and should be a dataset"
        ) { root throws(HDF5Error) in
            try replace(root, "edges/in_circuit") { root throws(HDF5Error) in
                try root.createGroup("edges/in_circuit").close()
            }
        },
        Damage(
            testDescription: "dataset for a group", path: "/decisions",
            message: "it is a dataset, and should be a group"
        ) { root throws(HDF5Error) in
            try replace(root, "decisions") { root throws(HDF5Error) in
                try root.writeDataset("decisions", [1 as Float])
            }
        },
        Damage(
            testDescription: "wrong type of elements", path: "/edges/score",
            message: "its elements are float64, and should be float32"
        ) { root throws(HDF5Error) in
            try replace(root, "edges/score") { root throws(HDF5Error) in
                try root.writeDataset("edges/score", [Double](repeating: 0, count: 5))
            }
        },
        Damage(
            testDescription: "wrong number of axes", path: "/nodes/neuron_in_circuit",
            message: "it has 1 axes, and should have [node, neuron]"
        ) { root throws(HDF5Error) in
            try replace(root, "nodes/neuron_in_circuit") { root throws(HDF5Error) in
                try root.writeBools("nodes/neuron_in_circuit", [true])
            }
        },
        Damage(
            testDescription: "axis of another length", path: "/nodes/in_circuit",
            message: "2 along the axis node, but /nodes/name has 8"
        ) { root throws(HDF5Error) in
            try replace(root, "nodes/in_circuit") { root throws(HDF5Error) in
                try root.writeBools("nodes/in_circuit", [true, false])
            }
        },
        Damage(
            testDescription: "index beyond its axis", path: "/decisions/edge",
            message: "the index 999 is outside the"
        ) { root throws(HDF5Error) in
            try root.dataset("decisions/edge").write([0, 1, 999, 2] as [Int32])
        },
        Damage(
            testDescription: "negative index", path: "/decisions/edge",
            message: "-1 is less than 0"
        ) { root throws(HDF5Error) in
            try root.dataset("decisions/edge").write([0, 1, -1, 2] as [Int32])
        },
        Damage(
            testDescription: "value that isn't allowed", path: "/@ablation",
            message: "'nothing' is none of 'resample', 'zero'"
        ) { root throws(HDF5Error) in try root.setAttribute("ablation", "nothing") },
        Damage(
            testDescription: "value above the greatest", path: "/edges/kept_share",
            message: "2 is more than 1"
        ) { root throws(HDF5Error) in
            let dataset = try root.dataset("edges/kept_share")
            try dataset.write([Float](repeating: 2, count: dataset.count))
        },
        Damage(
            testDescription: "value below the least", path: "/graph@n_layers",
            message: "-2 is less than 0"
        ) { root throws(HDF5Error) in try root.group("graph").setAttribute("n_layers", -2) },
        Damage(
            testDescription: "attribute of another type", path: "/@threshold",
            message: "it is string, and should be float64"
        ) { root throws(HDF5Error) in try root.setAttribute("threshold", "0.02") },
        Damage(
            testDescription: "list for a single value", path: "/@metric",
            message: "it is a list of string, and should be string"
        ) { root throws(HDF5Error) in try root.setAttribute("metric", ["kl", "kl"]) },
        Damage(
            testDescription: "attribute that isn't a SHA-256", path: "/@dataset_digest",
            message: "'short' isn't a SHA-256"
        ) { root throws(HDF5Error) in try root.setAttribute("dataset_digest", "short") },
        Damage(
            testDescription: "element that isn't a SHA-256", path: "/provenance/id",
            message: "'short' isn't a SHA-256"
        ) { root throws(HDF5Error) in
            try root.dataset("provenance/id").writeStrings(["short"])
        },
        Damage(
            testDescription: "name that is there twice", path: "/nodes/name",
            message: "a name is there twice"
        ) { root throws(HDF5Error) in
            var names = try root.dataset("nodes/name").readStrings()
            names[0] = names[1]
            try root.dataset("nodes/name").writeStrings(names)
        },
        Damage(
            testDescription: "changed content", path: "/@digest",
            message: "the content was changed since it was written"
        ) { root throws(HDF5Error) in
            try root.dataset("decisions/before").write([9, 9, 9, 9] as [Double])
        },
        Damage(
            testDescription: "changed provenance", path: "/provenance/record[0]",
            message: "its text was changed: its id no longer fits", isRefused: false
        ) { root throws(HDF5Error) in
            try root.dataset("provenance/record").writeStrings(["{\"tool\":\"another\"}"])
        },
    ]

    static let datasetDamages: [Damage] = [
        Damage(
            testDescription: "mask of another length", path: "/mask",
            message: "row 1 isn't that of a prompt of 2 tokens"
        ) { root throws(HDF5Error) in
            try root.dataset("mask").writeBools([Bool](repeating: true, count: 9))
        },
        Damage(
            testDescription: "token after the end", path: "/clean/ids",
            message: "row 1 goes on after its 2 tokens"
        ) { root throws(HDF5Error) in
            try root.dataset("clean/ids").write([1, 5, 6, 1, 8, 4, 1, 9, 6] as [Int32])
        },
        Damage(
            testDescription: "padding between tokens", path: "/clean/ids",
            message: "row 0 has padding between tokens"
        ) { root throws(HDF5Error) in
            try root.dataset("clean/ids").write([1, -1, 6, 1, 8, -1, 1, 9, 6] as [Int32])
        },
        Damage(
            testDescription: "position beyond the prompt", path: "/positions/end",
            message: "a position is beyond the end of its prompt"
        ) { root throws(HDF5Error) in
            try root.dataset("positions/end").write([2, 2, 2] as [Int32])
        },
        Damage(
            testDescription: "answers out of order", path: "/answers/pair",
            message: "the pairs aren't in ascending order"
        ) { root throws(HDF5Error) in
            try root.dataset("answers/pair").write([0, 2, 1, 1] as [Int32])
        },
    ]

    @Test(
        "An invalid circuit is refused, and a check says where and why", arguments: circuitDamages)
    func circuit(damage: Damage) throws {
        try expectDiagnosed(CircuitArtifact.sample, damage)
    }

    @Test(
        "An invalid dataset is refused, and a check says where and why", arguments: datasetDamages)
    func dataset(damage: Damage) throws {
        try expectDiagnosed(DatasetArtifact.sample, damage)
    }

    private func expectDiagnosed<Content: ArtifactContent>(
        _ content: Content, _ damage: Damage
    ) throws {
        let folder = try ScratchFolder()
        let path = folder.path("damaged.h5")
        try content.write(to: ArtifactOutput(path), provenance: .sample())
        do {
            let file = try File.open(path, mode: .readWrite)
            try damage.apply(file.root())
        }
        let file = try ArtifactFile(path)
        let found = try file.check().filter { $0.severity == .error }
        #expect(
            found.contains { $0.path == damage.path && $0.message.hasPrefix(damage.message) },
            "found: \(found)")
        if damage.isRefused {
            let error = #expect(throws: ArtifactError.self) { try file.read(Content.self) }
            #expect(error?.kind == .badData)
            #expect(error?.file == path)
            #expect(error?.path == damage.path)
        }
    }
}

/// A valid artifact with groups that hard links give more paths than anyone can follow.
@Suite("Groups with several paths")
struct SharedGroupTests {
    @Test("A file whose groups share groups is refused, and not read for ever")
    func sharedGroups() throws {
        let folder = try ScratchFolder()
        let path = folder.path("c.h5")
        try CircuitArtifact.sample.write(to: ArtifactOutput(path), provenance: .sample())
        let file = H5Fopen(path, CHDF5_READ_WRITE(), CHDF5_DEFAULT())
        try #require(file >= 0)
        // Ten groups, each with eight links to the next: 8^10 paths.
        for depth in 0..<10 {
            let group = H5Gcreate2(
                file, "g\(depth)", CHDF5_DEFAULT(), CHDF5_DEFAULT(), CHDF5_DEFAULT())
            H5Gclose(group)
        }
        for depth in 0..<9 {
            for link in 0..<8 {
                H5Lcreate_hard(
                    file, "g\(depth + 1)", file, "g\(depth)/l\(link)", CHDF5_DEFAULT(),
                    CHDF5_DEFAULT())
            }
        }
        #expect(H5Fclose(file) >= 0)
        let error = #expect(throws: ArtifactError.self) { try CircuitArtifact.read(from: path) }
        #expect(error?.kind == .badData && error?.message == "the group has several paths")
    }
}
