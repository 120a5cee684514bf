internal import FoundationEssentials

/// Fresns' notification to a subscriber: `{"tableName":"posts","primaryId":1,"changeType":"created"}`.
struct ChangeNotification: Equatable, Sendable {
    enum Change: String, CaseIterable, Sendable { case created, updated, deleted }

    /// Without the prefix.
    let tableName: String
    let primaryID: Int64
    let change: Change

    /// The maximum size of the JSON in bytes: ten times what Fresns sends.
    static let longest = 1024
    static let tables = ["posts", "comments", "conversation_messages"]

    private struct Key: CodingKey {
        let stringValue: String
        let intValue: Int? = nil
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { return nil }
    }

    private struct Wire: Decodable {
        let notice: ChangeNotification

        init(from decoder: any Decoder) throws {
            let object: KeyedDecodingContainer<Key>
            do { object = try decoder.container(keyedBy: Key.self) } catch { throw NotificationError("The body is not a JSON object.") }
            let names = ["tableName", "primaryId", "changeType"]
            if let stranger = object.allKeys.map(\.stringValue).sorted().first(where: { !names.contains($0) }) {
                throw NotificationError("Unknown key “\(stranger.prefix(40))”; a notification has \(names.joined(separator: ", ")).")
            }
            func value<Value: Decodable>(_ name: String, _ type: Value.Type, _ what: String) throws -> Value {
                guard let value = try? object.decode(type, forKey: Key(stringValue: name)) else {
                    throw NotificationError("\(name) must be \(what).")
                }
                return value
            }
            let table = try value("tableName", String.self, "a table's name")
            guard ChangeNotification.tables.contains(table) else {
                throw NotificationError("tableName must be one of \(ChangeNotification.tables.joined(separator: ", ")).")
            }
            let id = try value("primaryId", Int64.self, "a whole number")
            guard id > 0 else { throw NotificationError("primaryId must be greater than 0.") }
            let word = try value("changeType", String.self, "a word")
            guard let change = Change(rawValue: word) else {
                throw NotificationError("changeType must be one of \(Change.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            notice = ChangeNotification(tableName: table, primaryID: id, change: change)
        }
    }
}

extension ChangeNotification {
    init(json bytes: [UInt8]) throws(NotificationError) {
        guard bytes.count <= Self.longest else { throw NotificationError("The body is longer than \(Self.longest) bytes.") }
        do {
            self = try JSONDecoder().decode(Wire.self, from: Data(bytes)).notice
        } catch let error as NotificationError {
            throw error
        } catch {
            throw NotificationError("The body is not a JSON object.")
        }
    }
}

/// What is wrong with a notification: a sentence.
struct NotificationError: Error, Equatable, Sendable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
