/// The policy of a home without a `policy.yaml`; also what a new home is given to start from.
package enum DefaultPolicy {
    /// Loaded by the same strict reader as any other, its examples included.
    package static let yaml = places + DefaultCommands.yaml

    /// The rules about places, read once.
    static let rules = Result<[PathRule], FileProblem> { () throws(FileProblem) in
        try PolicyDecoder.decode(Array(places.utf8)).paths ?? []
    }

    private static let places = """
        # Rules about places in the workspace. docs/configuration.md describes every field.
        #
        # Verdicts are ordered allow < ask < deny, and the strictest rule that matches wins. A place that no rule
        # speaks of is allowed. Whatever stands here, .git is never written and the daemon's own files are out of reach.
        version: 1

        paths:
          - name: secrets
            match: [".env", ".env.*", "*.env", ".envrc", "secrets.yml", "secrets.yaml", "secrets.json"]
            except: [".env.example", ".env.sample", ".env.template", ".env.dist", "example.env", "sample.env"]
            read: ask
            write: deny
            reason: "environment files hold passwords and tokens, and what an agent reads can leave the machine"
            examples:
              match: [".env", "app/.env.local", "deploy/prod.env", ".ENV"]
              not_match: [".env.example", "src/env.ts", "environment.md"]

          - name: keys
            match:
              - "*.pem"
              - "*.key"
              - "*.p12"
              - "*.pfx"
              - "*.jks"
              - "*.keystore"
              - "*.kdbx"
              - "*.ppk"
              - "id_rsa"
              - "id_dsa"
              - "id_ecdsa"
              - "id_ecdsa_sk"
              - "id_ed25519"
              - "id_ed25519_sk"
            read: ask
            write: deny
            reason: "private keys open other machines"
            examples:
              match: ["certs/server.pem", "id_rsa", "backup/id_ed25519", "vault.kdbx", "tls/Server.KEY"]
              not_match: ["id_rsa.pub", "src/keys.ts", "src/id_card.py", "docs/pem.md"]

          - name: credentials
            match:
              - ".ssh"
              - ".aws"
              - ".azure"
              - ".gnupg"
              - ".kube"
              - ".config/gcloud"
              - ".docker/config.json"
              - ".npmrc"
              - ".yarnrc.yml"
              - ".netrc"
              - "_netrc"
              - ".pypirc"
              - ".pgpass"
              - ".my.cnf"
              - ".htpasswd"
              - ".git-credentials"
              - ".terraformrc"
              - "*.tfstate"
              - "*.tfstate.backup"
            read: ask
            write: deny
            reason: "these files sign in to other services"
            examples:
              match: [".aws/credentials", "home/.ssh/config", ".npmrc", "infra/terraform.tfstate", ".git-credentials"]
              not_match: ["src/aws/client.ts", "docs/ssh.md", ".gitignore"]

          - name: runs elsewhere
            match:
              - ".github/workflows"
              - ".github/actions"
              - ".gitlab-ci.yml"
              - ".gitlab/ci"
              - ".circleci"
              - ".buildkite"
              - ".travis.yml"
              - "azure-pipelines.yml"
              - "bitbucket-pipelines.yml"
              - "Jenkinsfile"
              - ".husky"
              - ".githooks"
              - ".pre-commit-config.yaml"
              - "lefthook.yml"
              - ".lefthook.yml"
            write: ask
            reason: "build servers and hooks run these files with rights that the agent does not have"
            examples:
              match: [".github/workflows/ci.yml", ".gitlab-ci.yml", ".husky/pre-commit", "Jenkinsfile"]
              not_match: [".github/CODEOWNERS", "docs/github/workflows/notes.md", "src/husky.ts"]

          - name: runs on opening
            match: [".vscode", ".idea", ".devcontainer", ".envrc", ".mcp.json", ".cursor", ".claude"]
            write: ask
            reason: "editors and agents run what these files say as soon as somebody opens the folder"
            examples:
              match: [".vscode/tasks.json", "app/.idea/workspace.xml", ".mcp.json", ".devcontainer/devcontainer.json"]
              not_match: ["src/vscode/extension.ts", "idea.md"]

        """
}
