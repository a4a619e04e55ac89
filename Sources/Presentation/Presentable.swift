import Artifacts
import Basics
import Graphs

/// Content of an artifact that can be shown as JSON and as a report.
///
/// The content type of every kind conforms; its members are in `JSON/` and `Reports/`.
protocol Presentable {
    /// The content as JSON, without the header and the provenance.
    func json(_ selection: ReportSelection) -> JSONObject

    /// Adds the content's lines of the summary to a report.
    func addSummary(to report: inout Report)

    /// Adds the content's tables to a report.
    func addTables(to report: inout Report, _ selection: ReportSelection)
}

extension DatasetArtifact: Presentable {}
extension ActivationCache: Presentable {}
extension PatchEffectsArtifact: Presentable {}
extension EdgeScoresArtifact: Presentable {}
extension CircuitArtifact: Presentable {}
extension EvaluationArtifact: Presentable {}
extension CircuitDiffArtifact: Presentable {}
extension AttributionGraphArtifact: Presentable {}
extension FeatureCircuitArtifact: Presentable {}
extension SteeringVectorArtifact: Presentable {}

extension ArtifactFile {
    /// Reads the content, whatever the kind.
    ///
    /// - Parameter run: The further run of a circuit that takes the place of the main one, or the prompt
    ///   of attribution graphs that will be looked at.
    /// - Throws: ``Artifacts/ArtifactError`` where the file isn't valid, and ``Failure`` (usage) where
    ///   there is no such run or prompt.
    func presentable(run: Int?) throws -> any Presentable {
        switch header.kind {
        case .dataset: try read(DatasetArtifact.self).content
        case .activationCache: try ActivationCache(self)
        case .patchEffects: try read(PatchEffectsArtifact.self).content
        case .edgeScores: try read(EdgeScoresArtifact.self).content
        case .circuit: try circuit(run: run).content
        case .evaluation: try read(EvaluationArtifact.self).content
        case .circuitDiff: try read(CircuitDiffArtifact.self).content
        case .featureCircuit: try read(FeatureCircuitArtifact.self).content
        case .attributionGraph: try attributionGraphs(prompt: run).graphs.content
        case .steeringVector: try read(SteeringVectorArtifact.self).content
        }
    }
}
