import Testing
@testable import HTTPAPI

@Suite struct ChangeNotificationTests {
    @Test(arguments: ["posts", "comments", "conversation_messages"], ["created", "updated", "deleted"])
    func whatFresnsSendsIsRead(table: String, change: String) throws {
        let text = #"{"tableName":"\#(table)","primaryId":1,"changeType":"\#(change)"}"#
        let notice = try ChangeNotification(json: Array(text.utf8))
        #expect(notice.tableName == table && notice.primaryID == 1 && notice.change.rawValue == change)
        let spread = " {\n\t\"changeType\" : \"\(change)\", \"primaryId\" : 1 ,\"tableName\": \"\(table)\" }\r"
        #expect(try ChangeNotification(json: Array(spread.utf8)) == notice)
    }

    @Test func theLargestID() throws {
        let text = #"{"tableName":"posts","primaryId":9223372036854775807,"changeType":"created"}"#
        #expect(try ChangeNotification(json: Array(text.utf8)).primaryID == .max)
    }

    @Test(arguments: [
        ("", "JSON"), ("{", "JSON"), ("[]", "JSON"), ("null", "JSON"), ("1", "JSON"), ("\"posts\"", "JSON"),
        (#"{"tableName":"posts","primaryId":1,"changeType":"created"} x"#, "JSON"),
        (#"{"tableName":"posts","primaryId":1,"changeType":"created"}{}"#, "JSON"),
        (#"{"tableName":"posts","primaryId":1}"#, "changeType"), (#"{}"#, "tableName"),
        (#"{"tableName":"posts","primaryId":1,"changeType":"created","x":1}"#, "x"),
        (#"{"tableName":"posts","primaryId":"1","changeType":"created"}"#, "primaryId"),
        (#"{"tableName":"posts","primaryId":1.5,"changeType":"created"}"#, "primaryId"),
        (#"{"tableName":"posts","primaryId":0,"changeType":"created"}"#, "primaryId"),
        (#"{"tableName":"posts","primaryId":-1,"changeType":"created"}"#, "primaryId"),
        (#"{"tableName":"posts","primaryId":9223372036854775808,"changeType":"created"}"#, "primaryId"),
        (#"{"tableName":"posts","primaryId":true,"changeType":"created"}"#, "primaryId"),
        (#"{"tableName":"posts","primaryId":null,"changeType":"created"}"#, "primaryId"),
        (#"{"tableName":"fs_posts","primaryId":1,"changeType":"created"}"#, "tableName"),
        (#"{"tableName":"users; drop table","primaryId":1,"changeType":"created"}"#, "tableName"),
        (#"{"tableName":["posts"],"primaryId":1,"changeType":"created"}"#, "tableName"),
        (#"{"tableName":"posts","primaryId":1,"changeType":"Created"}"#, "changeType"),
        (#"{"tablename":"posts","primaryId":1,"changeType":"created"}"#, "tablename"),
        (String(repeating: "[", count: 1000), "JSON"), (String(repeating: "{\"a\":", count: 200), "JSON"),
        (String(repeating: " ", count: 1025), "longer"), ("\u{0}", "JSON"),
    ])
    func whatIsElseIsRefusedWithASentence(text: String, word: String) throws {
        let error = try #require(#expect(throws: NotificationError.self) { try ChangeNotification(json: Array(text.utf8)) })
        #expect(error.description.contains(word) && error.description.hasSuffix("."), "\(error)")
        #expect(error.description.utf8.count < 300)
    }

    @Test func bytesThatAreNoTextAreRefused() {
        for bytes: [UInt8] in [[0xFF, 0xFE], [0x7B, 0x22, 0xC3], Array(#"{"tableName":""#.utf8) + [0xFF] + Array(#""}"#.utf8)] {
            #expect(throws: NotificationError.self) { try ChangeNotification(json: bytes) }
        }
    }
}
