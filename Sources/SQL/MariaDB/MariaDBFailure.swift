import Foundation

/// Maps errors of MariaDB, or its client library, to `SQLError`.
enum MariaDBFailure {
    static func code(_ number: UInt32, _ message: String, isConnecting: Bool) -> SQLError.Code {
        switch number {
        // Lock wait, deadlock, snapshot too old, statement must be prepared again, interrupted, statement too long; no free connection.
        case 1205, 1213, 1020, 1615, 1317, 1969, 3024, 3572, 1040, 1203, 1226: .busy
        case 1021, 1114: .full
        case 1030 where message.contains("error 28"): .full  // ENOSPC of a storage engine.
        case 1030, 1023, 1024, 1026: .io
        case 1290, 1792, 1836: .readOnly
        case 1044, 1045, 1142, 1143, 1227, 1251, 1275, 1370, 1698, 1820, 1862: .denied
        case 1049: .missing
        case 1146: .noTable
        case 1022, 1048, 1062, 1169, 1216, 1217, 1264, 1292, 1364, 1366, 1406, 1451, 1452, 1586, 3819, 4025: .constraint
        case 1054, 1064, 1149, 1210, 1305: .statement
        // Killed, shutting down, network errors seen by the server, host temporarily blocked, idle for too long.
        case 1053, 1077, 1129, 1158...1161, 1184, 1927, 3169, 4031: .gone
        // On an established connection, TLS fails when the other end goes away; before that, mostly because of the certificate. A system
        // error ends with its number.
        case 2026 where isConnecting && !message.contains("eof") && !message.hasSuffix(")"): .denied
        // 2057: the table of a prepared statement got more columns meanwhile. A new connection works.
        case 2000..<2030, 2048, 2055, 2057: .gone
        default: .other
        }
    }

    /// The server's message without the values that some contain: `Duplicate entry '…' for key 'name'`.
    static func message(_ text: String, _ number: UInt32) -> String {
        guard [1062, 1264, 1292, 1366, 1411, 1525, 1586].contains(number), let start = text.firstIndex(of: "'") else { return text }
        let tail = [" for key ", " for column "].compactMap { text.range(of: $0, options: .backwards)?.lowerBound }.max()
        guard let tail, tail > start else { return number == 1264 ? text : text[..<start].trimmingCharacters(in: .whitespaces) }
        return text[..<start].trimmingCharacters(in: CharacterSet(charactersIn: " :")) + text[tail...]
    }
}
