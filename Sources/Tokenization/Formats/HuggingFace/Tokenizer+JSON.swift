package import Basics
package import FoundationEssentials

extension Tokenizer {
    /// A tokenizer from the content of `tokenizer.json` and, where there is one, of
    /// `tokenizer_config.json`. `source` names the file in errors.
    package convenience init(
        tokenizerJSON: Data, config: Data?, source: String = "tokenizer.json"
    ) throws(Failure) {
        func bad(_ what: String) -> Failure {
            Failure(.badData, "\(source): \(what)")
        }
        let tables: JSONTables
        do {
            tables = try JSONTables(Array(tokenizerJSON))
        } catch {
            throw bad("not a tokenizer.json: \(error.description)")
        }
        let skeleton = Data(tables.skeleton)
        let document: TokenizerDocument
        do {
            document = try JSONDecoder().decode(TokenizerDocument.self, from: skeleton)
        } catch {
            throw bad("not a tokenizer this tool knows: \(error)")
        }
        let builder = JSONTokenizer(
            document: document, tables: tables,
            configuration: try TokenizerConfiguration(config, bad), source: source)
        var parts = try builder.parts()
        parts.warnings += KnownKeys.warnings(tokenizer: skeleton).map { "\(source): \($0)" }
        if let config {
            parts.warnings += KnownKeys.warnings(configuration: config)
                .map { "tokenizer_config.json beside \(source): \($0)" }
        }
        try self.init(parts)
    }
}

extension TokenizerConfiguration {
    /// What `data`, the content of a `tokenizer_config.json`, says; nothing where there is none.
    init(_ data: Data?, _ bad: (String) -> Failure) throws(Failure) {
        guard let data else { return }
        do {
            self = try JSONDecoder().decode(Self.self, from: data)
        } catch {
            throw bad("its tokenizer_config.json can't be read: \(error)")
        }
    }
}
