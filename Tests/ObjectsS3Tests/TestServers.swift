import Foundation
import ObjectsS3
import Testing

/// The servers that scripts/object-stores.sh starts, and one of your own: STORES_OTHER=http://KEY:SECRET@HOST:PORT, with a bucket “media”.
enum TestServers {
    static let seaweed = variable("STORES_SEAWEED")
    static let moto = variable("STORES_MOTO")
    static let other = variable("STORES_OTHER")
    static let python = variable("STORES_PYTHON")

    private static func variable(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }
}

extension S3Client {
    static func test(_ address: String, key: String = "tester", secret: String = "testing-secret", region: String = "us-east-1") throws -> S3Client {
        var parts = try #require(URLComponents(string: address))
        let credentials = S3Credentials(keyID: parts.user ?? key, secret: parts.password ?? secret)
        (parts.user, parts.password) = (nil, nil)
        let media = try #require(S3Address(endpoint: parts.string, bucket: "media", region: region))
        return S3Client(media, region: region, credentials: credentials)
    }
}
