package import ArgumentParser

/// `--bos`, `--no-bos`: whether texts begin with the beginning-of-sequence token.
package struct BOSOptions: ParsableArguments {
    /// Whether BOS is put before texts; nil leaves it to the tokenizer's own setting.
    @Flag(
        inversion: .prefixedNo,
        help: "Put BOS before every text, or don't (default: the tokenizer's own setting).")
    package var bos: Bool?

    /// Options as the parser fills them.
    package init() {}
}
