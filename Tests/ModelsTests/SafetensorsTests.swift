import Basics
import Models
import Testing

@Suite("Safetensors files")
struct SafetensorsTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("The values and the shape of a float32 tensor are read")
    func float32() throws {
        let path = try folder.write(
            safetensors(["a": TestTensor([1, -2, 3.5, 0, 5, 6], shape: [2, 3])]), as: "a")
        let file = try Safetensors(path: path)
        #expect(file.names == ["a"])
        let (values, shape) = try file.values(of: "a")
        #expect(values == [1, -2, 3.5, 0, 5, 6])
        #expect(shape == [2, 3])
    }

    @Test("float16 and bfloat16 values are read as float32")
    func halfPrecision() throws {
        let half: [UInt16] = [0x3C00, 0xC000, 0x0001, 0x7BFF]
        let brain: [UInt16] = [0x3F80, 0xC000, 0x3FC0, 0x0000]
        let path = try folder.write(
            safetensors([
                "half": TestTensor(type: "F16", shape: [4], bytes: half.flatMap(littleEndian)),
                "brain": TestTensor(type: "BF16", shape: [4], bytes: brain.flatMap(littleEndian)),
            ]), as: "a")
        let file = try Safetensors(path: path)
        #expect(try file.values(of: "half").values == [1, -2, 0x1p-24, 65504])
        #expect(try file.values(of: "brain").values == [1, -2, 1.5, 0])
    }

    @Test("Metadata is ignored, and a tensor of an unsupported type is refused when it is read")
    func unsupportedTypes() throws {
        let path = try folder.write(
            safetensors(
                header: #"{"__metadata__":{"format":"pt"},"#
                    + #""mask":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}"#,
                data: [0, 1]), as: "a")
        let file = try Safetensors(path: path)
        #expect(file.names == ["mask"])
        expectError(.badData, "mask", "BOOL", "F32") { _ = try file.values(of: "mask") }
    }

    @Test("The error of a missing tensor names the tensor")
    func missingTensor() throws {
        let path = try folder.write(safetensors([:]), as: "a")
        expectError(.badData, path, "no tensor b") {
            _ = try Safetensors(path: path).values(of: "b")
        }
    }

    @Test("An absent file is an error of missing input")
    func missingFile() {
        expectError(.missingInput, folder.path + "/none") {
            _ = try Safetensors(path: folder.path + "/none")
        }
    }

    @Test(
        "A damaged header is refused",
        arguments: [
            [], [1, 2, 3],
            littleEndian(UInt64.max), littleEndian(UInt64(Int64.max)) + [0],
            littleEndian(UInt64(100)) + Array("{}".utf8),
            safetensors(header: "not json"), safetensors(header: "[1]"),
            safetensors(header: #"{"a":{"dtype":"F32"}}"#),
            safetensors(header: String(repeating: "[", count: 100_000)),
        ])
    func damagedHeaders(_ bytes: [UInt8]) throws {
        let path = try folder.write(bytes, as: "a")
        expectError(.badData, path, "header") { _ = try Safetensors(path: path) }
    }

    @Test(
        "A tensor of impossible shape or offsets is refused",
        arguments: [
            // Past the end, backwards, negative, of another size than the shape, without two ends.
            #"{"dtype":"F32","shape":[4],"data_offsets":[0,16]}"#,
            #"{"dtype":"F32","shape":[1],"data_offsets":[4,0]}"#,
            #"{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}"#,
            #"{"dtype":"F32","shape":[3],"data_offsets":[0,8]}"#,
            #"{"dtype":"F16","shape":[2],"data_offsets":[0,8]}"#,
            #"{"dtype":"F32","shape":[2],"data_offsets":[0]}"#,
            #"{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}"#,
            #"{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}"#,
            #"{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,8]}"#,
            #"{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775807]}"#,
        ])
    func impossibleTensors(_ entry: String) throws {
        let bytes = safetensors(header: #"{"a":\#(entry)}"#, data: Array(repeating: 0, count: 8))
        let path = try folder.write(bytes, as: "a")
        expectError(.badData, path, "tensor a") { _ = try Safetensors(path: path) }
    }

    @Test("Tensors that overlap are refused")
    func overlappingTensors() throws {
        let header =
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
            + #""b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#
        let path = try folder.write(
            safetensors(header: header, data: Array(repeating: 0, count: 12)), as: "a")
        expectError(.badData, path, "tensor b overlaps") { _ = try Safetensors(path: path) }
    }
}
