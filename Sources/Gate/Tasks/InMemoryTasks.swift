internal import ToolKit

/// The tasks of the in-memory twin.
struct InMemoryTasks {
    private struct Entry {
        var task: AgentTask
        var steps: [TaskStep]
    }

    /// In the order they came; the place of a task is its cursor.
    private var entries: [Entry?] = []
    private var places: [String: Int] = [:]

    mutating func insert(_ task: AgentTask, _ steps: [TaskStep]) -> Bool {
        guard places[task.id] == nil else { return false }
        places[task.id] = entries.count
        entries.append(Entry(task: task, steps: steps))
        return true
    }

    private func entry(_ id: String) -> Entry? { places[id].flatMap { entries[$0] } }

    func task(_ id: String) -> AgentTask? { entry(id)?.task }

    func steps(of id: String) -> [TaskStep] { entry(id)?.steps ?? [] }

    mutating func change(_ task: AgentTask, _ steps: [TaskStep]) -> Bool {
        guard let place = places[task.id], entries[place]?.task.revision == task.revision else { return false }
        entries[place]?.task = task
        entries[place]?.task.revision += 1
        for step in steps {
            if let index = entries[place]?.steps.firstIndex(where: { $0.number == step.number }) {
                entries[place]?.steps[index].facts = step.facts
                entries[place]?.steps[index].result = step.result
            } else {
                entries[place]?.steps.append(step)
            }
        }
        return true
    }

    func page(_ query: TaskQuery) -> TaskPage {
        var page = TaskPage(listings: [], next: nil)
        var room = TaskQuery.pageBytes
        var last: Int?
        for place in entries.indices.reversed() {
            guard query.before.map({ place < $0 }) ?? true, let entry = entries[place],
                query.status.map({ $0 == entry.task.status }) ?? true,
                query.principal.map({ $0 == entry.task.principal }) ?? true
            else { continue }
            let steps = entry.steps.prefix(TaskQuery.listedSteps).map(\.facts)
            room -= entry.task.listedSize + steps.reduce(0) { $0 + JSONWriter.write($1.stored).count }
            guard page.listings.count < query.limit, room >= 0 || last == nil else {
                page.next = last
                break
            }
            last = place
            page.listings.append(TaskPage.Listing(task: entry.task, steps: steps))
        }
        return page
    }

    func due(at wall: Double, limit: Int) -> [String] {
        let due = entries.compactMap { $0?.task }.filter { $0.isDue(at: wall) }
        return due.sorted { $0.wakeAt < $1.wakeAt }.prefix(limit).map(\.id)
    }

    func load(of principal: String) -> TaskLoad {
        let all = entries.compactMap { $0?.task }
        let own = all.filter { $0.principal == principal }
        return TaskLoad(
            tasks: all.count { !$0.status.isFinished }, bytes: all.reduce(0) { $0 + $1.size },
            ofPrincipal: own.count { !$0.status.isFinished }, bytesOfPrincipal: own.reduce(0) { $0 + $1.size })
    }

    /// - Returns: Ids of what was removed.
    mutating func removeFinished(changedBefore wall: Double, of principal: String?, limit: Int) -> Set<String> {
        let finished = entries.compactMap { $0?.task }.filter { task in
            task.status.isFinished && task.updatedAt < wall && (principal == nil || task.principal == principal)
        }
        let removed = finished.sorted { $0.updatedAt < $1.updatedAt }.prefix(limit).map(\.id)
        for id in removed {
            guard let place = places.removeValue(forKey: id) else { continue }
            entries[place] = nil
        }
        return Set(removed)
    }
}
