extension DefaultCommands {
    /// Python. Its test runners execute the project's own code, which is why they run confined only (SECURITY R17).
    static let python = #"""
          - name: versions
            run: [[python, python3, node, go, cargo, rustc, npm, pnpm, yarn, make, swift, swiftc, rg, ruby, java],
              ["--version", "-V"]]
            verdict: allow
            reason: "the version of a program is no secret"
            examples:
              match: ["python3 --version", "node --version"]
              not_match: ["python3", "python3 x.py", "python3 -c x", "python3 -V x.py", "node -e 1"]

          - name: json check
            run: [[python, python3], "-m", json.tool]
            flags: ["--sort-keys", "--no-ensure-ascii", "--json-lines", "--compact", "--tab", "--no-indent", "--indent <number>"]
            # A second operand would be written.
            operands: ["<path>"]
            verdict: allow
            reason: "checking a JSON document prints to the output only"
            examples:
              match: ["python -m json.tool package.json", "python3 -m json.tool --sort-keys a.json"]
              not_match: ["python -m json.tool a.json b.json", "python -mjson.tool a", "python -m json.tools a",
                "python -I -m json.tool /etc/passwd", "python -m json.tool /etc/x.json"]

          - name: python tests
            run: [[python, python3], "-m", [pytest, unittest]]
            flags: any
            operands: any
            verdict: allow
            reason: "tests execute the project's code, confined and without a network"
            writes: [.pytest_cache, .hypothesis, htmlcov]
            examples:
              match: ["python -m pytest", "python3 -m pytest -v tests", "python -m unittest discover"]
              not_match: ["python -m timeit x", "python -m pdb a.py", "python -m runpy a", "python -m pip install .",
                "python -m http.server", "python tests/run.py", "python -c 'import pytest'", "python -X dev -m pytest"]

          - name: pytest
            run: [pytest]
            flags: any
            operands: any
            verdict: allow
            reason: "tests execute the project's code, confined and without a network"
            writes: [.pytest_cache, .hypothesis, htmlcov]
            examples:
              match: ["pytest", "pytest -q tests/test_a.py"]
              not_match: ["py.test", "python pytest"]

          - name: pip list
            run: [[pip, pip3], list]
            flags: ["--format=columns|freeze|json", "-o", "--outdated", "-v", "--verbose", "--local", "--user",
              "--not-required", "--disable-pip-version-check", "--no-color", "-q", "--quiet"]
            verdict: allow
            reason: "listing packages runs pip's own code, confined and without a network"
            examples:
              match: ["pip list", "pip list --format=json", "pip3 list --outdated"]
              not_match: ["pip install x", "pip list --path /etc", "pip --python /tmp/p list", "pip list --log x",
                "pip list -i http://x", "pip list --index-url=http://x", "pip list --cache-dir x", "pip --isolated install x",
                "pip list --log=x", "pip download x", "pip config list", "pip list --pre-release",
                # Here it stands for --find-links.
                "pip list -f http://x"]

          - name: pip show
            run: [[pip, pip3], show]
            flags: ["-f", "--files", "-v", "--verbose", "--disable-pip-version-check", "--no-color", "-q", "--quiet"]
            operands: ["<word>..."]
            verdict: allow
            reason: "showing packages runs pip's own code, confined and without a network"
            examples:
              match: ["pip show requests", "pip3 show -f flask"]
              not_match: ["pip show --log x y", "pip show --index-url=http://x y"]

          - name: pip module list
            run: [[python, python3], "-m", pip, [list, "--version"]]
            flags: ["--format=columns|freeze|json"]
            verdict: allow
            reason: "listing packages runs pip's own code, confined and without a network"
            examples:
              match: ["python -m pip list", "python3 -m pip --version"]
              not_match: ["python -m pip install x", "python -m pip --python x list", "python -m pip list -f x"]

          - name: pip module show
            run: [[python, python3], "-m", pip, show]
            flags: ["-f", "--files"]
            operands: ["<word>..."]
            verdict: allow
            reason: "showing packages runs pip's own code, confined and without a network"
            examples:
              match: ["python3 -m pip show requests"]
              not_match: ["python -m pip show --log=x y"]

          - name: pip version
            run: [[pip, pip3], ["--version", "-V"]]
            verdict: allow
            reason: "the version of a program is no secret"
            examples:
              match: ["pip --version"]
              not_match: ["pip", "pip install --version", "pip --version x"]

        """#
}
