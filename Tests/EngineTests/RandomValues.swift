import Engine
import Models

/// Numbers between -0.5 and 0.5 that look random and are the same in every run.
struct RandomValues {
    var seed: UInt64

    mutating func next() -> Float {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(seed >> 40) * 0x1p-24 - 0.5
    }

    mutating func buffer(_ count: Int, scale: Float = 1) -> FloatBuffer {
        FloatBuffer((0..<count).map { _ in scale * next() })
    }

    mutating func weight(
        _ inputs: Int, _ outputs: Int, _ layout: Weight.Layout = .outputMajor, scale: Float = 1
    ) -> OwnedWeight {
        OwnedWeight(
            memory: buffer(inputs * outputs, scale: scale), inputs: inputs, outputs: outputs,
            layout: layout)
    }
}

/// A weight and the memory that it is a view of.
struct OwnedWeight {
    let view: Weight
    private let memory: FloatBuffer

    init(memory: FloatBuffer, inputs: Int, outputs: Int, layout: Weight.Layout) {
        self.memory = memory
        view = Weight(values: memory.values, inputs: inputs, outputs: outputs, layout: layout)
    }
}
