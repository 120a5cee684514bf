internal import Jobs
internal import Objects

extension Verdict {
    /// What a failed call on the disk means for the file.
    init(_ error: ObjectError) {
        let detail = "\(error)"
        switch error {
        case .missing: self.init(.sourceMissing, "The uploaded file is not there any more.", detail: detail)
        case .badPath: self.init(.sourceNotRegular, "The file's path does not stay within the site's storage.", detail: detail)
        case .notRegular(_, let kind):
            self.init(.sourceNotRegular, "What was uploaded is \(kind), not a file.", detail: detail)
        case .noSpace: self.init(.diskFull, "There is no room left on the disk.", detail: detail)
        case .denied, .unavailable:
            self.init(.hostFault, "The site's storage cannot be reached; it will be tried again.", detail: detail)
        case .io where error.isOfMachine:
            self.init(.hostFault, "The worker's machine could not open or read the file now; it will be tried again.", detail: detail)
        case .exists, .noFolder, .io:
            self.init(.io, "The disk could not be read or written.", detail: detail)
        }
    }
}
