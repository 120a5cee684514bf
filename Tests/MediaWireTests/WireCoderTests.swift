import MediaWire
import Testing
import Verdicts

@Suite struct WireCoderTests {
    /// Values that differ from the defaults in every field.
    static let profile: Profile = {
        var profile = Profile()
        profile.name = "größer"
        profile.video.preset = "slow"
        profile.video.crf = 18.5
        profile.video.maxSide = 640
        profile.video.maxFrameRate = 30
        profile.video.keyframeInterval = 4
        profile.video.peakBitsPerPixel = 0.3
        profile.video.background = "000000"
        profile.audio.bitratePerChannel = 1
        profile.audio.maxChannels = 1
        profile.audio.maxCopyBitrate = 2
        profile.audio.loudness = .off
        profile.audio.loudnessTarget = -23
        profile.poster.maxSide = 3
        profile.poster.quantiser = 9
        profile.poster.at = 1.5
        profile.limits.side = 1
        profile.limits.pixels = 2
        profile.limits.duration = 3.5
        profile.limits.frames = 4
        profile.limits.streams = 5
        profile.limits.inputSize = 6
        profile.limits.outputSize = Int.max
        profile.minimumShare = 0.9
        profile.verify = .full
        return profile
    }()

    @Test func aRequestComesBackWhole() throws {
        let request = MediaRequest(task: .transcode, subject: .audio, profile: Self.profile, threads: 7, sourceExtension: "mov", wantsPoster: false)
        #expect(try WireCoder.decode(MediaRequest.self, from: WireCoder.encode(request)) == request)
    }

    static let messages: [MediaMessage] = {
        var stream = StreamInfo()
        stream.kind = .video
        stream.codec = "hevc"
        stream.language = "deu"
        stream.start = -5
        stream.picture = VideoInfo()
        stream.picture?.frameRate = 29.97
        stream.sound = AudioInfo()
        var equipment = CapabilitiesReport()
        equipment.version = "5.1"
        equipment.outdated = ["libavutil is 57.1, and 57.28 is needed"]
        equipment.missing = ["libx264", ""]
        var info = MediaInfo()
        info.container = "mov"
        info.duration = 1_000_000
        info.streams = [stream, StreamInfo()]
        info.metadataKeys = ["location", ""]
        var report = PlanReport()
        report.output = "mp4"
        report.outputSize = 1_234_567
        report.remarks = RemarkTests.all
        report.decisions = [PlanDecision(stream: 1, action: "copy", reason: "ok"), PlanDecision(action: "x", reason: "y")]
        var progress = MediaProgress()
        progress.phase = .verifying
        progress.done = 12
        progress.total = 13
        var outcome = MediaOutcome()
        outcome.isRewritten = false
        outcome.width = 1
        outcome.remarks = RemarkTests.all
        return [
            .ready(SandboxReport()), .equipped(equipment), .probed(info), .planned(report), .progress(progress),
            .finished(outcome), .finished(nil), .failed(Verdict(.notConvertible, detail: "lines")),
        ]
    }()

    @Test(arguments: messages)
    func aMessageComesBackWhole(_ message: MediaMessage) throws {
        #expect(try WireCoder.decode(MediaMessage.self, from: WireCoder.encode(message)) == message)
    }

    @Test(arguments: messages)
    func everyShorterOrLongerMessageIsRefused(_ message: MediaMessage) throws {
        let bytes = try WireCoder.encode(message)
        for count in 0..<bytes.count {
            #expect(throws: WireError.self) { try WireCoder.decode(MediaMessage.self, from: Array(bytes.prefix(count))) }
        }
        #expect(throws: WireError.surplus(bytes: 1)) { try WireCoder.decode(MediaMessage.self, from: bytes + [0]) }
    }

    /// Whatever arrives, decoding ends with a value or an error and allocates no more than the message's own size.
    @Test func noByteBringsTheReaderDown() throws {
        var generator = SplitMix(state: 42)
        for message in Self.messages {
            let bytes = try WireCoder.encode(message)
            for index in bytes.indices {
                for value in [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &generator)] {
                    var mutated = bytes
                    mutated[index] = value
                    _ = try? WireCoder.decode(MediaMessage.self, from: mutated)
                }
            }
        }
    }

    @Test func unknownTagsAndUntrueBooleansAreRefused() {
        #expect(throws: WireError.unknownValue(99)) { try WireCoder.decode(MediaMessage.self, from: [99]) }
        #expect(throws: WireError.unknownValue(2)) { try WireCoder.decode(MediaMessage.self, from: [4, 2]) }
    }

    @Test func aMessageBeyondTheLimitIsNotWritten() {
        var info = MediaInfo()
        info.metadataKeys = [String(repeating: "x", count: WireCoder.limit)]
        #expect(throws: WireError.self) { try WireCoder.encode(MediaMessage.probed(info)) }
    }

    @Test func numbersThatAreNoNumbersAreRefused() throws {
        var progress = MediaProgress()
        progress.done = 1
        var request = MediaRequest()
        request.profile.video.crf = .nan
        #expect(throws: WireError.notFinite) { try WireCoder.encode(request) }
    }

    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }
}
