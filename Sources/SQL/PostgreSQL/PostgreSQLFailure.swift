import Foundation

/// Maps PostgreSQL's errors to `SQLError`.
enum PostgreSQLFailure {
    /// - Parameter state: the five characters of `SQLSTATE`; nil for an error of the client: a broken connection.
    static func code(state: String?) -> SQLError.Code {
        guard let state else { return .gone }
        switch state {
        case "40001", "40P01", "55P03", "55006", "57014", "53300", "53400": return .busy
        case "53100": return .full
        case "25006": return .readOnly
        case "42501": return .denied
        case "3D000": return .missing
        case "42P01", "3F000": return .noTable
        // Terminated by an administrator, crashed, starting up, idle for too long, idle in a transaction for too long.
        case "57P01", "57P02", "57P03", "57P05", "25P03": return .gone
        default: break
        }
        switch state.prefix(2) {
        case "08": return .gone
        case "28": return .denied
        case "22", "23": return .constraint
        case "42": return .statement
        case "53", "58": return .io
        default: return .other
        }
    }

    /// The primary message without a trailing value: `invalid input syntax for type bigint: "…"`.
    static func message(_ text: String, state: String?) -> String {
        guard state?.hasPrefix("22") == true, let colon = text.firstRange(of: ": ") else { return text }
        return String(text[..<colon.lowerBound])
    }

    /// Parses a connection error, which contains the SQLSTATE because of verbose mode:
    /// `connection to server at "::1", port 5432 failed: FATAL:  28P01: password authentication failed for user "x"`.
    static func connection(_ text: String) -> SQLError {
        let lines = text.split(separator: "\n").map(String.init)
        for line in lines {
            let parts = line.components(separatedBy: ":").map { $0.drop { $0 == " " } }
            guard let index = parts.firstIndex(where: isState), index > 0 else { continue }
            let state = String(parts[index])
            let message = parts[(index + 1)...].joined(separator: ": ")
            return SQLError(code(state: state), PostgreSQLFailure.message(message, state: state))
        }
        let message = lines.first ?? "the connection failed"
        let isRefused = ["certificate", "SSL", "no password supplied"].contains { text.contains($0) }
        // The server, or the network, went away during the handshake.
        let isBroken = ["closed the connection", "SSL SYSCALL error"].contains { text.contains($0) }
        return SQLError(isRefused && !isBroken ? .denied : .gone, message)
    }

    private static func isState(_ text: Substring) -> Bool {
        text.utf8.count == 5 && text.utf8.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "X") } == true
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
            }
    }
}
