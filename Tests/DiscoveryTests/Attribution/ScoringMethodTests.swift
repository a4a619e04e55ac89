import Basics
import Discovery
import Testing

/// The list of methods, and their parameters by name.
@Suite("Scoring methods and their parameters")
struct ScoringMethodTests {
    @Test("Each method is found by its name, and no two share one")
    func names() throws {
        for method in ScoringMethods.all {
            #expect(try ScoringMethods.named(method.name).name == method.name)
        }
        #expect(Set(ScoringMethods.all.map { $0.name }).count == ScoringMethods.all.count)
    }

    @Test("An unknown method is refused with the names there are")
    func unknownName() {
        #expect(ScoringMethods.find("eep") == nil)
        #expect {
            try ScoringMethods.named("eep")
        } throws: { error in
            "\(error)".hasPrefix("there is no method 'eep'; choose one of eap, eap-ig-inputs, ")
        }
    }

    @Test("Every method accepts its own defaults")
    func defaults() throws {
        for method in ScoringMethods.all { try method.init().checkParameters() }
    }

    @Test("A parameter that is set by name is the method's property, and nil leaves the default")
    func parameters() {
        var method: any ScoringMethod = EAPIGInputs()
        method.set(.steps, to: nil)
        #expect(method.value(of: .steps) == IntegrationSteps.usual)
        method.set(.steps, to: 7)
        #expect((method as? EAPIGInputs)?.steps == 7)
        #expect(method.value(of: .steps) == 7)
        method = SubnetworkProbing()
        #expect(method.value(of: .lambda) == nil)
        method.set(.lambda, to: 2)
        #expect(method.value(of: .lambda) == 2)
    }

    @Test("A parameter that a method doesn't take changes nothing")
    func otherParameters() {
        var method: any ScoringMethod = EAP()
        method.set(.steps, to: 7)
        #expect(method.value(of: .steps) == nil)
        #expect(EAP.parameterNames.isEmpty)
    }

    @Test("Methods are listed by the parameters they take, first those that list it first")
    func methodsByParameter() {
        #expect(ScoringMethods.names(taking: "circuit") == ["mask-gradient", "exact"])
        #expect(
            ScoringMethods.names(taking: "lambda")
                == ["subnetwork-probing", "uniform-gradient-sampling"])
        #expect(ScoringMethods.names(taking: "nothing").isEmpty)
    }
}
