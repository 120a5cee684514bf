import Foundation
import ObjectsS3
import Testing

/// The servers that scripts/object-stores.sh starts, and one of your own: TRANSCODER_TEST_S3=http://KEY:SECRET@HOST:PORT, with a bucket “media”.
enum TestServers {
    static let seaweed = variable("TRANSCODER_TEST_SEAWEED")
    static let moto = variable("TRANSCODER_TEST_MOTO")
    static let other = variable("TRANSCODER_TEST_S3")
    static let python = variable("TRANSCODER_TEST_PYTHON")

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
