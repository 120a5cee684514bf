import Foundation

/// The servers that scripts/object-stores.sh starts.
enum TestServers {
    static let seaweed = ProcessInfo.processInfo.environment["TRANSCODER_TEST_SEAWEED"]
    static let moto = ProcessInfo.processInfo.environment["TRANSCODER_TEST_MOTO"]
    static let python = ProcessInfo.processInfo.environment["TRANSCODER_TEST_PYTHON"]
    static let all = [seaweed, moto].compactMap(\.self)
}
