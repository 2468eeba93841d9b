/// The payload of CONFIGURE.
enum ConfigureRequest {
    /// How often running calls are measured.
    static let watchMilliseconds: UInt32 = 50

    static func payload(
        for profile: Profile, system: SystemLayout, prepared: Int, spareMemory: UInt64
    ) -> [UInt8] {
        let wall = InnerWall(profile, system: system)
        var (user, group): (UInt32, UInt32) = (0, 0)
        if case .other(let otherUser, let otherGroup, _) = profile.runAs { (user, group) = (otherUser, otherGroup) }
        var writer = FrameWriter()
        writer.add(
            UInt32(
                (profile.internetSockets ? 1 : 0) | (profile.terminals ? 2 : 0) | (profile.unixSockets ? 8 : 0)
                    | (profile.layers == nil ? 0 : 16)))
        writer.add(watchMilliseconds)
        writer.add(user)
        writer.add(group)
        // What calls see as their own.
        writer.add(UInt32(1_000))
        writer.add(UInt32(1_000))
        writer.add(UInt32(wall.readable.count))
        writer.add(UInt32(wall.writable.count))
        writer.add(UInt32(wall.scratch.count))
        writer.add(UInt32(wall.kept.count))
        writer.add(UInt32(min(prepared, Frame.preparedLimit)))
        writer.add(UInt32(profile.landmarks.count))
        writer.add(spareMemory)
        writer.add(block: wall.readable)
        writer.add(block: wall.writable)
        writer.add(block: wall.scratch.map(\.path))
        for folder in wall.scratch {
            writer.add(profile.scratch.bytes)
            writer.add(profile.scratch.files)
            writer.add(folder.mode)
        }
        writer.add(block: wall.kept)
        writer.add(block: profile.landmarks.map(\.path))
        for landmark in profile.landmarks {
            writer.add(landmark.identity?.device ?? 0)
            writer.add(landmark.identity?.inode ?? 0)
            writer.add(landmark.identity?.madeAt ?? 0)
        }
        return writer.bytes
    }
}
