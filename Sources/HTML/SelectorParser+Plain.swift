extension SelectorParser {
    /// Those without parentheses.
    ///
    /// - Returns: `nil` for a name that is not known.
    static func plain(_ name: String) throws(SelectorError) -> [Selector.Test]? {
        switch name {
        case "root": return [.root]
        case "empty": return [.empty]
        case "first-child": return [.nth(.init(step: 0, offset: 1))]
        case "last-child": return [.nth(.init(step: 0, offset: 1, isFromEnd: true))]
        case "first-of-type": return [.nth(.init(step: 0, offset: 1, isOfType: true))]
        case "last-of-type": return [.nth(.init(step: 0, offset: 1, isFromEnd: true, isOfType: true))]
        case "only-child": return [.onlyChild]
        case "only-of-type": return [.onlyOfType]
        // What only a person at a screen brings about, and nobody sits there.
        case "active", "current", "focus", "focus-visible", "focus-within", "future", "host", "hover", "local-link",
            "past", "paused", "playing", "target", "target-within", "user-invalid", "visited":
            return [.never]
        case "scope": return [.root]
        default:
            guard let text = states[name] else { return nil }
            return [.isAny(try Selector(text))]
        }
    }

    /// States of links and forms, said in selectors that look at attributes.
    private static let states: [String: String] = {
        let fields = "input, button, select, textarea"
        let disabled =
            ":is(\(fields), fieldset, optgroup, option)[disabled], optgroup[disabled] > option, "
            + "fieldset[disabled] > :is(\(fields), fieldset), "
            + "fieldset[disabled] > :not(legend:nth-of-type(1)) :is(\(fields), fieldset), "
            + ":is(select[disabled], fieldset[disabled] > select, "
            + "fieldset[disabled] > :not(legend:nth-of-type(1)) select) :is(optgroup, option)"
        return [
            "link": ":is(a, area)[href]",
            "any-link": ":is(a, area)[href]",
            "checked": ":is(input[type=checkbox], input[type=radio])[checked], option[selected]",
            "disabled": disabled,
            "enabled": ":is(\(fields), fieldset, optgroup, option):not(\(disabled))",
            "required": ":is(input, select, textarea)[required]",
            "optional": ":is(input, select, textarea):not([required])",
            "read-write": ":is(textarea, input:is(:not([type]), [type=''], [type=date], [type=datetime-local], "
                + "[type=email], [type=month], [type=number], [type=password], [type=search], [type=tel], [type=text], "
                + "[type=time], [type=url], [type=week])):not([readonly], :is(\(disabled))), "
                + ":is([contenteditable=''], [contenteditable='true' i])",
        ]
    }()
}
