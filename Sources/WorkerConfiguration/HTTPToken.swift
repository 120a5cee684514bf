extension Configuration {
    package var hasToken: Bool { httpToken != nil || httpTokenFile != nil }

    /// The token itself, or the content of its file. Throws if there is none, without quoting it.
    package func readToken() throws(ConfigurationError) -> BearerToken {
        if let httpToken { return httpToken }
        guard let path = httpTokenFile else {
            throw ConfigurationError("http.listen needs a token: set http.token_file, or http.token.")
        }
        let text = try SecretFile.read("http.token_file", path)
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 1, let token = BearerToken(String(words[0])) else {
            throw ConfigurationError("http.token_file \(path) must contain only \(BearerToken.rule).")
        }
        return token
    }
}
