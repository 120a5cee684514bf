// Parts of FFmpeg's C API that Swift cannot express: macros, variadic callbacks, and fields that moved between 5.1 and today.
#pragma once
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>
#include <libavutil/pixdesc.h>

#if LIBAVCODEC_VERSION_INT < AV_VERSION_INT(59, 37, 0)
#error "FFmpeg 5.1 or later is needed."
#endif

// Constants that are macros.
static const int64_t shim_nopts = AV_NOPTS_VALUE;
static const int shim_error_eof = AVERROR_EOF;
static const int shim_error_again = AVERROR(EAGAIN);
static const int shim_error_invalid_data = AVERROR_INVALIDDATA;
static const int shim_error_external = AVERROR_EXTERNAL;
static const int shim_error_no_memory = AVERROR(ENOMEM);
static const int shim_error_no_space = AVERROR(ENOSPC);
static const int shim_error_file_too_big = AVERROR(EFBIG);
static const int shim_error_io = AVERROR(EIO);
static const int shim_error_denied = AVERROR(EACCES);
static const int shim_error_patch_welcome = AVERROR_PATCHWELCOME;
static const int shim_error_not_implemented = AVERROR(ENOSYS);
static const int shim_error_no_decoder = AVERROR_DECODER_NOT_FOUND;
static const int shim_error_experimental = AVERROR_EXPERIMENTAL;
static inline int shim_error(int number) { return AVERROR(number); }

// The log: FFmpeg's callback takes a va_list. Error lines of all threads are kept in a small ring buffer.
void shim_log_start(void);
/// Copies the last lines, oldest first, separated by newlines, and always ends with NUL. Returns the bytes copied.
size_t shim_log_copy(char *buffer, size_t capacity);
/// The number of lines since the last clearing.
size_t shim_log_total(void);
/// Whether a demuxer with as many streams as it may have has reported an error since the last clearing.
int shim_log_saw_full_demuxer(void);
void shim_log_clear(void);

// Input and output through callbacks; the write callback's buffer became const in FFmpeg 7.
typedef int (*shim_read)(void *opaque, uint8_t *buffer, int size);
typedef int (*shim_write)(void *opaque, const uint8_t *buffer, int size);
typedef int64_t (*shim_seek)(void *opaque, int64_t offset, int whence);
AVIOContext *shim_io_open(void *opaque, int buffer_size, shim_read read, shim_write write, shim_seek seek);
void shim_io_free(AVIOContext **context);

// Frame fields that became flags in FFmpeg 6.1.
int shim_frame_is_interlaced(const AVFrame *frame);
int shim_frame_is_key(const AVFrame *frame);
void shim_frame_set_progressive(AVFrame *frame);
void shim_frame_set_interlaced(AVFrame *frame, int top_field_first);
/// In the frame's time base; 0 if unknown.
int64_t shim_frame_duration(const AVFrame *frame);
void shim_frame_set_duration(AVFrame *frame, int64_t duration);

/// Side data of a stream, which moved to its codec parameters in FFmpeg 6.1. NULL if there is none.
const uint8_t *shim_stream_side_data(const AVStream *stream, enum AVPacketSideDataType type, size_t *size);

/// Removes what a copy of codec parameters brought along since FFmpeg 6.1, where they hold the stream's side data.
void shim_parameters_drop_side_data(AVCodecParameters *parameters);

/// Copies side data of one type from a stream to another, if there is any. Returns a negative code on failure.
int shim_stream_copy_side_data(AVStream *to, const AVStream *from, enum AVPacketSideDataType type);

/// The colours of a buffer source became part of its negotiation in FFmpeg 7.
void shim_source_set_color(AVBufferSrcParameters *parameters, enum AVColorSpace space, enum AVColorRange range);

/// Sets a channel layout to the default for this number of channels.
static inline void shim_layout_default(AVChannelLayout *layout, int channels) {
    av_channel_layout_uninit(layout);
    av_channel_layout_default(layout, channels);
}
