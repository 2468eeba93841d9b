internal import CPlatform

/// The folder that a call ran in, held open after its end. Where it was mounted is gone with the call, so nobody else can
/// reach it any more, and when the last one lets go of this its memory is free.
///
/// What is in it was made by the program: every name, kind and size is its choice.
package final class LentFolder: Sendable {
    /// Open for reading; closed with this object.
    package let descriptor: Int32

    /// - Parameter descriptor: Open, and owned by this object from now on.
    package init(owning descriptor: Int32) { self.descriptor = descriptor }

    deinit { _ = cp_close(descriptor) }
}
