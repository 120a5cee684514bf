internal import Platform

/// All sentences about files in English.
enum English {
    static func sentence(_ failure: Failure) -> String {
        switch failure {
        case .emptyFile: "The file is empty."
        case .notMedia: "The file is not audio or video."
        case .text: "The file is text, not audio or video."
        case .image: "The file is an image, not audio or video."
        case .animatedWebP: "The file is an animated WebP, which is not supported. Please upload a video."
        case .playlist: "The file is a playlist. Please upload the video or audio file itself."
        case .flashProgram: "The file is a Flash program, not audio or video."
        case .unsupportedFormat(let name): "The file's format (\(short(name))) is not supported."
        case .encrypted: "The file is encrypted (DRM) and cannot be converted."
        case .noAudio: "There is no audio in the file."
        case .noAudioOrVideo: "There is no video or audio in the file."

        case .indexMissing:
            "The file is incomplete: its index is missing. The upload may have been interrupted; please upload it again."
        case .damagedHeader: "The file is damaged: its header cannot be read."
        case .damagedClock: "The file is damaged: its header lacks the time base of a track."
        case .unreadable: "The file is damaged and cannot be read."
        case .unreadableTrack(let part, let codec): "The file is damaged: its \(name(part)) (\(short(codec))) cannot be read."
        case .undecodable: "The file is damaged: it cannot be decoded."
        case .undecodableVideo: "The file is damaged: its video cannot be decoded."
        case .undecodableTracks(let codecs): "The file is damaged: its streams cannot be decoded (\(short(codecs)))."
        case .mostlyUndecodable(let percent): "The file is damaged: only \(percent) % of it can be decoded."
        case .noDuration: "The file is damaged: its content has no duration."
        case .notConvertible: "The file is damaged and cannot be converted."

        case .unsupportedCodec(let name): "The file uses an unsupported codec (\(short(name)))."
        case .dolbyVision5:
            "The video is in Dolby Vision profile 5, which only licensed players can display. Please upload it in another format."
        case .unsupportedColours(let matrix): "The video's colours are coded in a way that is not supported (matrix \(matrix))."
        case .playbackSpeed: "The video's edit list plays parts of it at another speed, which is not supported."
        case .unstrippableContainer(let name): "The original's container (\(short(name))) cannot be written without its metadata."
        case .unstrippableCodec: "The original has a codec that cannot be written without its metadata."

        case .tooLong(let minutes): "The file is longer than \(minutes) minutes."
        case .tooLarge(let bytes): "The file is larger than \(ByteSize.text(Int64(bytes)))."
        case .tooManyPixels(let width, let height, let side, let megapixels):
            "The picture is too large: \(width) × \(height); at most \(side) per side and \(megapixels) megapixels are allowed."
        case .tooManyFrames(let most): "The video has more than \(most) frames."
        case .tooManyTracks(let allowed): "The file has too many streams: \(allowed) are allowed."
        case .resultTooLarge: "The result would be larger than allowed."
        case .resultLargerThanPlanned: "The result grew larger than planned and was stopped."
        case .tooMuchMemory: "The file needs more memory than allowed."
        case .tooMuchTime(let minutes): "Processing this file took longer than the allowed \(minutes) minutes."
        case .tooMuchProcessorTime: "Processing this file took more processor time than allowed."

        case .verification: "The result failed verification."
        case .crash(let signal): "The media program crashed on this file (\(signal))."
        case .noResult: "The media program ended without a result."
        case .standstill(let seconds): "Processing this file made no progress for \(seconds) seconds and was stopped."
        case .forbiddenAction: "While processing this file, the media program attempted a forbidden action and was stopped."
        case .protocolViolation: "The media program's answer about this file was not valid."
        case .unexpected: "The file could not be converted because of an unexpected error."

        case .missing: "The uploaded file no longer exists."
        case .notRegular: "The upload is not a regular file."
        case .outsideStorage: "The file's path leads outside the site's storage."
        case .changed: "The uploaded file was changed during transcoding."
        case .cancelled: "The transcoding of this file was cancelled."

        case .diskFull: "The disk is full."
        case .noRoom(let need, let free, let reserve, let promised):
            "Not enough disk space: up to \(ByteSize.text(need)) needed, \(ByteSize.text(free)) free, "
                + "\(ByteSize.text(reserve)) of it kept free (reserve)"
                + (promised > 0 ? ", \(ByteSize.text(promised)) promised to running jobs." : ".")
        case .diskError: "The disk could not be read or written."
        case .storageUnavailable: "The site's storage is unavailable."
        case .sourceInaccessible: "The worker's machine could not open or read the file."
        case .foldersMissing(let paths): "All queued files wait for missing folders: \(paths)."
        case .machineOutOfMemory: "The machine ran out of memory while processing this file."
        case .noThreads: "The worker's machine has no free threads."
        case .ffmpegTooOld(let why): "This machine's FFmpeg is older than the version that transcoder was built with: \(why)."
        case .ffmpegLacks(let what): "This machine's FFmpeg lacks \(what)."
        case .programUnusable: "The worker cannot start its media program."
        case .programKilled: "The media program was killed from outside while processing this file."
        case .databaseUnreachable: "The database cannot be reached."
        case .drained: "The worker was stopped while transcoding this file."
        case .takenOver: "Another worker has taken this file over."
        case .interrupted(let times): "Transcoding of this file was interrupted \(times) times."
        }
    }

    static func sentence(_ remark: Remark) -> String {
        switch remark {
        case .cutShort(let converted, let promised):
            "The file is cut short: \(seconds(converted)) of \(seconds(promised)) seconds could be converted."
        case .unsupported(let part, let codec):
            "The \(name(part)) is missing: its codec (\(short(codec))) is not supported."
        case .undecodable(let part, let codec):
            "The \(name(part)) is missing: it is damaged and cannot be decoded (\(short(codec)))."
        case .replaced(let part, let codec):
            "Another \(name(part)) track is used: the preferred one cannot be decoded (\(short(codec)))."
        case .leftOutFrom(let part, let codec, let time):
            "From \(seconds(time)) seconds on, the \(name(part)) continues in another track, which was left out (\(short(codec)))."
        case .joined(let time):
            "At \(seconds(time)) seconds the file continues in other tracks, which were joined."
        case .earlier(let text):
            text
        }
    }

    private static func name(_ part: Remark.Part) -> String {
        switch part {
        case .picture: "video"
        case .sound: "audio"
        }
    }
}
