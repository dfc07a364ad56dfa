extension BinaryInteger {
    /// The number with what it counts, as people say it: `1 seed`, `2 seeds`.
    ///
    /// - Parameters:
    ///   - noun: What one is called.
    ///   - plural: What several are called; without it the noun with an `s`.
    /// - Returns: Both words.
    package func counting(_ noun: String, _ plural: String? = nil) -> String {
        "\(self) \(self == 1 ? noun : plural ?? noun + "s")"
    }
}
