import Artifacts
package import Engine
import Models

/// Adds steering vectors in the passes over a prompt and what is generated after it, and measures the
/// activations that they are added to.
///
/// It is of one prompt, so that one thread calls its hooks one after the other.
package final class VectorPass: @unchecked Sendable {
    private struct Place {
        let addition: Int
        let layer: Int
        let positions: Range<Int>
    }

    private let additions: [VectorAddition]
    private let length: Int
    private var places: [HookPoint: [Place]] = [:]
    /// The values of all vectors, scaled, `[addition][layer, position, d_model]`.
    private let scaled: [FloatBuffer]
    /// The lengths of the prompt's activations, `[addition][layer]`.
    private var norms: [[[Float]]]

    /// Prepares passes over a prompt of `length` tokens.
    package init(_ additions: [VectorAddition], length: Int) {
        self.additions = additions
        self.length = length
        scaled = additions.map { addition in
            let values = FloatBuffer(addition.vectors.vectors.values)
            values.values.scale(by: addition.scale, count: values.count)
            return values
        }
        norms = additions.map { $0.points.map { _ in [] } }
        for (index, addition) in additions.enumerated() {
            let positions = addition.positions.positions(
                length: length, count: addition.vectors.positions.count)
            for (layer, point) in addition.points.enumerated() {
                places[point, default: []].append(
                    Place(addition: index, layer: layer, positions: positions))
            }
        }
    }

    /// The additions that have no position, neither of the prompt nor after it.
    package var idleAdditions: [Int] {
        additions.indices.filter { index in
            additions[index].positions.positions(
                length: length, count: additions[index].vectors.positions.count
            ).isEmpty
        }
    }

    /// The points at which something is added.
    var points: Set<HookPoint> { Set(places.keys) }

    /// Measures the prompt's activations that vectors belong to, and adds these.
    /// - Parameter isAdding: whether they are added, or only measured.
    func add(at point: HookPoint, _ block: ActivationBlock, isAdding: Bool = true) {
        for place in places[point] ?? [] {
            let addition = additions[place.addition]
            let count = addition.vectors.positions.count
            for (row, position) in block.rows.enumerated() where place.positions.contains(position)
            {
                let values = block.values + row * block.width
                if position < length {
                    let square = Double(dot(values, values, count: block.width))
                    norms[place.addition][place.layer].append(Float(square.squareRoot()))
                }
                guard isAdding else { continue }
                let vector = place.layer * count + (count == 1 ? 0 : position)
                values.add(scaled[place.addition].values + vector * block.width, count: block.width)
            }
        }
    }

    /// What is added to the prompt, by point: `[position, d_model]`.
    func changes(dModel: Int) -> [HookPoint: FloatBuffer] {
        var changes: [HookPoint: FloatBuffer] = [:]
        for (point, places) in places {
            let change = FloatBuffer(zeros: length * dModel)
            for place in places {
                let count = additions[place.addition].vectors.positions.count
                for position in place.positions.clamped(to: 0..<length) {
                    let vector = place.layer * count + (count == 1 ? 0 : position)
                    (change.values + position * dModel).add(
                        scaled[place.addition].values + vector * dModel, count: dModel)
                }
            }
            changes[point] = change
        }
        return changes
    }

    /// The hooks of a pass that only measures activations.
    var measuringHooks: ForwardHooks {
        ForwardHooks(at: points) { [self] point, block in
            add(at: point, block, isAdding: false)
        }
    }

    /// The hooks of a pass that changes nothing else.
    package var hooks: ForwardHooks {
        ForwardHooks(at: points) { [self] point, block in add(at: point, block) }
    }

    /// The median length of the prompt's activations that an addition's vectors were added to, by layer;
    /// nil where it was at no position of the prompt. It isn't the mean: in many models the first
    /// position's activation is a hundred times as long as the others. Activations that other vectors were added to before
    /// are measured with these.
    package func activationNorms(ofAddition index: Int) -> [Float?] {
        norms[index].map { lengths in
            guard !lengths.isEmpty else { return nil }
            let sorted = lengths.sorted()
            return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        }
    }
}

extension ForwardHooks {
    /// These hooks with the vectors of a pass added. Features read what has been added to the stream; at
    /// an MLP's output the vectors come last, since changes of features compute it anew.
    func adding(_ vectors: VectorPass?) -> ForwardHooks {
        guard let vectors else { return self }
        let (own, body) = (points, body)
        return ForwardHooks(at: own.union(vectors.points)) { point, block in
            if case .block(_, .mlpOut) = point {
                if own.contains(point) { body(point, block) }
                vectors.add(at: point, block)
            } else {
                vectors.add(at: point, block)
                if own.contains(point) { body(point, block) }
            }
        }
    }
}
