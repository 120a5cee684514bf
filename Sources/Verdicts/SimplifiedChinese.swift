internal import Platform

/// All sentences about files in Simplified Chinese.
enum SimplifiedChinese {
    static func sentence(_ failure: Failure) -> String {
        switch failure {
        case .emptyFile: "文件是空的。"
        case .notMedia: "该文件不是音频或视频。"
        case .text: "该文件是文本，不是音频或视频。"
        case .image: "该文件是图片，不是音频或视频。"
        case .animatedWebP: "该文件是 WebP 动图，暂不支持，请上传视频。"
        case .playlist: "该文件是播放列表，请直接上传视频或音频文件。"
        case .flashProgram: "该文件是 Flash 程序，不是音频或视频。"
        case .unsupportedFormat(let name): "不支持该文件的格式（\(short(name))）。"
        case .encrypted: "该文件已加密（DRM），无法转换。"
        case .noAudio: "该文件中没有音频。"
        case .noAudioOrVideo: "该文件中没有视频或音频。"

        case .indexMissing: "文件不完整：缺少索引，上传可能被中断，请重新上传。"
        case .damagedHeader: "文件已损坏：无法读取文件头。"
        case .damagedClock: "文件已损坏：文件头中缺少某条轨道的时间基准。"
        case .unreadable: "文件已损坏，无法读取。"
        case .unreadableTrack(let part, let codec): "文件已损坏：无法读取其中的\(name(part))（\(short(codec))）。"
        case .undecodable: "文件已损坏：无法解码。"
        case .undecodableVideo: "文件已损坏：无法解码其中的视频。"
        case .undecodableTracks(let codecs): "文件已损坏：无法解码其中的流（\(short(codecs))）。"
        case .mostlyUndecodable(let percent): "文件已损坏：只有 \(percent)% 的内容可以解码。"
        case .noDuration: "文件已损坏：内容没有时长。"
        case .notConvertible: "文件已损坏，无法转换。"

        case .unsupportedCodec(let name): "该文件使用了不支持的编码（\(short(name))）。"
        case .dolbyVision5: "该视频为杜比视界 Profile 5，只有获得授权的播放器才能正常显示，请换一种格式上传。"
        case .unsupportedColours(let matrix): "不支持该视频的色彩编码方式（矩阵 \(matrix)）。"
        case .playbackSpeed: "该视频的编辑列表要求以不同的速度播放部分内容，暂不支持。"
        case .unstrippableContainer(let name): "原文件的封装格式（\(short(name))）不支持去除元数据后重新写入。"
        case .unstrippableCodec: "原文件使用的编码不支持去除元数据后重新写入。"

        case .tooLong(let minutes): "文件时长超过 \(minutes) 分钟。"
        case .tooLarge(let bytes): "文件大于 \(ByteSize.text(Int64(bytes)))。"
        case .tooManyPixels(let width, let height, let side, let megapixels):
            "画面过大：\(width) × \(height)；每边最多 \(side) 像素，总计最多 \(megapixels) 百万像素。"
        case .tooManyFrames(let most): "视频超过 \(most) 帧。"
        case .tooManyTracks(let allowed): "文件中的流过多，最多允许 \(allowed) 条。"
        case .resultTooLarge: "转换结果会超过允许的大小。"
        case .resultLargerThanPlanned: "转换结果超出了预计的大小，已停止。"
        case .tooMuchMemory: "处理该文件所需的内存超过限制。"
        case .tooMuchTime(let minutes): "处理该文件的时间超过了允许的 \(minutes) 分钟。"
        case .tooMuchProcessorTime: "处理该文件占用的处理器时间超过限制。"

        case .verification: "转换结果未通过检验。"
        case .crash(let signal): "媒体程序在处理该文件时崩溃（\(signal)）。"
        case .noResult: "媒体程序结束，但没有给出结果。"
        case .standstill(let seconds): "处理该文件时 \(seconds) 秒没有进展，已停止。"
        case .forbiddenAction: "媒体程序在处理该文件时尝试了被禁止的操作，已停止。"
        case .protocolViolation: "媒体程序对该文件给出的答复无效。"
        case .unexpected: "发生意外错误，无法转换该文件。"

        case .missing: "上传的文件已不存在。"
        case .notRegular: "上传的不是普通文件。"
        case .outsideStorage: "文件的路径指向站点存储目录之外。"
        case .changed: "上传的文件在转码期间被更改。"
        case .cancelled: "该文件的转码已取消。"

        case .diskFull: "磁盘已满。"
        case .noRoom(let need, let free, let reserve, let promised):
            "磁盘空间不足：最多需要 \(ByteSize.text(need))，可用 \(ByteSize.text(free))，其中保留 \(ByteSize.text(reserve))"
                + (promised > 0 ? "，已分配给进行中的任务 \(ByteSize.text(promised))。" : "。")
        case .diskError: "无法读写磁盘。"
        case .storageUnavailable: "站点的存储不可用。"
        case .sourceInaccessible: "运行转码服务的主机无法打开或读取该文件。"
        case .foldersMissing(let paths): "所有排队的文件都在等待缺失的目录：\(paths)。"
        case .machineOutOfMemory: "处理该文件时主机内存不足。"
        case .noThreads: "运行转码服务的主机没有可用的线程。"
        case .ffmpegTooOld(let why): "主机上的 FFmpeg 比构建 transcoder 时使用的版本旧：\(why)。"
        case .ffmpegLacks(let what): "主机上的 FFmpeg 缺少：\(what)。"
        case .programUnusable: "转码服务无法启动媒体程序。"
        case .programKilled: "媒体程序在处理该文件时被外部终止。"
        case .databaseUnreachable: "无法连接数据库。"
        case .drained: "转码该文件时服务被停止。"
        case .takenOver: "另一个转码服务已接管该文件。"
        case .interrupted(let times): "该文件的转码被中断了 \(times) 次。"
        }
    }

    static func sentence(_ remark: Remark) -> String {
        switch remark {
        case .cutShort(let converted, let promised):
            "文件不完整：\(seconds(promised)) 秒中只转换了 \(seconds(converted)) 秒。"
        case .unsupported(let part, let codec): "缺少\(name(part))：不支持其编码（\(short(codec))）。"
        case .undecodable(let part, let codec): "缺少\(name(part))：已损坏，无法解码（\(short(codec))）。"
        case .replaced(let part, let codec): "使用了另一条\(name(part))轨道：首选的轨道无法解码（\(short(codec))）。"
        case .leftOutFrom(let part, let codec, let time):
            "从第 \(seconds(time)) 秒起，\(name(part))转到另一条轨道，该部分未包含在内（\(short(codec))）。"
        case .joined(let time): "从第 \(seconds(time)) 秒起文件转到其他轨道，已将它们连接起来。"
        case .earlier(let text): text
        }
    }

    private static func name(_ part: Remark.Part) -> String {
        switch part {
        case .picture: "视频"
        case .sound: "音频"
        }
    }
}
