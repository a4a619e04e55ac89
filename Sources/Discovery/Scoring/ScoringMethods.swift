package import Basics

/// The methods there are.
package enum ScoringMethods {
    /// All methods, in the order in which they are listed for people.
    package static let all: [any ScoringMethod.Type] = [
        EAP.self,
        EAPIGInputs.self,
        EAPIGActivations.self,
        CleanCorrupted.self,
        Exact.self,
        HISP.self,
        AtPStar.self,
        InformationFlowRoutes.self,
        MaskGradient.self,
        SubnetworkProbing.self,
        EdgePruning.self,
        UniformGradientSampling.self,
        RandomScores.self,
    ]

    /// The method of this name; nil if there is none, as with scores of other tools.
    package static func find(_ name: String) -> (any ScoringMethod.Type)? {
        all.first { $0.name == name }
    }

    /// The method of this name.
    /// - Throws: `Failure` (usage) that lists the names there are.
    package static func named(_ name: String) throws(Failure) -> any ScoringMethod.Type {
        guard let method = find(name) else {
            throw Failure(
                .usage,
                "there is no method '\(name)'; choose one of "
                    + names { _ in true }.joined(separator: ", "))
        }
        return method
    }

    /// The names of the methods that satisfy a condition.
    package static func names(
        where isListed: (any ScoringMethod.Type) -> Bool
    ) -> [String] {
        all.filter(isListed).map { $0.name }
    }

    /// The names of all parameters that methods take.
    package static var parameterNames: [String] {
        var names: [String] = []
        for name in all.flatMap({ $0.parameterNames }) where !names.contains(name) {
            names.append(name)
        }
        return names
    }

    /// The names of the methods that take a parameter, first those that list it first.
    package static func names(taking parameter: String) -> [String] {
        all.compactMap { method in
            method.parameterNames.firstIndex(of: parameter).map { (rank: $0, name: method.name) }
        }.enumerated()
            .sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
            .map(\.element.name)
    }
}
