internal import CFFmpeg

/// Passes a dictionary of options to one call and frees what is left in it.
func withOptions<Result>(
    _ options: [String: String], _ body: (inout OpaquePointer?) throws -> Result
) rethrows -> Result {
    var dictionary: OpaquePointer?
    for (key, value) in options { av_dict_set(&dictionary, key, value, 0) }
    defer { av_dict_free(&dictionary) }
    return try body(&dictionary)
}
