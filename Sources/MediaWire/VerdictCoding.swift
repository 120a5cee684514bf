public import Verdicts

/// How the media program reports its failures.
extension Verdict: WireCodable {
    public init() { self.init(.unexpected) }

    /// The longest detail in bytes: the end of FFmpeg's log is what explains a failure.
    private static let detailLimit = 8192

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        if failure.tag == nil { detail = "\(failure.sentence(in: .english))\n\(detail)" }
        try wire.code(&failure)
        detail = PlainText.tail(detail, bytes: Self.detailLimit)
        try wire.code(lines: &detail)
    }
}

/// Only what a media program can know: anything else is no valid message.
extension Failure: WireCodable {
    public init() { self = .unexpected }

    /// Failures without a value; the tag is the index.
    private static let plain: [Failure] = [
        .emptyFile, .notMedia, .text, .image, .animatedWebP, .playlist, .flashProgram, .encrypted, .noAudio, .noAudioOrVideo,
        .indexMissing, .damagedHeader, .damagedClock, .unreadable, .undecodable, .undecodableVideo, .noDuration, .notConvertible,
        .dolbyVision5, .playbackSpeed, .unstrippableCodec, .resultTooLarge, .tooMuchMemory, .verification, .unexpected, .diskFull,
        .diskError, .machineOutOfMemory, .noThreads,
    ]

    private enum Tag: UInt8, CaseIterable {
        case unsupportedFormat = 100
        case unreadableTrack, undecodableTracks, mostlyUndecodable, unsupportedCodec, unsupportedColours, unstrippableContainer
        case tooLong, tooLarge, tooManyPixels, tooManyFrames, tooManyTracks, ffmpegTooOld, ffmpegLacks
    }

    fileprivate struct Values {
        var part = Remark.Part.picture
        var text = ""
        var numbers = [0, 0, 0, 0]
    }

    fileprivate var tag: (UInt8, Values)? {
        func of(_ tag: Tag, _ text: String, part: Remark.Part = .picture) -> (UInt8, Values) {
            (tag.rawValue, Values(part: part, text: text))
        }
        func of(_ tag: Tag, _ numbers: Int...) -> (UInt8, Values) {
            (tag.rawValue, Values(numbers: numbers + Array(repeating: 0, count: 4 - numbers.count)))
        }
        switch self {
        case .unsupportedFormat(let name): return of(.unsupportedFormat, name)
        case .unreadableTrack(let part, let codec): return of(.unreadableTrack, codec, part: part)
        case .undecodableTracks(let codecs): return of(.undecodableTracks, codecs)
        case .mostlyUndecodable(let percent): return of(.mostlyUndecodable, percent)
        case .unsupportedCodec(let name): return of(.unsupportedCodec, name)
        case .unsupportedColours(let matrix): return of(.unsupportedColours, matrix)
        case .unstrippableContainer(let name): return of(.unstrippableContainer, name)
        case .tooLong(let minutes): return of(.tooLong, minutes)
        case .tooLarge(let bytes): return of(.tooLarge, bytes)
        case .tooManyPixels(let width, let height, let side, let megapixels):
            return of(.tooManyPixels, width, height, side, megapixels)
        case .tooManyFrames(let most): return of(.tooManyFrames, most)
        case .tooManyTracks(let allowed): return of(.tooManyTracks, allowed)
        case .ffmpegTooOld(let why): return of(.ffmpegTooOld, why)
        case .ffmpegLacks(let what): return of(.ffmpegLacks, what)
        default: return Self.plain.firstIndex(of: self).map { (UInt8($0), Values()) }
        }
    }

    private init?(tag: UInt8, _ values: Values) {
        if Self.plain.indices.contains(Int(tag)) {
            self = Self.plain[Int(tag)]
            return
        }
        guard let tag = Tag(rawValue: tag) else { return nil }
        let (text, numbers) = (values.text, values.numbers)
        self =
            switch tag {
            case .unsupportedFormat: .unsupportedFormat(text)
            case .unreadableTrack: .unreadableTrack(values.part, codec: text)
            case .undecodableTracks: .undecodableTracks(codecs: text)
            case .mostlyUndecodable: .mostlyUndecodable(percent: numbers[0])
            case .unsupportedCodec: .unsupportedCodec(text)
            case .unsupportedColours: .unsupportedColours(matrix: numbers[0])
            case .unstrippableContainer: .unstrippableContainer(text)
            case .tooLong: .tooLong(minutes: numbers[0])
            case .tooLarge: .tooLarge(bytes: numbers[0])
            case .tooManyPixels:
                .tooManyPixels(width: numbers[0], height: numbers[1], side: numbers[2], megapixels: numbers[3])
            case .tooManyFrames: .tooManyFrames(numbers[0])
            case .tooManyTracks: .tooManyTracks(allowed: numbers[0])
            case .ffmpegTooOld: .ffmpegTooOld(text)
            case .ffmpegLacks: .ffmpegLacks(text)
            }
    }

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        // The program reports nothing else; if it did, the verdict's detail says what.
        var (tag, values) = self.tag ?? (UInt8(Self.plain.firstIndex(of: .unexpected) ?? 0), Values())
        try wire.code(&tag)
        try wire.code(&values.part)
        try wire.code(&values.text)
        for index in values.numbers.indices { try wire.code(&values.numbers[index]) }
        guard let failure = Failure(tag: tag, values) else { throw .unknownValue(tag) }
        self = failure
    }
}
