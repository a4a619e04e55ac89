/// The loss and the size of the masks at one step of learning them.
package struct MaskTrainingStep: Hashable, Sendable {
    /// The number of the step, from 1.
    package var number: Int
    /// Steps in all.
    package var count: Int
    /// The mean loss of the pairs with the masks that were drawn, before the step; without what the
    /// edges cost.
    package var loss: Double
    /// The share of edges that are expected to be open.
    package var openShare: Double

    /// A step.
    package init(number: Int, count: Int, loss: Double, openShare: Double) {
        self.number = number
        self.count = count
        self.loss = loss
        self.openShare = openShare
    }
}
