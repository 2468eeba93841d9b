/// False credentials as programs find them.
package struct PlantedCredentials: Sendable, Hashable {
    /// Where the folder is found in the home of a program. No program picks them up from there unasked: they belong to a
    /// profile that has to be named.
    package static let place = "/home/sandbox/.aws"

    /// A folder of the daemon's own, readable for whoever gets to it.
    package let folder: String
    /// Variables that no program has a use for.
    package let environment: [String: String]

    package init(folder: String, environment: [String: String]) {
        (self.folder, self.environment) = (folder, environment)
    }
}
